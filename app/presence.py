"""Who is here: what the engine has to know of visitors who come and go."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st
from streamlit import runtime
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ali5.site.building import stored_bytes
from ali5.site.classroom import SECONDS_OF_A_MINUTE

from . import engine
from .allowed import may_compute

if TYPE_CHECKING:
    from streamlit.runtime.app_session import AppSession

LOOK_S = 5.0
"""So often somebody looks whether visitors have left."""

STAYS_S = 30.0
"""So long what a visitor has brought stays after the connection to them is gone."""

TIDY_S = 20.0
"""Python's garbage is collected no more often while others are here: all wait for it, a third of a
second for what torch has left behind."""

QUIET_BYTES = 64_000_000
"""When nobody is here, no more than this is kept: enough for the page that opens first."""

_log = logging.getLogger(__name__)
_starting = threading.Lock()
_caretaker: threading.Thread | None = None


def attend() -> None:
    """Get ready to tidy up after this visitor; call it in every run."""
    engine.yield_at(give_way)
    engine.account_by(_account)
    engine.count_also(_uploaded)
    if (account := _account()) is not None:
        account.begin_run()
    if runtime.exists():
        _start()
    engine.forget_what_is_gone()


def give_way() -> None:
    """End this run here if the visitor has asked for something newer."""
    st.session_state.get("_")  # Streamlit stops an outdated run at it


def _uploaded() -> int:
    return stored_bytes(None)


def _account() -> engine.Account | None:
    """Return what is charged for what this thread computes: that of its visitor, in a class."""
    if get_script_run_ctx(suppress_warning=True) is None or may_compute():
        return None
    found = st.session_state.setdefault("account", engine.Account(SECONDS_OF_A_MINUTE))
    assert isinstance(found, engine.Account)
    return found


def _start() -> None:
    """Have a thread look after who leaves, one for the process."""
    global _caretaker
    with _starting:
        if _caretaker is None:
            _caretaker = threading.Thread(target=_look_after, name="ali5-caretaker", daemon=True)
            _caretaker.start()


def how_many() -> int:
    """Return how many browser windows were connected a moment ago; 0 if nobody has looked yet."""
    return _around.here


def _look_after() -> None:
    while True:
        time.sleep(LOOK_S)
        try:
            if runtime.exists():
                _around.look()
        except Exception:  # it has to go on: whatever is wrong now, visitors will leave later
            _log.exception("Looking after who has left failed.")


@dataclass(frozen=True)
class People:
    """Who is there at one moment.

    Attributes:
        here: How many are connected.
        away: By the name of their session, those who may still come back.
        closed: How many sessions were closed just now.
    """

    here: int
    away: frozenset[str]
    closed: int


@dataclass
class Around:
    """What is known of who is around, from one look to the next.

    Attributes:
        people: Looks, and closes the sessions it is given.
        clock: In seconds.
        here: How many were connected at the last look.
    """

    people: Callable[[frozenset[str]], People] = field(default=lambda done: people(done))
    clock: Callable[[], float] = time.monotonic
    here: int = 0
    _since: dict[str, float] = field(default_factory=dict)
    _is_quiet: bool = True
    _is_owed: bool = False
    _tidied: float = -math.inf

    def look(self) -> None:
        """Let go of what was left: of sessions after a while, and of more when nobody is here."""
        now = self.clock()
        done = frozenset(name for name, since in self._since.items() if now - since >= STAYS_S)
        found = self.people(done)
        self.here = found.here
        self._since = {name: self._since.get(name, now) for name in found.away}
        quiet = not found.here and not found.away
        self._is_owed |= found.closed > 0
        ended = quiet and not self._is_quiet
        if ended or (self._is_owed and now - self._tidied >= TIDY_S):
            self._is_owed, self._tidied = False, now
            engine.let_go(QUIET_BYTES if quiet else None)
        elif found.here:
            engine.trim()  # small things that were freed lie between others
        self._is_quiet = quiet


_around = Around()


def people(done: frozenset[str]) -> People:
    """Close sessions that are not connected, and return who is there; for any thread."""
    serving, answer = runtime.get_instance(), Future[People]()

    def look() -> None:
        try:
            answer.set_result(_people(serving, done))
        except Exception as error:
            answer.set_exception(error)

    # Sessions belong to the server's own thread. There is no public way to it, nor to who is away;
    # `tests/app/test_presence.py` notices when this one changes.
    serving._get_async_objs().eventloop.call_soon_threadsafe(look)
    return answer.result(30)


def _people(serving: Runtime, done: frozenset[str]) -> People:
    closed = 0
    for name, session in _away(serving).items():
        if name in done and not serving.is_active_session(name):
            serving.close_session(name)
            # The server's loop holds the session that it has sent something last, until the next.
            session.session_state.clear()
            closed += 1
    here = len(serving._session_mgr.list_active_sessions())
    return People(here, frozenset(_away(serving)), closed)


def _away(serving: Runtime) -> dict[str, AppSession]:
    """Return, by name, the sessions that Streamlit keeps for two minutes in case they come back."""
    stored = serving._session_mgr._session_storage.list()  # type: ignore[attr-defined]
    return {info.session.id: info.session for info in stored}
