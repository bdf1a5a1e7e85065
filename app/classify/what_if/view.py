"""The page "What if": what is changed, in the address, and what the engine makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ali5.errors import Ali5Error
from ali5.pictures.edits import RANGES, STRIDES, Edits, edit, prepare_edited, prepare_many, sweep

from ... import address, engine
from ...canvas.seen import seen_picture
from ...choose.choice import Choice
from ...engine import Picture
from ...engine.cache import ByteCache
from .in_address import read_changes, read_paint

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.tracing.interventions import Intervention
    from ali5.tracing.trace import Trace

HALVES = ("network", "picture")

NO_CURVE = "none"

NAMES = {"crop_right": "cropx", "crop_down": "cropy"}
"""What some numbers of the edits are called in the address."""

OPENING = {
    "half": "network",
    "step": "",
    "later": "",
    "change": "",
    "paint": "",
    "grey": "no",
    "curve": "turn",
    "rank": "",
    **{NAMES.get(name, name): f"{getattr(Edits(), name):g}" for name in RANGES},
}
"""Every choice of the page that lives in its address, and what it is when that says nothing."""

INSIDE = ("step", "later", "change", "rank")
"""The choices that make no sense any more when the network changes."""

KEPT_BYTES = 20_000_000
"""Of curves, and likewise of rankings, kept in memory for all visitors together."""

SWEEP_MULTIPLY_ADDS = 30_000_000_000
"""A curve gets fewer points rather than cost more than this."""

PREVIEW = "what-if-preview"
"""In the session, the choices while a control is dragged."""


@dataclass(frozen=True)
class Settings:
    """What is set on the page.

    Attributes:
        half: "network" or "picture": which of the two is being changed.
        step: The step that is looked at.
        later: A second one.
        changes: What is changed in the network.
        edits: What is done to the picture.
        curve: Which number of the edits the curve goes through; "none" for no curve.
        rank: Whether it is asked which channel of `step` matters most.
    """

    half: str
    step: str
    later: str
    changes: tuple[Intervention, ...]
    edits: Edits
    curve: str
    rank: bool


@dataclass(frozen=True, eq=False)
class Findings:
    """What the engine made of it.

    Attributes:
        before: The picture's way through the network.
        after: The edited picture's way through the changed network; `before` itself if nothing is
            changed.
        seen: The picture as the network sees it, RGB, [S, S, 3].
        cropped: The same after cropping.
        edited: The same after all edits.
        refusal: Why the edits could not be made, if so.
        lost: Why there is nothing to compare, if so: a network without a graph may take other steps
            for another picture.
    """

    before: Trace
    after: Trace
    seen: NDArray[np.uint8]
    cropped: NDArray[np.uint8]
    edited: NDArray[np.uint8]
    refusal: str = ""
    lost: str = ""


@dataclass(frozen=True, eq=False)
class Curve:
    """How the answer changes while one number goes through its range.

    Attributes:
        name: Of the number.
        values: Of the number, rising.
        classes: Numbers of the classes that are followed.
        shares: [values, classes], 0..1.
    """

    name: str
    values: list[float]
    classes: list[int]
    shares: NDArray[np.float32]


@dataclass(frozen=True)
class Job:
    """Something that takes a while and is not there yet.

    Attributes:
        words: What it is, for the progress bar.
        run: Does it; given a function that is told what share of it is done, 0..1.
    """

    words: str
    run: Callable[[Callable[[float], None]], None] = field(repr=False)


# --- Settings ---------------------------------------------------------------------------------


def opening_of(before: Trace) -> dict[str, str]:
    """Return every choice as it is for a network when the address says nothing."""
    return OPENING | {"step": _first_bend(before), "later": _last_maps(before)}


def read_settings(
    before: Trace, given: Mapping[str, Any] | None = None
) -> tuple[Settings, tuple[str, ...]]:
    """Return what the address says, and a sentence for each thing that was left out.

    Args:
        before: The picture's way through the unchanged network.
        given: Choices that count instead of those in the address.
    """
    opening = opening_of(before)
    said = {
        name: (address.text(name) if given is None else str(given.get(name, ""))) or default
        for name, default in opening.items()
    }
    changes, wrong = read_changes(said["change"], before)
    paint, too_wrong = read_paint(said["paint"])
    numbers = {name: _number(said[NAMES.get(name, name)], name) for name in RANGES}
    changeable = [step.name for step in before.steps[:-1]]
    step, later = (
        said[name] if said[name] in changeable else opening[name] for name in ("step", "later")
    )
    settings = Settings(
        half=said["half"] if said["half"] in HALVES else OPENING["half"],
        step=step,
        later=later,
        changes=changes,
        edits=Edits(**numbers, grey=said["grey"] == "yes", paint=paint),
        curve=said["curve"] if said["curve"] in (*RANGES, NO_CURVE) else OPENING["curve"],
        rank=said["rank"] == "yes",
    )
    return settings, (*wrong, *too_wrong)


def _number(text: str, name: str) -> float:
    low, high, step = RANGES[name]
    default: float = getattr(Edits(), name)
    try:
        value = float(text) if len(text) < 9 else default
    except ValueError:
        return default
    return value if low <= value <= high and (value / step).is_integer() else default


def _first_bend(before: Trace) -> str:
    """Return the first step after a convolution's bend: its channels are easy to read."""
    from ali5.graph.kinds import Operation

    bends = (Operation.RELU, Operation.TANH, Operation.ACTIVATION)
    names = [step.name for step in before.steps[:-1] if step.operation in bends]
    return names[0] if names else before.steps[0].name


