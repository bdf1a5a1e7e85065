"""What the browser is told to hold the site to: what may run, who may frame it, what it may use."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from .asgi import App, Message, Receive, Scope, Send, values_of
from .names import is_of_this_computer, place_of

_INLINE = re.compile(rb"<script>(.*?)</script>", re.S)


def policy_for(page: bytes) -> str:
    """Return the Content-Security-Policy for Streamlit's page.

    Args:
        page: Its HTML: the scripts that stand in it may run, by their hashes, and no others.
    """
    hashes = (
        base64.b64encode(hashlib.sha256(script).digest()).decode()
        for script in _INLINE.findall(page)
    )
    scripts = " ".join(f"'sha256-{each}'" for each in hashes)
    return "; ".join(
        [
            "default-src 'none'",
            # Components come as blobs; large numbers of messages are read by WebAssembly.
            f"script-src 'self' blob: 'wasm-unsafe-eval' {scripts}".strip(),
            "style-src 'self' 'unsafe-inline'",  # Streamlit writes its styles while it runs
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' data: blob:",
            "connect-src 'self' data: blob:",  # a photo of the camera comes as the one or the other
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'self'",
            "frame-ancestors 'self'",
        ]
    )


class Headers:
    """Adds the headers of security to every answer."""

    def __init__(self, app: App, page: Path) -> None:
        """Guard an application.

        Args:
            app: The next one.
            page: The file of Streamlit's page.
        """
        self._app = app
        self._always = [
            (b"content-security-policy", policy_for(page.read_bytes()).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"SAMEORIGIN"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-resource-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), payment=()"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and add to its answer."""
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        ours = self._always
        if _is_trustworthy(scope):
            # Elsewhere browsers ignore this one, and complain.
            ours = [*ours, (b"cross-origin-opener-policy", b"same-origin")]

        async def answer(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message = {**message, "headers": _joined(message.get("headers", ()), ours)}
            await send(message)

        return await self._app(scope, receive, answer)


def _is_trustworthy(scope: Scope) -> bool:
    """Whether browsers take this for a secure context: https, or this very computer."""
    place = place_of(next(iter(values_of(scope, b"host")), ""))
    return scope.get("scheme") in ("https", "wss") or (
        place is not None and is_of_this_computer(place.host)
    )


def _joined(
    theirs: Iterable[tuple[bytes, bytes]], ours: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    names = {name for name, _ in ours}
    return [*(pair for pair in theirs if pair[0].lower() not in names), *ours]
