"""Words of ASGI that the layers share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def values_of(scope: Scope, name: bytes) -> list[str]:
    """Return every value of a header; its name is in lower case."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


FOREVER = (b"cache-control", b"public, max-age=31536000, immutable")
"""The header of a file whose name changes with its content."""


async def respond(
    send: Send,
    status: int,
    headers: Iterable[tuple[bytes, bytes]],
    body: bytes,
    *,
    head: bool = False,
) -> None:
    """Answer an http request as a whole, and take no more of it.

    Args:
        send: Of the request.
        status: Of http.
        headers: But for the length.
        body: The content.
        head: Whether only the headers were asked for.
    """
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": b"" if head else body})


async def answer(send: Send, status: int, sentence: str) -> None:
    """Answer an http request with a sentence, and take no more of it."""
    plain = (b"content-type", b"text/plain; charset=utf-8")
    await respond(send, status, [plain, (b"cache-control", b"no-store")], sentence.encode())


async def refuse(scope: Scope, send: Send, status: int, sentence: str) -> None:
    """Refuse a request, or a websocket before it is accepted."""
    if scope["type"] == "http":
        await answer(send, status, sentence)
    elif "websocket.http.response" in scope.get("extensions", {}):
        await answer(_as_denial(send), status, sentence)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": ""})


def _as_denial(send: Send) -> Send:
    async def denial(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return denial
