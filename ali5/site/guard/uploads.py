"""How much visitors may leave here: every upload is counted while it comes, asked for or not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from .asgi import App, Message, Receive, Scope, Send, answer

_PLACE = re.compile(r"/_stcore/upload_file/([^/]+)/")
_WEIGHTS = re.compile(rb'filename="[^"\r\n]*\.(?:safetensors|pth|pt)"', re.I)

FRAMING = 2**16
"""Bytes of an upload that are not the file's: its name, and where it begins and ends."""

MOST_TO_PASS = 2**28
"""So much of what is too large is still taken off the line, so that the answer is heard."""


@dataclass(frozen=True)
class Limits:
    """How many bytes may be here at once.

    Attributes:
        file: Of one file.
        weights: Of one file of weights.
        visitor: Of all files of one visitor.
        all: Of all files.
    """

    file: int
    weights: int
    visitor: int
    all: int


class TooMuch(Exception):
    """An upload beyond a limit; the message is a sentence for the visitor."""


class Uploads:
    """Refuses what is beyond the limits, whatever the request says of its length."""

    def __init__(self, app: App, limits: Limits, stored: Callable[[str | None], int]) -> None:
        """Guard an application.

        Args:
            app: The next one.
            limits: What may be here at once, what is still coming included.
            stored: Returns how many bytes are kept of a session, or with None of all sessions.
        """
        self._app = app
        self._limits = limits
        self._stored = stored
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and count what it brings."""
        found = _PLACE.search(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] in ("GET", "HEAD", "OPTIONS", "DELETE"):
            return await self._app(scope, receive, send)
        session, came, head = found[1], 0, b""
        is_whole = is_answered = False

        async def counted() -> Message:
            nonlocal came, head, is_whole
            message = await receive()
            is_whole = not message.get("more_body")
            body = message.get("body", b"")
            head = head or body[:4096]
            came += len(body)
            self._coming[session] += len(body)
            self._check(session, came, head)
            return message

        async def noticed(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            self._check(session, 0, b"")  # full already: nothing of it is kept
            await self._app(scope, counted, noticed)
        except TooMuch as refusal:
            if is_answered:
                raise
            await _pass(receive, 0 if is_whole else MOST_TO_PASS - came)
            await answer(send, 413, str(refusal))
        finally:
            self._coming[session] -= came
            if not self._coming[session]:
                del self._coming[session]

    def _check(self, session: str, came: int, head: bytes) -> None:
        limits = self._limits
        most = limits.weights if _WEIGHTS.search(head) else limits.file
        if came > most + FRAMING:
            raise TooMuch(f"Files of more than {_words(most)} are not taken here.")
        if self._stored(session) + self._coming[session] > limits.visitor + FRAMING:
            raise TooMuch(
                f"More than {_words(limits.visitor)} at a time are not kept for one visitor. "
                "Take files away, or reload the page, and bring fewer."
            )
        if self._stored(None) + self._coming.total() > limits.all + FRAMING:
            raise TooMuch(
                "Others have brought so much that there is no room for this file now. Try again in "
                "a minute, or bring a smaller one."
            )


async def _pass(receive: Receive, most: int) -> None:
    """Take a request off the line and keep nothing of it."""
    while most > 0:
        message = await receive()
        most -= len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


def _words(size: int) -> str:
    return f"{size / 2**20:,.0f} MB" if size >= 2**20 else f"{size / 2**10:,.0f} KB"
