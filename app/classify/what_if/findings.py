"""What the engine makes of the changes on the page "What if". No Streamlit.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ali5.errors import Ali5Error
from ali5.pictures.edits import RANGES, STRIDES, Edits, edit, prepare_edited, prepare_many, sweep

from ... import engine
from ...canvas.seen import seen_picture
from ...choose.choice import Choice
from ...engine import Picture
from ...engine.cache import ByteCache
from .settings import NO_CURVE, Settings

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.tracing.trace import Trace

SWEEP_MULTIPLY_ADDS = 30_000_000_000
"""A curve gets fewer points rather than cost more than this."""


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
    if after.device.type != before.device.type:  # there was room on its device for one of them
        before, after = (
            each if each.device.type == "cpu" else each.on_cpu for each in (before, after)
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


_curves: ByteCache[Curve] = ByteCache(lambda curve: curve.shares.nbytes + 1000)
_ranks: ByteCache[NDArray[np.float32]] = ByteCache(lambda drops: drops.nbytes + 1000)


def _of_curve(settings: Settings, choice: Choice, picture: Picture) -> tuple[Hashable, ...]:
    still = replace(settings.edits, **{settings.curve: getattr(Edits(), settings.curve)})
    return (*engine.key_of(*choice.key, picture), still, settings.curve, settings.changes)


def curve_of(settings: Settings, choice: Choice, picture: Picture) -> Curve | None:
    """Return the curve that is asked for, if it is there."""
    if settings.curve == NO_CURVE:
        return None
    return _curves.kept(_of_curve(settings, choice, picture))


def ranks_of(settings: Settings, choice: Choice, picture: Picture) -> NDArray[np.float32] | None:
    """Return by how much the share of the predicted class falls when a channel is muted, [C].

    None if it was not worked out yet.
    """
    return _ranks.kept((*engine.key_of(*choice.key, picture), settings.step))


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
    _ranks.get((*engine.key_of(*choice.key, picture), settings.step), lambda: drops)


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
