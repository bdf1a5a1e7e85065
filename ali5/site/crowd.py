"""How many visitors there is room for: each takes files of the system's, and it gives only so many.

A visitor who is connected takes four (the connection, and three of an event loop that Streamlit
gives each session); one who has left takes three until the session is closed.
"""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING

from .guard.asgi import App, Receive, Scope, Send, refuse

if TYPE_CHECKING:
    from streamlit.runtime import Runtime
    from streamlit.runtime.session_manager import SessionInfo

MOST_OPEN_FILES = 8192
"""So many files are asked for; macOS gives 256 where nobody asks for more."""

OWN_FILES = 96
"""So many are kept for the site itself, and for pages that are being loaded."""

MOST_AWAY = 128
"""So many visitors who have left are remembered, in case they come back; as Streamlit does."""

FULL = (
    "More visitors than this computer has files for are here at the moment. Try again in a minute; "
    "whoever runs the site can let it open more files (ulimit -n)."
)


def raise_file_limit() -> float:
    """Let this process open more files, where the system has such a limit and allows it.

    Returns:
        How many it may open now; infinity where nothing limits it.
    """
    try:
        import resource
    except ImportError:  # Windows
        return math.inf
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    wanted = MOST_OPEN_FILES if hard == infinite else min(hard, MOST_OPEN_FILES)
    if soft != infinite and soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # macOS has a further limit of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return math.inf if soft == infinite else soft


def most_away(files: float) -> int:
    """Return how many visitors who have left are remembered, where so many files may be open."""
    return max(1, int(min(MOST_AWAY, files // 16)))


def most_here(files: float) -> float:
    """Return how many visitors may be connected at once, where so many files may be open."""
    return max(1.0, (files - OWN_FILES - 3 * most_away(files)) / 4)


class Away:
    """The sessions of who has left, as Streamlit's `SessionStorage`; of too many the first end.

    Its own one forgets them instead: their files stay open until Python finds them as garbage. How
    long somebody may be away is decided by whoever closes sessions.

    Args:
        most: So many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, SessionInfo] = {}

    def get(self, session_id: str) -> SessionInfo | None:
        """Return a session that is kept."""
        return self._kept.get(session_id)

    def save(self, session_info: SessionInfo) -> None:
        """Keep a session, and end the one that left first if there are too many."""
        self._kept.pop(session_info.session.id, None)
        self._kept[session_info.session.id] = session_info
        for name in list(self._kept)[: -self._most]:
            self._kept.pop(name).session.shutdown()

    def delete(self, session_id: str) -> None:
        """Keep a session no longer; a KeyError if it is not there."""
        del self._kept[session_id]

    def list(self) -> list[SessionInfo]:
        """Return all that are kept, whoever left first coming first."""
        return list(self._kept.values())


def remember_few(serving: Runtime, most: int) -> None:
    """Have a site remember so many sessions; before anybody has come."""
    manager = serving._session_mgr
    assert not manager.list_sessions()
    # There is no public way to it in `streamlit.App`; a test notices when this one changes.
    manager._session_storage = Away(most)  # type: ignore[attr-defined]


class Crowd:
    """Refuses whoever there is no room for, before Streamlit opens files that there are not."""

    def __init__(self, app: App) -> None:
        """Guard an application; the next one is given. Until `most` is set, all have room."""
        self._app = app
        self._here = 0

    most: float = math.inf
    """How many may be connected at once; of all sites in this process, as the limit is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse a connection that is one too many."""
        if scope["type"] != "websocket":
            return await self._app(scope, receive, send)
        if self._here >= Crowd.most:
            return await refuse(scope, send, 503, FULL)
        self._here += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._here -= 1
