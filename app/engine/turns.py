"""Runs of pages take turns: one at a time, and who has had the least of late goes first.

Python lets one thread at a time go on anyway, and changes between all that want to hundreds of
times a second. With fifty runs at once the changes cost more than the runs, all end late, and the
one thread that sends the answers is one of many. A run that computes, or waits for what others
compute, steps aside meanwhile. What nobody has asked for, a part that looks by itself how far
something is, waits until nobody else does.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Hashable, Iterator

PATIENCE_S = 5.0
"""So long a run waits; then it goes on beside the one that does not come to an end."""

HALF_LIFE_S = 5.0
"""What a visitor has had so long ago counts half."""

LET_PASS_S = 0.25
"""So long work in the background waits for runs before each piece: it never stands still."""

LOOK_S = 0.004
"""So often it looks whether it may go on."""


class Shares:
    """How much of the turns each visitor has had of late."""

    def __init__(self) -> None:
        self._had: dict[Hashable, tuple[float, float]] = {}

    def at(self, now: float, who: Hashable) -> float:
        """Return seconds; what is long ago counts less."""
        had, when = self._had.get(who, (0.0, now))
        return had * math.exp2(min(0.0, when - now) / HALF_LIFE_S)

    def add(self, now: float, who: Hashable, seconds: float) -> None:
        """Note that a visitor has had so much."""
        self._had[who] = self.at(now, who) + seconds, now
        if len(self._had) > 1000:
            more = {each: kept for each, kept in self._had.items() if self.at(now, each) > 0.001}
            self._had = more


class _Waiting:
    """One who waits."""

    def __init__(self, who: Hashable, patient: bool) -> None:
        self.who, self.patient = who, patient
        self.called = threading.Event()


class Turns:
    """One thread at a time; of those who wait, that of the visitor who has had the least is next.

    Args:
        patience_s: As `PATIENCE_S`.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: list[_Waiting] = []
        self._shares = Shares()
        self._mine = threading.local()

    @contextlib.contextmanager
    def turn(self, who: Hashable = None, patient: bool = False) -> Iterator[None]:
        """Wait until it is this thread's turn, and keep it; who has it goes on.

        Args:
            who: The visitor whose run it is.
            patient: Others who wait go first.
        """
        if self._has():
            yield
            return
        self._mine.who = who
        self._begin(self._take(_Waiting(who, patient)))
        try:
            yield
        finally:
            self._give()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let others have this thread's turn meanwhile, and go on without waiting once more.

        Nothing happens on a thread that has no turn.
        """
        had = self._give()
        try:
            yield
        finally:
            self._begin(had and self._take_if_free())

    @property
    def is_free(self) -> bool:
        """Whether nobody has it."""
        return not self._is_taken

    def _has(self) -> bool:
        return getattr(self._mine, "has", False)

    def _begin(self, has: bool) -> None:
        self._mine.has = has
        if has:
            self._mine.began = time.monotonic()

    def _take_if_free(self) -> bool:
        with self._lock:
            free, self._is_taken = not self._is_taken, True
            return free

    def _take(self, one: _Waiting) -> bool:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            self._waiting.append(one)
        if one.called.wait(self._patience_s):
            return True
        with self._lock:
            if one.called.is_set():  # just now
                return True
            self._waiting.remove(one)
            return False

    def _give(self) -> bool:
        if not self._has():
            return False
        self._mine.has = False
        with self._lock:
            now = time.monotonic()
            self._shares.add(now, self._mine.who, now - self._mine.began)
            if self._waiting:
                self._next().called.set()
            else:
                self._is_taken = False
        return True

    def _next(self) -> _Waiting:
        """Take the next one off the list; of equals, who has waited longest."""
        now = time.monotonic()
        following = min(self._waiting, key=lambda one: (one.patient, self._shares.at(now, one.who)))
        self._waiting.remove(following)
        return following


_runs = Turns()
turn, aside = _runs.turn, _runs.aside


def let_pass(stop: threading.Event) -> None:
    """Wait until no page is being put together, for work in the background; `stop` ends the wait.

    It goes on after `LET_PASS_S` in any case.
    """
    until = time.monotonic() + LET_PASS_S
    while not _runs.is_free and time.monotonic() < until and not stop.wait(LOOK_S):
        pass
