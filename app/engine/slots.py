"""As many computations at once as there are cores, and in a class none for too long."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from ali5.errors import Busy

from .turns import aside

PLACES = os.cpu_count() or 1
"""So many visitors compute at the same time, and besides so many trainings."""

_slots = threading.BoundedSemaphore(PLACES)
_background = threading.BoundedSemaphore(PLACES)
"""Those who work in the background take no place from visitors: they step back for them."""


def one_place() -> None:
    """Let one compute at a time in this process: it has one core for itself."""
    global _slots, _background
    _slots, _background = threading.BoundedSemaphore(1), threading.BoundedSemaphore(1)


MINUTE_S = 60.0

GRACE_S = 1.0
"""So much of every run is free: small things are always answered."""


def _nothing() -> None:
    pass


_yield_point: Callable[[], object] = _nothing


def yield_at(point: Callable[[], object]) -> None:
    """Call `point` whenever a run has got its slot: it may end an outdated run there."""
    global _yield_point
    _yield_point = point


class Account:
    """How long one visitor has kept the engine busy lately.

    Attributes:
        most: Seconds of a minute that are granted.
        clock: In seconds.
    """

    def __init__(self, most: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.clock = most, clock
        self._spent: deque[tuple[float, float]] = deque()
        self._run = 0.0

    def begin_run(self) -> None:
        """Note that the visitor has asked for something anew."""
        self._run = 0.0

    def check(self) -> None:
        """Refuse to go on, if all is spent.

        Raises:
            Busy: Says when it can go on.
        """
        wait = self._seconds_to_wait()
        if wait and self._run >= GRACE_S:
            raise Busy(
                f"Your class shares this computer: each of you may keep it busy for "
                f"{self.most:.0f} s of a minute, and this took longer. Go on in {wait:.0f} s; what "
                "was worked out by then is kept. Or choose a smaller network, or fewer pictures."
            )

    def charge(self, seconds: float) -> None:
        """Note that the engine was busy for so long."""
        self._run += seconds
        self._spent.append((self.clock(), seconds))

    def _seconds_to_wait(self) -> float:
        now = self.clock()
        while self._spent and now - self._spent[0][0] > MINUTE_S:
            self._spent.popleft()
        over = sum(seconds for _, seconds in self._spent) - self.most
        for when, seconds in self._spent:
            if over < 0:
                break
            over -= seconds
            if over < 0:
                return max(1.0, MINUTE_S - (now - when))
        return 0.0


def _nobody() -> Account | None:
    return None


_find: Callable[[], Account | None] = _nobody


def account_by(find: Callable[[], Account | None]) -> None:
    """Charge what a thread computes in a slot to the account that `find` returns on it, if any."""
    global _find
    _find = find


def account() -> Account | None:
    """Return what is charged for what this thread computes; None if nothing is."""
    return _find()


def yield_here() -> None:
    """End this run here if it is outdated."""
    _yield_point()


@contextlib.contextmanager
def slot() -> Iterator[None]:
    """Hold one of as many places as there are cores while computing.

    When a visitor has already asked for something newer, the run ends here instead of computing.

    Raises:
        Busy: The visitor has had their share of this minute.
    """
    charged = account()
    if charged is not None:
        charged.check()
    with aside(), _slots:
        _yield_point()
        began = time.monotonic()
        try:
            yield
        finally:
            if charged is not None:
                charged.charge(time.monotonic() - began)


@contextlib.contextmanager
def background_slot() -> Iterator[None]:
    """Hold a place beside those of visitors."""
    with aside(), _background:
        yield