def _last_maps(before: Trace) -> str:
    """Return the last step that still has maps of more than one pixel."""
    maps = [step for step in before.steps if step.output.ndim == 4 and step.shape[-1] > 1]
    return (maps or before.steps)[-1 if maps else 0].name


def write_settings(sent: str, opening: Mapping[str, str]) -> None:
    """Put what the page has sent, as JSON, into the address, where it is not as in the opening."""
    st.session_state.pop(PREVIEW, None)
    texts = json.loads(sent)
    address.write(
        **{
            name: None if str(texts[name]) == default else str(texts[name])
            for name, default in opening.items()
            if name in texts
        }
    )


def write_preview(sent: str) -> None:
    """Remember what is set while a control is dragged; the address waits."""
    st.session_state[PREVIEW] = json.loads(sent)


def take_preview() -> Mapping[str, Any] | None:
    """Return what is being dragged now, if something is, and forget it."""
    preview: Mapping[str, Any] | None = st.session_state.pop(PREVIEW, None)
    return preview


# --- What the engine makes of it --------------------------------------------------------------


def find(settings: Settings, choice: Choice, picture: Picture, before: Trace) -> Findings:
    """Run the edited picture through the changed network, once for all visitors."""
    preprocessing = before.network.edition.preprocessing
    edits, refusal = possible_edits(settings.edits, picture)
    seen = np.asarray(seen_picture(picture.image, preprocessing))
    cropped, edited = seen, seen
    if not edits.is_none:
        cropped = np.asarray(seen_picture(picture.image, preprocessing, edits.part))
        photo = edit(picture.image, preprocessing, edits)
        levels = (photo * 255).round().byte().permute(1, 2, 0).numpy()
        edited = np.ascontiguousarray(np.broadcast_to(levels, seen.shape))
    after = before
    if settings.changes or not edits.is_none:
        after = engine.varied(
            before.network,
            choice.weights,
            picture,
            (edits, settings.changes),
            lambda: _changed(settings, edits, picture, before),
        )
    lost = ""
    if [(each.name, each.shape) for each in after.steps] != [
        (each.name, each.shape) for each in before.steps
    ]:
        after = before
        lost = (
            f"{before.network.architecture.title} takes other steps for this picture than for the "
            "one before, so that the two cannot be compared. Change the picture less."
        )
    return Findings(before, after, seen, cropped, edited, refusal, lost)


def possible_edits(edits: Edits, picture: Picture) -> tuple[Edits, str]:
    """Return the edits, or none and why."""
    if picture.prepared is None:
        return edits, ""
    return Edits(), "A prepared tensor was given. It is shown, but it cannot be edited."


def _changed(settings: Settings, edits: Edits, picture: Picture, before: Trace) -> Trace:
    from ali5.tracing.interventions import intervene
    from ali5.tracing.trace import trace

    with engine.slot():
        edited = before
        if not edits.is_none:
            preprocessing = before.network.edition.preprocessing
            edited = trace(before.network, prepare_edited(picture.image, preprocessing, edits))
        return intervene(edited, settings.changes)


def _key(choice: Choice, picture: Picture) -> tuple[str, ...]:
    return choice.architecture.id, choice.edition.name, choice.weights, picture.digest


