"""What a run of a page tells the browser goes out in few bursts.

Every burst makes the browser render the whole page once more, whatever is in it, and a run that
takes 50 ms would trickle over the line in half a dozen of them.
"""

from __future__ import annotations

import asyncio

from .guard.asgi import App, Message, Receive, Scope, Send

HOLD_S = 0.05
"""So long a message is held back at most, until the run ends."""

SMALL = 64
"""Bytes: the end of a run is told in fewer."""


class Bundles:
    """Holds back what is sent while a run goes on, for a moment."""

    def __init__(self, app: App, hold_s: float = HOLD_S) -> None:
        """Stand before an application.

        Args:
            app: The next one.
            hold_s: As `HOLD_S`.
        """
        self._app = app
        self._hold_s = hold_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a connection on."""
        if scope["type"] != "websocket":
            return await self._app(scope, receive, send)
        held = _Held(send, self._hold_s)
        try:
            return await self._app(scope, receive, held.send)
        finally:
            held.drop()


class _Held:
    """The messages of one connection that wait for others."""

    def __init__(self, send: Send, hold_s: float) -> None:
        self._send, self._hold_s = send, hold_s
        self._waiting: list[Message] = []
        self._going = asyncio.Lock()
        self._timer: asyncio.Task[None] | None = None
        self._broken: Exception | None = None

    async def send(self, message: Message) -> None:
        """Send a message, now or a moment later, in its order.

        Raises:
            Exception: This one, or one before it, could not be sent: the browser has gone.
        """
        if self._broken is not None:
            raise self._broken
        self._waiting.append(message)
        if _can_wait(message):
            if self._timer is None:
                self._timer = asyncio.create_task(self._later())
            return
        self.drop()
        await self._flush()

    def drop(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None and self._timer is not asyncio.current_task():
            self._timer.cancel()
        self._timer = None

    async def _later(self) -> None:
        await asyncio.sleep(self._hold_s)
        self._timer = None
        try:
            await self._flush()
        except Exception as error:  # whoever sends the next one is told
            self._broken = error
            self._waiting.clear()

    async def _flush(self) -> None:
        async with self._going:
            while self._waiting:
                await self._send(self._waiting.pop(0))


def _can_wait(message: Message) -> bool:
    """Whether more of the same run will follow."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    content = message.get("bytes")
    if message["type"] != "websocket.send" or content is None:
        return False
    if len(content) > SMALL:
        return True
    told = ForwardMsg()
    told.ParseFromString(content)
    return told.WhichOneof("type") != "script_finished"
