"""One change of what a step of a network gives. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["mute", "keep", "double", "invert"]


@dataclass(frozen=True)
class Intervention:
    """One change of what a step gave.

    Every kind multiplies whole channels by a number: 0, 1, 2 or −1. So several changes can be made
    in any order and come to the same.

    Attributes:
        step: Whose output is changed.
        kind: "mute" sets to zero, "keep" mutes everything else, "double" multiplies by two,
            "invert" turns the sign.
        channels: Numbers of the channels, or of the units of a vector; None for all.
        into: Name of the one step that sees the change; None if all that read `step` do. With
            "keep" and all channels, everything else that this step reads is muted.
    """

    step: str
    kind: Kind
    channels: tuple[int, ...] | None = None
    into: str | None = None

    def __post_init__(self) -> None:
        if self.channels is not None:
            object.__setattr__(self, "channels", tuple(sorted(set(self.channels))))
