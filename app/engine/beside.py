"""Processes beside the site: what computes for minutes keeps Python's one lock from nobody there.

A thing is sent to one of them, does there what it is told, and stays until it is let go of. What
goes to and fro is pickled, and comes from nobody but the site and the processes that it started.
A process that has nothing to do for a while ends, and all end with the site.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ali5.errors import Ali5Error
from ali5.networks.bindings import spared

from . import pipes
from .budget import BUDGET
from .far import far
from .far.line import CALL, EngineAway, Line
from .priority import step_back
from .slots import PLACES
from .turns import aside

IDLE_S = 60.0
"""A process that has kept nothing for so long ends."""

LOOK_S = 2.0
"""How often that is looked after."""

SPARE_PLACES = max(1, PLACES - 1)
"""So many compute beside the site at the same time: a core is left to the pages."""

AGAIN_S = 60.0
"""So much later than one the next process is started, divided by how many there may be: where they
end by themselves, it is not one after the other."""

EACH_BYTES = 360 * 2**20
"""So much memory one takes for itself with PyTorch in it, as measured on Linux; elsewhere less."""

_SERVE = "import sys; sys.path[:] = {path!r}; from {name} import serve; serve({modules!r})"
"""Whatever lies in the folder where it is started: it finds what the site has found."""


class Gone(Ali5Error):
    """A process beside the site has ended, and what was there with it."""


# --- There --------------------------------------------------------------------------------------


def serve(modules: Sequence[str]) -> None:
    """Do what the site says, until it ends: what such a process does all its life.

    Args:
        modules: Imported before anything is asked.
    """
    hear, say = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the site, and that ends this
    get_ready(modules)
    things: dict[int, Any] = {}
    with contextlib.suppress(EOFError, OSError):
        pipes.write(say, b"")
        while True:
            pipes.write(say, answer(things, pipes.read(hear)))


def get_ready(modules: Sequence[str]) -> None:
    """Let others go first in this process, and import what will be needed."""
    step_back()
    with spared():
        for each in modules:
            importlib.import_module(each)


def answer(things: dict[int, Any], asked: bytes) -> bytes:
    """Do what is asked; gives whether it went well, and what came of it or the exception."""
    try:
        left, number, what, given = pickle.loads(asked)
        for each in left:
            things.pop(each, None)
        return _pickled((True, _do(things, number, what, given)))
    except Exception as error:
        with contextlib.suppress(Exception):
            return _pickled((False, error))
        return _pickled((False, RuntimeError(str(error))))  # an exception that cannot be pickled


def _pickled(said: object) -> bytes:
    return pickle.dumps(said, pickle.HIGHEST_PROTOCOL)


def _do(things: dict[int, Any], number: int, what: str, given: tuple[Any, ...]) -> Any:
    if not what:  # it has only come, or there is only something to let go of
        if given:
            (things[number],) = given
        return None
    return getattr(things[number], what)(*given)


# --- Here ---------------------------------------------------------------------------------------


class There(Protocol):
    """A process in which things are kept."""

    def ask(self, number: int, what: str, given: tuple[Any, ...]) -> Any:
        """Have a thing do something; return what comes of it, or raise what it raises."""

    def let_go(self, number: int) -> None:
        """Take note that nobody needs a thing any more: may be called in the middle of anything."""


class Away:
    """A thing that was sent away; let go of it, and it is forgotten there."""

    def __init__(self, helper: There, number: int) -> None:
        self._helper, self._number = helper, number
        weakref.finalize(self, helper.let_go, number).atexit = False

    def call(self, what: str, *given: Any) -> Any:
        """Have it do something, and wait for what comes of it.

        Args:
            what: The name of a method.
            given: Its arguments.

        Returns:
            What that returns.

        Raises:
            Gone: The process has ended.
            Exception: What the method has raised.
        """
        with aside():
            return self._helper.ask(self._number, what, given)


class Helper:
    """A process, and what was sent there.

    Attributes:
        things: The numbers of what is there.
        is_ready: Whether it hears.
        is_over: Whether it has ended, or could not begin.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self.things: set[int] = set()
        self.is_ready = self.is_over = False
        self._left: deque[int] = deque()
        self._asking = threading.Lock()
        self._busy = time.monotonic()
        serve_there = _SERVE.format(path=sys.path, name=__name__, modules=[*modules])
        self._process = subprocess.Popen(
            [sys.executable, "-c", serve_there],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        threading.Thread(target=self._look_after, name="ali5-helper", daemon=True).start()

    def let_go(self, number: int) -> None:
        """Take note that nobody needs a thing any more: may be called in the middle of anything."""
        self._left.append(number)

    def ask(self, number: int, what: str, given: tuple[Any, ...]) -> Any:
        """Have a thing do something; one at a time.

        Raises:
            Gone: The process has ended.
            Exception: What the thing has raised.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._asking:
            left = [self._left.popleft() for _ in range(len(self._left))]
            self.things.difference_update(left)
            asked = _pickled((left, number, what, given))
            self._busy = time.monotonic()
            try:
                pipes.write(self._process.stdin, asked)
                fine, answer = pickle.loads(pipes.read(self._process.stdout))
            except (EOFError, OSError, ValueError):
                self.end()
                raise Gone("The process that computed this has ended unexpectedly.") from None
        if not fine:
            raise answer
        return answer

    def end(self) -> None:
        """Have the process end."""
        self.is_over, self.is_ready = True, False
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
            return
        self._process.kill()
        self._process.wait()

    def _look_after(self) -> None:
        """Wait until it hears, and end it when it has had nothing to do for long."""
        assert self._process.stdout is not None
        try:
            pipes.read(self._process.stdout)
        except (EOFError, OSError):
            self.end()
            return
        self.is_ready = True
        while not self.is_over:
            time.sleep(LOOK_S)
            if self._left:
                with contextlib.suppress(Gone):
                    self.ask(-1, "", ())
            with _helping:
                idle = not self.things and time.monotonic() - self._busy > IDLE_S
                self.is_over = self.is_over or idle
            if idle:
                self.end()


class Host:
    """Processes of an engine elsewhere, as one.

    Args:
        line: What leads there.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._left: deque[int] = deque()

    def let_go(self, number: int) -> None:
        """Take note that nobody needs a thing any more: may be called in the middle of anything."""
        self._left.append(number)

    def ask(self, number: int, what: str, given: tuple[Any, ...]) -> Any:
        """Have a thing do something.

        Raises:
            Gone: It is not there any more.
            Exception: What the thing has raised.
        """
        left = [self._left.popleft() for _ in range(len(self._left))]
        asked = _pickled(([], number, what, given))
        try:
            told = self._line.call(CALL, (left, number, asked), lambda: None)
        except (EngineAway, RuntimeError):
            raise Gone("The process that computed this has ended unexpectedly.") from None
        fine, answer = pickle.loads(told)
        if not fine:
            raise answer
        return answer


_helping = threading.Lock()
"""Held while somebody chooses a process, or one ends that has nothing to do."""


class Helpers:
    """Processes beside the site, started when there is something to do.

    Args:
        most: Asked for how many there may be at once.
        modules: What they import before they are asked for anything.
    """

    def __init__(self, most: Callable[[], int], modules: Sequence[str] = ()) -> None:
        self.most, self._modules = most, modules
        self._numbers = itertools.count()
        self._helpers: list[Helper] = []
        self._host: Host | None = None
        self._not_before = 0.0

    def send(self, thing: object) -> Away | None:
        """Send a thing away: nobody here may use it any more.

        Args:
            thing: It can be pickled; its methods take and return what can be pickled.

        Returns:
            What it is told by; None if it has to be done here, for now or for good: one more
            process may be on its way.
        """
        elsewhere = far()
        with _helping:
            number = next(self._numbers)
            helper: There | None
            if elsewhere is not None:
                helper = self._host = self._host or Host(elsewhere.line)
            else:
                helper = self._choose()
                if helper is not None:
                    helper.things.add(number)
        if helper is None:
            return None
        there = Away(helper, number)
        try:
            helper.ask(number, "", (thing,))
        except Gone:
            return None
        return there

    def nbytes(self) -> int:
        """Return what they take."""
        return EACH_BYTES * sum(not each.is_over for each in self._helpers)

    def _choose(self) -> Helper | None:
        """Return the one that has the least to do, if none is coming that would have less."""
        self._helpers = [each for each in self._helpers if not each.is_over]
        if all(each.things for each in self._helpers) and len(self._helpers) < self.most():
            self._start()
        if any(not each.is_ready for each in self._helpers):
            return None
        return min(self._helpers, key=lambda each: len(each.things), default=None)

    def _start(self) -> None:
        now = time.monotonic()
        if now < self._not_before:
            return
        self._not_before = now + AGAIN_S / self.most()
        with contextlib.suppress(OSError):
            self._helpers.append(Helper(self._modules))


def _most() -> int:
    """As many as there are places for, and most of the budget is left to what is kept."""
    return min(SPARE_PLACES, BUDGET.limit // 2**30)


helpers = Helpers(_most, modules=["torch"])
BUDGET.count_also(helpers.nbytes)
