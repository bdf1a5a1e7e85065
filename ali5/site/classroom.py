"""A class on one computer: what learners may do, and the key that lifts it for their teacher."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from ali5.known.records import Architecture, Edition

from .guard.names import is_of_this_computer
from .settings import Settings

SECONDS_OF_A_MINUTE = 20.0
"""So long a learner may keep the engine busy within a minute."""

LESSON_SECONDS = 120.0
"""So long a learner's training computes before it pauses; it can be started again."""


@dataclass
class Classroom:
    """The rules of this process. Without a class there are none.

    Attributes:
        is_on: Whether it serves a class.
        key: Opens the teacher's part; "" while it is off.
        is_alone: Whether the site is served to this computer only.
        is_open: Whether the teacher lets everybody download weights and bring their own.
        is_unhurried: Whether the teacher lets everybody compute as long as they like.
    """

    is_on: bool = False
    key: str = ""
    is_alone: bool = True
    is_open: bool = False
    is_unhurried: bool = False

    def begin(self, settings: Settings) -> None:
        """Take over what is set, with the switches off; a key that is not set is a new one."""
        self.is_on = settings.classroom
        self.key = (settings.teacher_key or secrets.token_urlsafe(9)) if self.is_on else ""
        self.is_alone = is_of_this_computer(settings.host)
        self.is_open = self.is_unhurried = False

    @property
    def lets_bring(self) -> bool:
        """Whether everybody may download weights and bring their own."""
        return not self.is_on or self.is_open

    @property
    def lets_compute(self) -> bool:
        """Whether everybody may compute for as long as it takes."""
        return not self.is_on or self.is_unhurried

    def editions_of(self, known: Architecture) -> Mapping[str, Edition]:
        """Return what there is of a network for a learner, by name.

        torchvision's own are large, and there for weights that are downloaded.
        """
        if self.lets_bring:
            return known.editions
        return {name: each for name, each in known.editions.items() if name != "torchvision"}

    def opens(self, key: str) -> bool:
        """Tell whether this is the teacher's key."""
        return self.is_on and hmac.compare_digest(key.encode(), self.key.encode())


CLASSROOM = Classroom()
"""The class that this process serves."""


def why_unreachable() -> str:
    """Say why no learner can reach the site."""
    if CLASSROOM.is_alone:
        return (
            "This site is served to this computer only (see --host): learners reach it through a "
            "server that passes them on, or not at all."
        )
    return (
        "This computer is in no network now, so nobody else can reach it: connect it to the "
        "network of the class."
    )


def way_in(url: str) -> str:
    """Return the address of the teacher's part.

    Args:
        url: Of the site, as it ends in "/".
    """
    return f"{url}class?key={CLASSROOM.key}"
