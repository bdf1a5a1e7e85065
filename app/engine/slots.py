"""As many computations at once as there are cores."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator

_slots = threading.BoundedSemaphore(os.cpu_count() or 1)


def _nothing() -> None:
    pass


_yield_point: Callable[[], object] = _nothing


def yield_at(point: Callable[[], object]) -> None:
    """Call `point` whenever a run has got its slot: it may end an outdated run there."""
    global _yield_point
    _yield_point = point


@contextlib.contextmanager
def slot() -> Iterator[None]:
    """Hold one of as many places as there are cores while computing.

    When a visitor has already asked for something newer, the run ends here instead of computing.
    """
    with _slots:
        _yield_point()
        yield


@contextlib.contextmanager
def background_slot() -> Iterator[None]:
    """Hold a place as `slot` does, in a thread that belongs to no run of a page."""
    with _slots:
        yield
