"""What is loaded before anybody asks for it: the page that opens first, and torch when it is quiet.

While torch is loaded, the interpreter has little time for anything else: a browser that asks for
the first page just then would get its eighty files slowly.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from ali5.networks.bindings import spared

from .guard.asgi import App, Receive, Scope, Send

QUIET_S = 3.0
"""So long nobody has asked for anything when torch is loaded."""

PATIENCE_S = 15.0
"""So long after the start it is loaded whoever asks for what."""

TURN_S = 0.0005
"""So long one thread computes before another gets its turn, while torch is loaded."""

PAGES = "ali5.site.app.navigation"
"""By name: the engine knows nothing of the site but where it lies."""

_loading = threading.Lock()


class Warming:
    """Loads what the first visitors will need, in the background of a site.

    Args:
        computes: Whether this process needs torch; where networks compute elsewhere it does not.
        quiet_s: As `QUIET_S`.
        patience_s: As `PATIENCE_S`.
        clock: In seconds.
    """

    def __init__(
        self,
        computes: bool = True,
        quiet_s: float = QUIET_S,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._computes = computes
        self._quiet_s, self._patience_s, self._clock = quiet_s, patience_s, clock
        self._ended = threading.Event()
        self._asked = self._began = clock()

    def note(self) -> None:
        """Note that a browser has just asked for something."""
        self._asked = self._clock()

    def left(self) -> float:
        """Return for how many seconds it is not quiet yet; 0 or less once it is."""
        until = min(self._asked + self._quiet_s, self._began + self._patience_s)
        return until - self._clock()

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Any) -> AsyncIterator[None]:
        """Load the page before the first request is answered, and torch while others are."""
        importlib.import_module(PAGES).get_ready()
        self._asked = self._began = self._clock()
        threading.Thread(target=self._run, name="ali5-warming", daemon=True).start()
        try:
            yield
        finally:
            self._ended.set()

    def _run(self) -> None:
        while (left := self.left()) > 0:
            if self._ended.wait(left):
                return
        if self._computes:
            load_engine()


def load_engine() -> None:
    """Import torch and what computes; meanwhile others get their turns ten times as often.

    Who waits for the interpreter's lock gets it after 5 ms, and a browser's first page takes it
    hundreds of times.
    """
    with _loading:
        usual = sys.getswitchinterval()
        sys.setswitchinterval(TURN_S)
        try:
            with spared():
                importlib.import_module("ali5.tracing.trace")
        finally:
            sys.setswitchinterval(usual)


class Knocks:
    """Tells of every request for a page or a file; a look whether we live does not count."""

    def __init__(self, app: App, warming: Warming) -> None:
        """Listen at the door of an application.

        Args:
            app: The next one.
            warming: Is told.
        """
        self._app = app
        self._warming = warming

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] == "http" and not scope["path"].endswith("/_stcore/health"):
            self._warming.note()
        await self._app(scope, receive, send)
