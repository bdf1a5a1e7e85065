"""Streamlit's own scripts, styles and fonts, handed out without a detour by its threads.

A browser that was never here asks for some seventy of them before it can show anything.
"""

from __future__ import annotations

from pathlib import Path

from .guard.asgi import FOREVER, App, Receive, Scope, Send, respond

_TYPES = {
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".woff2": b"font/woff2",
}


class Static:
    """Answers for files with a hash of their content in their names: those never change."""

    def __init__(self, app: App, folder: Path) -> None:
        """Stand before an application.

        Args:
            app: Answers for all else.
            folder: Of Streamlit's page; only what lies in its `static` is answered for.
        """
        self._app = app
        self._files = {
            f"/{path.relative_to(folder).as_posix()}": path
            for path in (folder / "static").rglob("*")
            if path.suffix in _TYPES
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand a request on."""
        file = self._files.get(scope.get("path", ""))
        if file is None or not _is_plain(scope):
            return await self._app(scope, receive, send)
        headers = [(b"content-type", _TYPES[file.suffix]), FOREVER]
        return await respond(send, 200, headers, file.read_bytes())


def _is_plain(scope: Scope) -> bool:
    """Whether a request asks for a whole file."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and all(name != b"range" for name, _ in scope["headers"])
    )
