"""The process beside the site that speaks with Ray: requests go to replicas, answers come back.

It reads none of them. Where the site was started with `--engine ray` it is the one that starts Ray,
on this machine for this site alone, and ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import signal
import sys
import threading
from typing import Any

import ray
from ray import serve
from ray.exceptions import RayActorError, RayError
from ray.serve.exceptions import BackPressureError, RayServeException

from ..engine import pipes
from ..engine.far.line import (
    ASK,
    FAILED,
    HOLD,
    REFUSED,
    REPLY,
    STATE,
    STOP,
    TOLD,
    frame,
    parse,
)
from .connecting import connect
from .deploy import APPLICATION, CPU, MOST_QUEUED
from .replica import TOLD as TOLD_THERE

PATIENCE = (0.0, 0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
"""Seconds before each try: a replica that has ended is replaced within a few."""

FULL = (
    "Many are asking the engine at this moment: {count} questions wait before yours. Try again in "
    "a few seconds."
)

_log = logging.getLogger(__name__)


def serve_site(address: str) -> int:
    """Do what the site says until it ends; return the exit status."""
    hear, say = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the site, and that ends this
    driver = Driver(say)
    try:
        connect(address)
        driver.handle = serve.get_deployment_handle(CPU, APPLICATION)
    except Exception as error:
        _log.warning("The engine cannot be reached: %s", error)
        driver.say(0, STATE, str(error).partition("\n")[0].encode() or b"It does not answer.")
        return 1
    try:
        asyncio.run(driver.run(hear))
    finally:
        with contextlib.suppress(Exception):
            ray.shutdown()
    return 0


class Driver:
    """Leads requests to replicas.

    Args:
        into: Where the site hears.
    """

    handle: Any

    def __init__(self, into: Any) -> None:
        self._into = into
        self._saying = threading.Lock()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def say(self, number: int, kind: int, words: bytes) -> None:
        """Tell the site something."""
        with self._saying, contextlib.suppress(OSError, ValueError):
            pipes.write(self._into, *frame(number, kind, words))

    async def run(self, hear: Any) -> None:
        """Do what is said until nothing is said any more."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def listen() -> None:
            with contextlib.suppress(EOFError, OSError, ValueError):
                while True:
                    loop.call_soon_threadsafe(self._do, *parse(pipes.read(hear)))
            loop.call_soon_threadsafe(ended.set)

        threading.Thread(target=listen, daemon=True).start()
        self.say(0, STATE, b"")
        await ended.wait()

    def _do(self, number: int, kind: int, words: bytes) -> None:
        if kind == ASK:
            task = asyncio.ensure_future(self._answer(number, *pickle.loads(words)))
            self._tasks[number] = task
            task.add_done_callback(lambda _: self._tasks.pop(number, None))
        elif kind == STOP:
            task_of = self._tasks.get(number)
            if task_of is not None:
                task_of.cancel()
        elif kind == HOLD:
            pass

    async def _answer(
        self,
        number: int,
        route: str,
        words: bytes,
        spoken_of: tuple[str, ...],
        parts: dict[str, bytes],
        tells: bool,
    ) -> None:
        failed = "The engine does not answer."
        for pause in PATIENCE:
            await asyncio.sleep(pause)
            try:
                if tells:
                    await self._told(number, route, words, spoken_of, parts)
                else:
                    reply = await self.handle.answer.remote(route, words, spoken_of, parts)
                    self.say(number, REPLY, reply)
                return
            except BackPressureError:
                self.say(number, REFUSED, FULL.format(count=MOST_QUEUED).encode())
                return
            except RayActorError as error:  # the replica has ended: another one will answer
                failed = f"The replica has ended. {error}"
            except (RayError, RayServeException) as error:
                failed = str(error)
                break
            except Exception as error:
                _log.exception("A request could not be led to a replica.")
                failed = str(error)
                break
        self.say(number, FAILED, failed.encode())

    async def _told(self, number: int, *asked: Any) -> None:
        stream = self.handle.options(stream=True).tell.remote(*asked)
        async for said in stream:
            kind = TOLD if said[:1] == TOLD_THERE else REPLY
            self.say(number, kind, said[1:])
