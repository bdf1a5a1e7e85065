"""Who computes for minutes does it by rounds: some at a time, the others in a line behind them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

ROUND_S = 0.5
"""One who has computed for so long makes way for who waits."""

LOOK_S = 0.1
"""So often one who waits looks whether it still wants to."""


class Rounds:
    """So many compute at a time.

    Args:
        places: So many.
        round_s: As `ROUND_S`.

    Attributes:
        count: All who take part now, computing or waiting.
    """

    def __init__(self, places: int, round_s: float = ROUND_S) -> None:
        self.count = 0
        self.places, self.round_s = places, round_s
        self._free = places
        self._line: deque[Place] = deque()
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def place(self) -> Iterator[Place]:
        """Take part, at the end of the line."""
        place = Place(self)
        with self._changed:
            self.count += 1
        try:
            yield place
        finally:
            place.give()
            with self._changed:
                self.count -= 1

    def _take(self, place: Place, wants: Callable[[], bool]) -> bool:
        with self._changed:
            self._line.append(place)
            try:
                while not (self._free and self._line[0] is place):
                    if not wants():
                        return False
                    self._changed.wait(LOOK_S)
                self._free -= 1
                return True
            finally:
                self._line.remove(place)
                self._changed.notify_all()

    def _give(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()

    def _is_wanted(self) -> bool:
        return bool(self._line)


class Place:
    """One who takes part, on one thread."""

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self._has, self._since = False, 0.0

    def take(self, wants: Callable[[], bool]) -> bool:
        """Wait until it may compute; who may already goes on.

        Args:
            wants: Asked now and then whether it still wants to.

        Returns:
            Whether it may.
        """
        if not self._has:
            self._has, self._since = self._rounds._take(self, wants), time.monotonic()
        return self._has

    def make_way(self) -> None:
        """Let another one compute, if one waits and this one's round is over."""
        over = time.monotonic() - self._since >= self._rounds.round_s
        if self._has and over and self._rounds._is_wanted():
            self.give()

    def give(self) -> None:
        """Let another one compute."""
        if self._has:
            self._has = False
            self._rounds._give()
