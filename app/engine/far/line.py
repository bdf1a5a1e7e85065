"""The line to an engine elsewhere: a process beside the site that speaks its language.

That the engine goes away, whatever becomes of that process then, leaves the site as it is: who
waits for an answer is told, and the process is started again until the engine is back. What goes
over the line are bytes that neither the line nor that process reads.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping

from ali5.errors import Ali5Error, Busy

from .. import pipes

LOCAL = "ray"
"""Where the engine is if it is started for one site alone, on its machine; "ray:3" has three
replicas, else there are as many as cores."""


def is_local(address: str) -> bool:
    """Tell whether an engine is started for one site alone."""
    return address == LOCAL or (address.startswith(f"{LOCAL}:") and "//" not in address)


ASK, STOP, HOLD, CALL = range(4)
"""What the site says to that process: a request, that nobody wants its answer any more, what its
visitors hold, and what a thing is told that was sent away, as `beside` tells it."""

STATE, TOLD, REPLY, REFUSED, FAILED = range(5)
"""What it hears from there."""

LOOK_S = 0.05
"""So often who waits looks whether the visitor still wants the answer."""

MOST_S = 180.0
"""So long an answer may take that does not tell how far it is."""

AGAIN_S = (1.0, 2.0, 4.0, 8.0)
"""So much later the process is started again when it has ended; after that, the last of these."""

_HEAD = struct.Struct("<QB")

_SERVE = "import sys; sys.path[:] = {path!r}; import {name} as it; sys.exit(it.begin({to!r}))"

_log = logging.getLogger(__name__)


class EngineAway(Ali5Error):
    """The engine elsewhere cannot be reached; it goes on when it is back."""


AWAY = (
    "The engine that computes for this page cannot be reached at the moment. Nothing of yours is "
    "lost, and the page goes on by itself when the engine is back."
)


class Line:
    """The process that speaks with the engine, and who waits for an answer of it.

    Args:
        address: Where the engine is: as `LOCAL` says, "auto" or "ray://HOST:PORT".
        driver: The module that is run there.

    Attributes:
        is_there: Whether the engine can be asked.
        is_away: Whether it was there and is gone, or cannot be reached for a reason.
        why_not: What the other side has said of it last.
    """

    def __init__(self, address: str, driver: str) -> None:
        self.address, self.why_not = address, ""
        self.is_there = self.is_away = False
        self._driver = driver
        self._was_there = False
        self._numbers = itertools.count(1)
        self._calls: dict[int, queue.SimpleQueue[tuple[int, bytes]]] = {}
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._held: frozenset[str] = frozenset()
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="ali5-line", daemon=True)

    def start(self) -> None:
        """Begin to reach the engine, once."""
        with self._changed:
            if self._keeper.ident is None:
                self._keeper.start()

    def wait(self, seconds: float) -> bool:
        """Wait until the engine can be asked; tell whether it can.

        Raises:
            EngineAway: It was there and is gone, or cannot be reached for a reason.
        """
        self.start()
        with self._changed:
            self._changed.wait_for(lambda: self.is_there or self.is_away, seconds)
        if self.is_away:
            raise EngineAway(f"{AWAY}{self._because}")
        return self.is_there

    def end(self) -> None:
        """Let go of the engine; one that was started for this site alone ends."""
        self._ended.set()
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if self._keeper.ident is not None:
            self._keeper.join(20)

    def hold(self, held: frozenset[str]) -> None:
        """Tell of all that visitors of this site hold now: the rest may be forgotten there."""
        self._held = held
        with contextlib.suppress(EngineAway):
            self._say(0, HOLD, pickle.dumps(held))

    def call(
        self,
        kind: int,
        what: object,
        wants: Callable[[], object],
        told: Callable[[bytes], object] | None = None,
    ) -> bytes:
        """Ask for something, and wait for what comes of it.

        Args:
            kind: `ASK` or `CALL`.
            what: A plain value.
            wants: Called now and then; what it raises ends the request there.
            told: Takes what is told on the way.

        Raises:
            EngineAway: It cannot be reached.
            Busy: Too many wait for it.
            Exception: What `wants` or `told` raises; a RuntimeError for what failed there.
        """
        number, answers = next(self._numbers), queue.SimpleQueue[tuple[int, bytes]]()
        self._calls[number] = answers
        over = False
        try:
            self._say(number, kind, pickle.dumps(what, pickle.HIGHEST_PROTOCOL))
            heard_at = time.monotonic()
            while True:
                try:
                    said, words = answers.get(timeout=LOOK_S)
                except queue.Empty:
                    wants()
                    if time.monotonic() - heard_at > MOST_S:
                        raise Busy(
                            f"The engine has not answered for {MOST_S / 60:.0f} minutes. Try "
                            "again, or ask for something smaller."
                        ) from None
                    continue
                heard_at = time.monotonic()
                if said == TOLD:
                    assert told is not None
                    told(words)
                    continue
                over = True
                return _come_of(said, words)
        finally:
            del self._calls[number]
            if not over:
                with contextlib.suppress(EngineAway):
                    self._say(number, STOP, b"")

    def _say(self, number: int, kind: int, words: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None or not self.is_there:
            raise EngineAway(f"{AWAY}{self._because}")
        try:
            with self._writing:
                pipes.write(process.stdin, _HEAD.pack(number, kind), words)
        except (OSError, ValueError):
            raise EngineAway(AWAY) from None

    @property
    def _because(self) -> str:
        return f" {self.why_not}" if self.why_not else ""

    def _keep(self) -> None:
        """Have that process run for as long as the site does."""
        for trial in itertools.count():
            began = time.monotonic()
            try:
                self._listen()
            except (EOFError, OSError, ValueError):
                pass
            except Exception:
                _log.exception("The line to the engine failed.")
            self._note(False)
            for answers in list(self._calls.values()):
                answers.put((STATE, b""))
            self._let_end()
            steady = time.monotonic() - began > 60
            if self._ended.wait(AGAIN_S[0 if steady else min(trial, len(AGAIN_S) - 1)]):
                return

    def _let_end(self) -> None:
        process = self._process
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _listen(self) -> None:
        serve = _SERVE.format(path=sys.path, name=self._driver, to=self.address)
        process = self._process = subprocess.Popen(
            [sys.executable, "-c", serve],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert process.stdout is not None
        while True:
            message = pipes.read(process.stdout)
            number, said = _HEAD.unpack_from(message)
            words = message[_HEAD.size :]
            if said == STATE:
                self._note(not words, words.decode())
                if not words:
                    self.hold(self._held)
                continue
            answers = self._calls.get(number)
            if answers is not None:
                answers.put((said, words))

    def _note(self, is_there: bool, why_not: str = "") -> None:
        with self._changed:
            self.is_there = is_there
            if is_there or why_not:
                self.why_not = why_not
            self.is_away = not is_there and (self.is_away or bool(why_not) or self._was_there)
            self._was_there = self._was_there or is_there
            self._changed.notify_all()


def _come_of(said: int, words: bytes) -> bytes:
    if said == REPLY:
        return words
    if said == REFUSED:
        raise Busy(words.decode())
    if said == FAILED:
        raise RuntimeError(words.decode())
    raise EngineAway(AWAY)


def frame(number: int, said: int, words: bytes) -> tuple[bytes, bytes]:
    """Return a message as it goes over the line."""
    return _HEAD.pack(number, said), words


def parse(message: bytes) -> tuple[int, int, bytes]:
    """Take a message apart that has come over the line: number, kind and words."""
    number, kind = _HEAD.unpack_from(message)
    return number, kind, message[_HEAD.size :]


Asked = tuple[str, bytes, tuple[str, ...], Mapping[str, bytes], bool]
"""Of a request: by what it is led to a replica, its words, the digests in it, those parts that come
along, and whether it tells how far it is."""
