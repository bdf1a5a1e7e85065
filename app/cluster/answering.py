"""What a replica does with what it is asked: the same requests, in another process. No Ray.

It knows pictures and files by their digests, keeps them as long as there is room, and says which
ones it misses. A reply is plain: nobody but the site reads it.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ali5.errors import Ali5Error, TooLarge

from .. import engine
from ..engine.cache import ByteCache
from ..engine.far import wire
from ..engine.far.wire import Reply
from ..requests import REQUESTS

_log = logging.getLogger(__name__)


class Stopped(BaseException):
    """Nobody wants the answer any more."""


class Work:
    """One request at work.

    Attributes:
        stop: Set when nobody wants the answer any more.
        seconds: How long it has computed.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.seconds = 0.0

    # As an `engine.Account` is asked and charged.

    def check(self) -> None:
        """Join the line of those who want to compute."""
        self.give_way()
        with _lining:
            _line.append(self)

    def charge(self, seconds: float) -> None:
        """Note that it has computed for so long."""
        self.seconds += seconds

    def give_way(self) -> None:
        """Leave the line; end here if nobody wants the answer any more.

        Raises:
            Stopped: Nobody does.
        """
        self.leave()
        if self.stop.is_set():
            raise Stopped

    def leave(self) -> None:
        """Leave the line, if it is in it."""
        with _lining:
            if self in _line:
                _line.remove(self)

    @property
    def place(self) -> int:
        """Its place in the line, from 1; 0 if it is in none."""
        with _lining:
            return _line.index(self) + 1 if self in _line else 0


_lining = threading.Lock()
_line: list[Work] = []
_working: set[Work] = set()
_at = threading.local()


def _work_here() -> Any:
    return getattr(_at, "work", None)


def _give_way() -> None:
    work = _work_here()
    if work is not None:
        work.give_way()


def waiting() -> int:
    """Return how many want to compute and may not yet."""
    return len(_line)


def attend() -> None:
    """Charge what is computed in this process to the request that it is computed for."""
    engine.yield_at(_give_way)
    engine.account_by(_work_here)


_parts: ByteCache[Any] = ByteCache(engine.bytes_of)
"""Pictures and files, by their digests alone: they are forgotten with all that knows them."""

TELL_S = 0.1
"""What an answer tells on the way is told so often at most."""


def answer(
    words: bytes,
    spoken_of: Sequence[str],
    parts: Mapping[str, bytes],
    work: Work,
    tell: Callable[[bytes], None] | None = None,
) -> Reply:
    """Answer a letter of the site; on a thread that may take its time.

    Args:
        words: Of the letter.
        spoken_of: The digests in it.
        parts: Those of them that have come along.
        work: Its own; `stop` may be set from any thread.
        tell: Takes what a function in it is called with, written down.
    """
    held = {}
    for digest in spoken_of:
        if digest in parts:
            held[digest] = _parts.get((digest,), partial(wire.unpickled, parts[digest]))
        elif (found := _parts.kept((digest,))) is not None:
            held[digest] = found
    missing = tuple(digest for digest in spoken_of if digest not in held)
    if missing:
        return Reply("missing", missing=missing)
    _at.work = work
    _working.add(work)
    try:
        work.give_way()
        return Reply("fine", _answered(words, held, work, tell), seconds=work.seconds)
    except Stopped:
        return Reply("failed", wire.pickled("Nobody waits for the answer any more."))
    except Ali5Error as error:
        return Reply("refused", wire.pickled(error), seconds=work.seconds)
    except Exception as error:
        full = engine.says_full(error)
        if full:
            return Reply("refused", wire.pickled(TooLarge(full)), seconds=work.seconds)
        _log.exception("A request failed.")
        return Reply("failed", wire.pickled(traceback.format_exc()), seconds=work.seconds)
    finally:
        _at.work = None
        _working.discard(work)
        work.leave()


def _answered(
    words: bytes, held: Mapping[str, Any], work: Work, tell: Callable[[bytes], None] | None
) -> bytes:
    told_at = 0.0

    def telling(number: int) -> Callable[..., object]:
        def told(*given: object) -> None:
            nonlocal told_at
            if work.stop.is_set():
                raise Stopped
            now = time.monotonic()
            if tell is not None and now - told_at >= TELL_S:
                told_at = now
                tell(wire.pickled((number, given)))

        return told

    what, name, about, given, named = wire.read(words, held.__getitem__, telling)
    if what == "look":
        passage = engine.look(about, *given)
        return wire.pickled((passage.name, passage.network, passage.steps, passage.notes))
    if what == "at work":
        return wire.pickled(len(_working) - 1)
    if what == "is built":
        return wire.pickled(engine.is_built(*given))
    request = REQUESTS[name]
    if about is None:
        return wire.pickled(engine.work_out(request, *given, **named))
    return wire.pickled(engine.ask(request, about, *given, **named))
