"""How deep a visitor is in a network: the overview, one layer, one unit of it."""

from __future__ import annotations

from dataclasses import dataclass

from .. import address
from ..engine import Passage, StepFacts


@dataclass(frozen=True, eq=False)
class View:
    """What is looked at.

    Attributes:
        step: The layer; None at the overview.
        channel: The channel or unit of it; None above the third depth.
    """

    step: StepFacts | None
    channel: int | None


def read_view(passage: Passage) -> View:
    """Return what the address says; what does not exist is left out."""
    names = [step.name for step in passage.steps]
    name = address.read("step", names, "")
    if not name:
        return View(None, None)
    step = passage[name]
    channel = address.read_number("channel", step.shape[1], -1)
    return View(step, None if channel < 0 else channel)


def open_step(name: str) -> None:
    """Go to a layer."""
    address.write(step=name, channel=None, at=None, pins=None)


def open_channel(number: int) -> None:
    """Go to one channel or unit of the layer."""
    address.write(channel=number, at=None)


def open_channel_of(step: str, number: int) -> None:
    """Go to one channel or unit of another layer."""
    address.write(step=step, channel=number, at=None, pins=None)


def open_unit(step: str, channel: int, row: int, column: int) -> None:
    """Go to one number of one layer."""
    before = address.text("step")
    pins = {} if step == before else {"pins": None}
    address.write(step=step, channel=channel, at=f"{row}.{column}", **pins)
