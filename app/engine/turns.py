"""Runs of pages take turns: one at a time, in the order they came.

Python lets one thread at a time go on anyway, and changes between all that want to hundreds of
times a second. With fifty runs at once the changes cost more than the runs, all end late, and the
one thread that sends the answers is one of many. A run that computes, or waits for what others
compute, steps aside meanwhile.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator

PATIENCE_S = 5.0
"""So long a run waits; then it goes on beside the one that does not come to an end."""

LET_PASS_S = 0.25
"""So long work in the background waits for runs before each piece: it never stands still."""

LOOK_S = 0.004
"""So often it looks whether it may go on."""


class Turns:
    """One thread at a time; whoever has waited longest is next.

    Args:
        patience_s: As `PATIENCE_S`.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()
        self._mine = threading.local()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until it is this thread's turn, and keep it."""
        self._mine.has = self._take()
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
            self._mine.has = had and self._take_if_free()

    @property
    def is_free(self) -> bool:
        """Whether nobody has it."""
        return not self._is_taken

    def _take_if_free(self) -> bool:
        with self._lock:
            free, self._is_taken = not self._is_taken, True
            return free

    def _take(self) -> bool:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(self._patience_s):
            return True
        with self._lock:
            if called.is_set():  # just now
                return True
            self._waiting.remove(called)
            return False

    def _give(self) -> bool:
        if not getattr(self._mine, "has", False):
            return False
        self._mine.has = False
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False
        return True


_runs = Turns()
turn, aside = _runs.turn, _runs.aside


def let_pass(stop: threading.Event) -> None:
    """Wait until no page is being put together, for work in the background; `stop` ends the wait.

    It goes on after `LET_PASS_S` in any case.
    """
    until = time.monotonic() + LET_PASS_S
    while not _runs.is_free and time.monotonic() < until and not stop.wait(LOOK_S):
        pass
