"""The process beside the site that speaks with Ray: requests go to replicas, answers come back.

It reads none of them. Where the site was started with `--engine ray` it is the one that starts Ray,
on this machine for this site alone, and ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import secrets
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import Any

import ray
from ray import serve
from ray.exceptions import RayActorError, RayError
from ray.serve.exceptions import BackPressureError, RayServeException

from ..engine import pipes
from ..engine.far.line import (
    ASK,
    CALL,
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
from .actors import Host, board
from .connecting import connect
from .deploy import APPLICATION, CPU, GPU, MOST_QUEUED
from .holding import AGAIN_S
from .replica import TOLD as TOLD_THERE
from .routing import is_for_a_gpu

PATIENCE = (0.0, 0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
"""Seconds before each try: a replica that has ended is replaced within a few."""

FULL = (
    "Many are asking the engine at this moment: {count} questions wait before yours. Try again in "
    "a few seconds."
)

MOST_HOSTS = 4
"""So many processes keep the lessons of one site; each takes as much memory as PyTorch."""

_log = logging.getLogger(__name__)


def serve_site(address: str) -> int:
    """Do what the site says until it ends; return the exit status."""
    hear, say = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the site, and that ends this
    driver = Driver(say)
    try:
        connect(address)
        driver.find()
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

    _cpus: Any
    _gpus: Any
    _board: Any

    def __init__(self, into: Any) -> None:
        self._into = into
        self._saying = threading.Lock()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._led: dict[int, tuple[Any, str]] = {}
        self._name = secrets.token_hex(8)
        self._held: frozenset[str] = frozenset()
        self._hosts = Hosts()

    def find(self) -> None:
        """Find the engine in the cluster that this process is connected to."""
        self._cpus = serve.get_deployment_handle(CPU, APPLICATION)
        there = serve.status().applications[APPLICATION].deployments
        self._gpus = serve.get_deployment_handle(GPU, APPLICATION) if GPU in there else None
        self._board = board()

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
        holding = asyncio.ensure_future(self._hold())
        self.say(0, STATE, b"")
        await ended.wait()
        holding.cancel()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._board.hold.remote(self._name, frozenset()), 2)

    def _do(self, number: int, kind: int, words: bytes) -> None:
        if kind == ASK:
            self._begin(number, self._answer(number, *pickle.loads(words)))
        elif kind == STOP:
            task_of = self._tasks.get(number)
            if task_of is not None:
                task_of.cancel()
            if number in self._led:
                replicas, route = self._led[number]
                replicas.stop.remote(route, self._name_of(number))
        elif kind == CALL:
            self._begin(number, self._call(number, *pickle.loads(words)))
        elif kind == HOLD:
            self._held = pickle.loads(words)
            self._board.hold.remote(self._name, self._held)

    def _begin(self, number: int, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[number] = task = asyncio.ensure_future(work)
        task.add_done_callback(lambda _: self._forget(number))

    def _forget(self, number: int) -> None:
        self._tasks.pop(number, None)
        self._led.pop(number, None)

    def _name_of(self, number: int) -> str:
        return f"{self._name}-{number}"

    async def _call(self, number: int, left: list[int], thing: int, asked: bytes) -> None:
        """Have a thing do what it is told, in the host that it is in."""
        for each in left:
            self._hosts.let_go(each)
        try:
            self.say(number, REPLY, await self._hosts.of(thing).do.remote(thing, asked))
        except Exception as error:
            self._hosts.let_go(thing)
            self.say(number, FAILED, str(error).encode())

    async def _hold(self) -> None:
        """Say again and again what this site's visitors hold."""
        while True:
            await asyncio.sleep(AGAIN_S)
            with contextlib.suppress(Exception):
                await self._board.hold.remote(self._name, self._held)

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
        replicas = self._gpus if self._gpus is not None and is_for_a_gpu(route) else self._cpus
        asked = (route, self._name_of(number), words, spoken_of, parts)
        self._led[number] = replicas, route
        for pause in PATIENCE:
            await asyncio.sleep(pause)
            try:
                if tells:
                    await self._told(number, replicas, *asked)
                else:
                    reply = await replicas.answer.remote(*asked)
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

    async def _told(self, number: int, replicas: Any, *asked: Any) -> None:
        stream = replicas.options(stream=True).tell.remote(*asked)
        try:
            async for said in stream:
                kind = TOLD if said[:1] == TOLD_THERE else REPLY
                self.say(number, kind, said[1:])
        except asyncio.CancelledError:
            stream.cancel()  # a single answer is cancelled with its task, this one is not
            raise


class Hosts:
    """The processes that keep what visitors of this site have sent away."""

    def __init__(self) -> None:
        self._hosts: list[Any] = []
        self._things: dict[int, Any] = {}

    def of(self, thing: int) -> Any:
        """Return the host of a thing; a new one goes to that with the fewest."""
        if thing not in self._things:
            kept = list(self._things.values())
            idle = [each for each in self._hosts if each not in kept]
            most = min(MOST_HOSTS, int(ray.cluster_resources().get("CPU", 1)))
            if not idle and len(self._hosts) < most:
                self._hosts.append(Host.remote())  # type: ignore[attr-defined]
            self._things[thing] = min(idle or self._hosts, key=kept.count)
        return self._things[thing]

    def let_go(self, thing: int) -> None:
        """Forget a thing; a host that keeps nothing any more ends."""
        host = self._things.pop(thing, None)
        if host is None:
            return
        if host in self._things.values():
            host.do.remote(thing, pickle.dumps(([thing], -1, "", ())))
            return
        self._hosts.remove(host)
        ray.kill(host)