_curves: ByteCache[Curve] = ByteCache(KEPT_BYTES, lambda curve: curve.shares.nbytes + 1000)
_ranks: ByteCache[NDArray[np.float32]] = ByteCache(KEPT_BYTES, lambda drops: drops.nbytes + 1000)


def _of_curve(settings: Settings, choice: Choice, picture: Picture) -> tuple[Any, ...]:
    still = replace(settings.edits, **{settings.curve: getattr(Edits(), settings.curve)})
    return (*_key(choice, picture), still, settings.curve, settings.changes)


def curve_of(settings: Settings, choice: Choice, picture: Picture) -> Curve | None:
    """Return the curve that is asked for, if it is there."""
    if settings.curve == NO_CURVE:
        return None
    return _curves.kept(_of_curve(settings, choice, picture))


def ranks_of(settings: Settings, choice: Choice, picture: Picture) -> NDArray[np.float32] | None:
    """Return by how much the share of the predicted class falls when a channel is muted, [C].

    None if it was not worked out yet.
    """
    return _ranks.kept((*_key(choice, picture), settings.step))


def job_of(settings: Settings, choice: Choice, picture: Picture, before: Trace) -> Job | None:
    """Return what is asked for and not there yet."""
    if settings.half == "network":
        there = ranks_of(settings, choice, picture) is not None
        if not settings.rank or there or refusal_of(before):
            return None
        count = before[settings.step].output.shape[1]
        return Job(
            f"Muting each of the {count:,} channels of {settings.step}",
            lambda tell: _rank(settings, choice, picture, before, tell),
        )
    if settings.curve == NO_CURVE or curve_of(settings, choice, picture) is not None:
        return None
    if possible_edits(settings.edits, picture)[1]:
        return None
    return Job(
        "Working out the curve", lambda tell: _draw_curve(settings, choice, picture, before, tell)
    )


def _rank(
    settings: Settings,
    choice: Choice,
    picture: Picture,
    before: Trace,
    tell: Callable[[float], None],
) -> None:
    import torch

    from ali5.tracing.interventions import effects

    softmax = before.steps[-1].output[0].cpu()
    best = int(softmax.argmax())
    drops = np.zeros(before[settings.step].output.shape[1], np.float32)
    running = effects(before, settings.step)
    while True:
        with engine.slot():
            found = next(running, None)
        if found is None:
            break
        channels, logits = found
        drops[list(channels)] = (softmax[best] - torch.softmax(logits, 1)[:, best]).numpy()
        tell((channels[-1] + 1) / len(drops))
    _ranks.get((*_key(choice, picture), settings.step), lambda: drops)


def _draw_curve(
    settings: Settings,
    choice: Choice,
    picture: Picture,
    before: Trace,
    tell: Callable[[float], None],
) -> None:
    import torch

    from ali5.tracing.interventions import answers

    preprocessing = before.network.edition.preprocessing
    stops = list(sweep(settings.edits, settings.curve, stride_of(settings.curve, before)))
    classes = torch.topk(before.steps[-1].output[0], min(5, len(before.network.labels))).indices
    shares: list[Tensor] = []
    for start in range(0, len(stops), 8):
        several = [edits for _, edits in stops[start : start + 8]]
        with engine.slot():
            prepared = prepare_many(picture.image, preprocessing, several)
            shares += [
                torch.softmax(logits, 1)[:, classes.cpu()]
                for logits in answers(before, prepared, settings.changes)
            ]
        tell(min(1.0, (start + 8) / len(stops)))
    curve = Curve(
        settings.curve,
        [value for value, _ in stops],
        classes.tolist(),
        torch.cat(shares).float().numpy(),
    )
    _curves.get(_of_curve(settings, choice, picture), lambda: curve)


def stride_of(name: str, before: Trace) -> float:
    """Return how far apart the points of a curve are: the finest that is not too costly."""
    low, high, _ = RANGES[name]
    once = max(1, before.network.edition.multiply_adds)
    fine = (
        stride for stride in STRIDES[name] if (high - low) / stride * once <= SWEEP_MULTIPLY_ADDS
    )
    return next(fine, STRIDES[name][-1])


def refusal_of(before: Trace) -> str:
    """Say why the network cannot be changed; "" if it can."""
    from ali5.tracing.interventions import Intervention, check_intervention

    try:
        check_intervention(before, Intervention(before.steps[0].name, "mute"))
    except Ali5Error as error:
        return str(error)
    return ""
