"""A replica of the engine as Ray Serve runs it: one thread computes, and many may wait."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ali5.networks.bindings import spared

from .. import engine
from ..engine.far import wire

if TYPE_CHECKING:
    from .answering import Work

MOST_AT_ONCE = 16
"""Requests that a replica has at the same time: one computes, what is kept is answered at once."""

TOLD, REPLY = b"t", b"r"
"""What comes of a request that tells how far it is: that, and in the end the reply."""

PLACE_S = 0.3
"""So often who waits is told how many compute before."""

_log = logging.getLogger("ali5.engine")


class Replica:
    """The engine, one process of it.

    Args:
        threads: That compute one request.
        memory: What is kept takes at most that much; "" for its share of the machine.
        device: Where it computes.
        beside: Replicas on GPUs, which belong to the same application.
    """

    def __init__(
        self, threads: int = 1, memory: str = "", device: str = "auto", beside: object = None
    ) -> None:
        os.environ.pop("ALI5_ENGINE", None)
        os.environ["ALI5_DEVICE"] = device
        if memory:
            os.environ["ALI5_MEMORY"] = memory
        with spared():
            import torch
        torch.set_num_threads(threads)
        engine.one_place()
        from . import answering  # loads torch, which the process that leads requests does without
        from .meters import Meters
        from .ports import keep_to_this_address

        keep_to_this_address()

        answering.attend()
        engine.wait_until_loaded(600)
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, "ali5-answer")
        self._answering, self._meters = answering, Meters()
        self._at_work: dict[str, Work] = {}
        self._stopped: deque[str] = deque(maxlen=100)
        self._forgetting = asyncio.get_running_loop().create_task(self._forget())

    async def answer(
        self,
        route: str,
        name: str,
        words: bytes,
        spoken_of: tuple[str, ...],
        parts: Mapping[str, bytes],
    ) -> bytes:
        """Answer a request of the site.

        Args:
            route: Led it here.
            name: Its own, by which it can be stopped.
            words: Of its letter.
            spoken_of: The digests in it.
            parts: Those of them that have come along.

        Returns:
            A `wire.Reply`, written down.
        """
        with self._working(route, name) as work:
            return await self._reply(work, words, spoken_of, parts)

    async def tell(
        self,
        route: str,
        name: str,
        words: bytes,
        spoken_of: tuple[str, ...],
        parts: Mapping[str, bytes],
    ) -> AsyncIterator[bytes]:
        """Answer a request that tells how far it is; as `answer` does.

        Yields:
            `TOLD` with what it tells, and in the end `REPLY` with the reply.
        """
        told: asyncio.Queue[bytes] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def tell(words: bytes) -> None:
            loop.call_soon_threadsafe(told.put_nowait, words)

        with self._working(route, name) as work:
            reply = asyncio.ensure_future(self._reply(work, words, spoken_of, parts, tell))
            place = 0
            while not reply.done():
                said = asyncio.ensure_future(told.get())
                await asyncio.wait(
                    {reply, said}, timeout=PLACE_S, return_when=asyncio.FIRST_COMPLETED
                )
                if said.done():
                    yield TOLD + said.result()
                    continue
                said.cancel()
                if work.place != place:
                    place = work.place
                    yield TOLD + wire.pickled((wire.PLACE, (place,)))
            yield REPLY + reply.result()

    async def stop(self, route: str, name: str) -> None:
        """Stop a request: Serve's own way does not reach one that has just been sent."""
        if name in self._at_work:
            self._at_work[name].stop.set()
        else:
            self._stopped.append(name)

    async def _forget(self) -> None:
        """Forget what was made for things that no visitor holds any more, as soon as that is so."""
        from .actors import board

        count = -1
        while True:
            try:
                there = board()
                count = await there.count.remote() if count < 0 else count
                count, digests = await there.gone.remote(count)
                engine.forget_digests(digests)
            except Exception:  # the board is made anew
                _log.exception("The board that says what is gone does not answer.")
                await asyncio.sleep(1)

    def check_health(self) -> None:
        """Say that it is well: Serve asks."""

    @contextlib.contextmanager
    def _working(self, route: str, name: str) -> Any:
        work, began = self._answering.Work(), time.monotonic()
        self._at_work[name] = work
        if name in self._stopped:
            work.stop.set()
        try:
            yield work
        finally:
            work.stop.set()  # also where the request was cancelled
            del self._at_work[name]
            self._meters.note(route, work.seconds, time.monotonic() - began)

    async def _reply(
        self,
        work: Work,
        words: bytes,
        spoken_of: tuple[str, ...],
        parts: Mapping[str, bytes],
        tell: Callable[[bytes], None] | None = None,
    ) -> bytes:
        loop = asyncio.get_running_loop()
        reply = await loop.run_in_executor(
            self._pool, self._answering.answer, words, spoken_of, parts, work, tell
        )
        return wire.pickled(reply)
