"""Files that all visitors are given alike: once to a browser, which then keeps them.

What a component consists of would else come along with every message that shows it.
"""

from __future__ import annotations

import functools
import gzip
import hashlib

from .guard.asgi import FOREVER, App, Receive, Scope, Send, answer, respond, values_of

PLACE = "ali5-files"
"""The folder in the site's addresses."""

_KINDS = {"js": b"text/javascript; charset=utf-8", "webp": b"image/webp"}

_published: dict[str, bytes] = {}


def publish(name: str, kind: str, content: bytes) -> str:
    """Have a file served from this process; return what it is called in `PLACE`.

    Args:
        name: Letters, digits, dashes and underscores.
        kind: "js" or "webp".
        content: For everybody's eyes. The name changes with it, so a browser may keep the file.
    """
    found = f"{name}-{hashlib.blake2b(content, digest_size=8).hexdigest()}.{kind}"
    _published[found] = content
    return found


class Files:
    """Answers requests for what was published, whatever the site's own address begins with."""

    def __init__(self, app: App) -> None:
        """Stand before an application; the next one is given."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file, or hand it on."""
        folder, _, name = scope.get("path", "").rpartition("/")
        if scope["type"] != "http" or not folder.endswith(f"/{PLACE}"):
            return await self._app(scope, receive, send)
        if name not in _published:
            return await answer(send, 404, "There is no such file.")
        if scope["method"] not in ("GET", "HEAD"):
            return await answer(send, 405, "This file can only be read.")
        headers, content = _answer_to(scope, name)
        return await respond(send, 200, headers, content, head=scope["method"] == "HEAD")


def _answer_to(scope: Scope, name: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return the headers and the content, smaller where that helps and the browser can read it."""
    kind, content = name.rpartition(".")[2], _published[name]
    headers = [(b"content-type", _KINDS[kind]), FOREVER]
    if kind == "js":
        headers.append((b"vary", b"accept-encoding"))
        if "gzip" in ",".join(values_of(scope, b"accept-encoding")):
            content = _packed(content)
            headers.append((b"content-encoding", b"gzip"))
    return headers, content


@functools.lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content)
