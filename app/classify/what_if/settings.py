"""What is set on the page "What if", as the address has it. No Streamlit, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ali5.door import as_text, in_text, json_of, number, one_of, read, record, text
from ali5.graph.kinds import Operation
from ali5.pictures.edits import RANGES, Edits

from ...explore.settings import STEP
from .in_address import JOINT, MOST_LETTERS, read_changes, read_paint, write_change, write_paint

if TYPE_CHECKING:
    from ali5.tracing.intervention import Intervention
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

SENT = json_of(
    record(
        {NAMES.get(name, name): as_text(number(*range_)) for name, range_ in RANGES.items()}
        | {
            "half": one_of(HALVES),
            "step": STEP,
            "later": STEP,
            "change": text(MOST_LETTERS),
            "paint": text(2 * MOST_LETTERS),
            "grey": one_of(("yes", "no")),
            "curve": one_of((*RANGES, NO_CURVE)),
            "rank": one_of(("yes", "")),
        }
    )
)
"""What the browser may send: every choice as the address has it; paint is too long while it is
painted, and cut."""


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


def opening_of(before: Trace) -> dict[str, str]:
    """Return every choice as it is for a network when the address says nothing."""
    return OPENING | {"step": _first_bend(before), "later": _last_maps(before)}


def settings_of(before: Trace, texts: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """Return what is set, and a sentence for each thing that was left out.

    Args:
        before: The picture's way through the unchanged network.
        texts: Choices as the address has them; what they do not say is as at first.
    """
    opening = opening_of(before)
    said = {name: texts.get(name, "") or default for name, default in opening.items()}
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
    default: float = getattr(Edits(), name)
    return read(in_text(number(*RANGES[name])), text, default)


def _first_bend(before: Trace) -> str:
    """Return the first step after a convolution's bend: its channels are easy to read."""
    bends = (Operation.RELU, Operation.TANH, Operation.ACTIVATION)
    names = [step.name for step in before.steps[:-1] if step.operation in bends]
    return names[0] if names else before.steps[0].name


def _last_maps(before: Trace) -> str:
    """Return the last step that still has maps of more than one pixel."""
    maps = [step for step in before.steps if step.output.ndim == 4 and step.shape[-1] > 1]
    return (maps or before.steps)[-1 if maps else 0].name


def settings_as_sent(settings: Settings) -> dict[str, str]:
    """Return every choice as the address has it."""
    edits = settings.edits
    return {
        "half": settings.half,
        "step": settings.step,
        "later": settings.later,
        "change": JOINT.join(write_change(each) for each in settings.changes),
        "paint": write_paint(edits.paint),
        "grey": "yes" if edits.grey else "no",
        "curve": settings.curve,
        "rank": "yes" if settings.rank else "",
        **{NAMES.get(name, name): f"{getattr(edits, name):g}" for name in RANGES},
    }
