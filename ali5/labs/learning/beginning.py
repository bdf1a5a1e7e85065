"""A lesson that begins where it is first told to do something. No torch before that."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from ali5.labs.learning.plan import Plan, Told

if TYPE_CHECKING:
    from ali5.labs.learning.pupil import Pupil


class Beginner:
    """A pupil to be: it opens its pictures and builds its network when it is first asked.

    It can be pickled: before that as what is set alone, later as the pupil that it has become.

    Args:
        plan: What is set.
        folder: Where MNIST's files are; "" for none.
    """

    def __init__(self, plan: Plan, folder: str = "") -> None:
        self._plan, self._folder = plan, folder
        self._pupil: Pupil | None = None

    @property
    def pupil(self) -> Pupil:
        """What it has become.

        Raises:
            DataError: MNIST's files are not there or damaged.
        """
        if self._pupil is None:
            from ali5.labs.learning.lesson import Lesson
            from ali5.labs.learning.pupil import Pupil

            self._pupil = Pupil(Lesson(self._plan, Path(self._folder) if self._folder else None))
        return self._pupil

    def learn(
        self, rate: float, batch: int, epochs: float = math.inf, seconds: float = 0.0
    ) -> Told:
        """Go on for a while, as `Pupil.learn` does."""
        return self.pupil.learn(rate, batch, epochs, seconds)

    def step(self, rate: float, batch: int) -> Told:
        """Learn from one batch, and validate."""
        return self.pupil.step(rate, batch)

    def validate(self) -> Told:
        """Measure how well it does now."""
        return self.pupil.validate()

    def tell(self) -> Told:
        """Tell how far it is, with a snapshot."""
        return self.pupil.tell()
