"""What was made for a visitor's own things goes when no session holds them any more."""

from __future__ import annotations

import threading
import weakref
from collections import Counter, deque
from collections.abc import Iterable
from typing import Protocol

from .cache import forget_everywhere
from .far import far
from .remembered import forget_gone_owners


class Held(Protocol):
    """What a session holds: a picture, a head or a file of weights."""

    @property
    def digest(self) -> str:
        """What caches go by."""
        ...


def forget_with(held: Held) -> None:
    """Let what was made for a visitor's own thing go once no session holds it any more."""
    with _counting:
        _holders[held.digest] += 1
    _tell()
    # A finalizer may run in the middle of anything: it only takes note.
    weakref.finalize(held, _gone.append, held.digest).atexit = False


def forget_digests(digests: Iterable[str]) -> None:
    """Let go of what was made for these things, whoever holds them."""
    forget_everywhere(set(digests))
    forget_gone_owners()


def forget_what_is_gone() -> None:
    """Let go of what was made for things that no session holds any more."""
    gone = set()
    with _counting:
        while _gone:
            digest = _gone.popleft()
            _holders[digest] -= 1
            if not _holders[digest]:
                del _holders[digest]
                gone.add(digest)
    if gone:
        forget_everywhere(gone)
        _tell()
    forget_gone_owners()


def _tell() -> None:
    """Tell an engine elsewhere what is held now: it keeps nothing else of visitors."""
    elsewhere = far()
    if elsewhere is not None:
        with _counting:
            held = frozenset(_holders)
        elsewhere.line.hold(held)


_gone: deque[str] = deque()
"""Digests of what a session has let go of."""

_holders: Counter[str] = Counter()
"""How many hold what has a digest: two visitors can bring the same file."""

_counting = threading.Lock()
