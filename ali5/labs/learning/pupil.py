"""A lesson from outside: it is told what to do, and tells how far it is.

It can be pickled, and goes on elsewhere as it would have gone on here.
"""

from __future__ import annotations

import math
import pickle
import time

from ali5.labs.learning.lesson import Lesson, Snapshot
from ali5.labs.learning.plan import Told as Told

TELL_S = 0.2
"""How often, while it learns, there is a new snapshot."""


class Pupil:
    """Learns what it is told to.

    Args:
        lesson: Nobody else goes on with it.
    """

    def __init__(self, lesson: Lesson) -> None:
        self._lesson = lesson
        self._told = -math.inf

    def learn(
        self, rate: float, batch: int, epochs: float = math.inf, seconds: float = 0.0
    ) -> Told:
        """Go on for a while, and validate when it is time to.

        Args:
            rate: Learning rate.
            batch: Pictures of a batch.
            epochs: No batch is begun after so many, but the first one.
            seconds: Nor after so many of these.
        """
        began, lesson = time.monotonic(), self._lesson
        until = began + seconds
        lesson.go_on(rate, batch)
        while time.monotonic() < until and lesson.epochs < epochs and not lesson.diverged:
            lesson.go_on(rate, batch)
        now = time.monotonic()
        return self.tell(now - self._told >= TELL_S, now - began)

    def step(self, rate: float, batch: int) -> Told:
        """Learn from one batch, and validate."""
        self._lesson.step(rate, batch)
        return self.validate()

    def validate(self) -> Told:
        """Measure how well it does now."""
        self._lesson.validate()
        return self.tell()

    def tell(self, fully: bool = True, seconds: float = 0.0) -> Told:
        """Tell how far it is, with a snapshot or without, after computing for so long."""
        lesson, snapshot = self._lesson, None
        if fully:
            snapshot = pickle.dumps(lesson.snapshot(), pickle.HIGHEST_PROTOCOL)
            self._told = time.monotonic()
        return Told(
            lesson.seen, lesson.epochs, lesson.material.epoch, lesson.diverged, seconds, snapshot
        )


def snapshot_in(told: bytes) -> Snapshot:
    """Read a snapshot that a pupil of one's own has told: never what came from elsewhere."""
    found: Snapshot = pickle.loads(told)
    return found
