"""Asking an ASGI application without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ali5.site.guard.asgi import App, Message, Receive, Scope, Send, answer


@dataclass
class Answer:
    """What came back: None for a websocket that was accepted, and of a message that never came."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    closed: bool = False


def scope_of(
    path: str = "/",
    kind: str = "http",
    method: str = "GET",
    server: str | None = "127.0.0.1",
    scheme: str = "http",
    hosts: Iterable[str] = ("127.0.0.1:8501",),
    origins: Iterable[str] = (),
) -> Scope:
    headers = [(b"host", host.encode()) for host in hosts]
    headers += [(b"origin", origin.encode()) for origin in origins]
    return {
        "type": kind,
        "path": path,
        "method": method,
        "scheme": scheme,
        "server": None if server is None else (server, 8501),
        "headers": headers,
        "extensions": {"websocket.http.response": {}} if kind == "websocket" else {},
    }


def ask(app: App, scope: Scope, body: Iterable[bytes] = (b"",)) -> Answer:
    """What an application answers to a request that comes in pieces."""
    found, pieces = Answer(), list(body)

    async def receive() -> Message:
        if not pieces:
            return {"type": "http.disconnect"}
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        if message["type"].endswith("http.response.start"):
            found.status = message["status"]
            found.headers = {key.decode(): value.decode() for key, value in message["headers"]}
        elif message["type"].endswith("http.response.body"):
            found.body += message["body"].decode()
        elif message["type"] == "websocket.close":
            found.closed = True

    asyncio.run(_call(app, scope, receive, send))
    return found


async def _call(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


class Behind:
    """The application behind a guard: it reads all of a request, keeps its size and says "yes"."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.took = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        if scope["type"] == "http":
            while (message := await receive()).get("more_body"):
                self.took += len(message["body"])
            self.took += len(message.get("body", b""))
            await answer(send, 200, "yes")
