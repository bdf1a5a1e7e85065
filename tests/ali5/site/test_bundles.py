"""What a run tells goes out together, in its order, and nothing of it is lost or late."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ali5.site.bundles import Bundles
from ali5.site.guard.asgi import Message, Receive, Scope, Send

FINISHED = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY).SerializeToString()
STARTED = ForwardMsg(session_status_changed={"run_on_save": True}).SerializeToString()  # type: ignore[arg-type]

Act = Callable[[Send], Awaitable[None]]


def sent_by(act: Act, hold_s: float) -> list[tuple[float, Message]]:
    """What went out, and how many seconds after the beginning."""
    out: list[tuple[float, Message]] = []

    async def run() -> None:
        begun = asyncio.get_running_loop().time()

        async def send(message: Message) -> None:
            out.append((asyncio.get_running_loop().time() - begun, message))

        async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
            await act(send)

        await Bundles(app, hold_s)({"type": "websocket"}, None, send)  # type: ignore[arg-type]

    asyncio.run(run())
    return out


def frame(content: bytes) -> Message:
    return {"type": "websocket.send", "bytes": content}


def test_a_run_goes_out_at_its_end() -> None:
    async def act(send: Send) -> None:
        await send({"type": "websocket.accept"})
        for content in (STARTED, b"x" * 500, b"y" * 500):
            await send(frame(content))
            await asyncio.sleep(0.01)
        await send(frame(FINISHED))

    found = sent_by(act, hold_s=60)
    assert [each.get("bytes") for _, each in found] == [
        *(None, STARTED, b"x" * 500, b"y" * 500, FINISHED)
    ]
    assert found[1][0] == found[-1][0] or found[-1][0] - found[1][0] < 0.01, "in one go"
    assert found[0][0] < found[1][0], "nobody waits for being let in"


def test_what_takes_longer_comes_meanwhile() -> None:
    async def act(send: Send) -> None:
        await send(frame(b"x" * 500))
        await asyncio.sleep(0.2)
        await send(frame(b"y" * 500))
        await send({"type": "websocket.close"})

    found = sent_by(act, hold_s=0.01)
    assert [each.get("bytes") for _, each in found] == [b"x" * 500, b"y" * 500, None]
    assert found[0][0] < found[1][0]


def test_nothing_is_sent_once_a_connection_is_over() -> None:
    async def act(send: Send) -> None:
        await send(frame(b"x" * 500))

    assert sent_by(act, hold_s=60) == []


def test_who_sends_next_is_told_that_the_browser_has_gone() -> None:
    told: list[str] = []

    async def run() -> None:
        async def send(_message: Message) -> None:
            raise OSError("gone")

        async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send(frame(b"x" * 500))
            await asyncio.sleep(0.1)
            try:
                await send(frame(b"y" * 500))
            except OSError as error:
                told.append(str(error))

        asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(str(what)))
        await Bundles(app, 0.01)({"type": "websocket"}, None, send)  # type: ignore[arg-type]

    asyncio.run(run())
    gc.collect()
    assert told == ["gone"]
