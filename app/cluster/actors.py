"""What lives in Ray beside the replicas: the board that says what is gone, and hosts of lessons."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import ray

from ..engine import beside
from .holding import Holding

BOARD, NAMESPACE = "ali5-board", "ali5"

LOOK_S = 2.0
"""So often the board looks whether a site has ended."""

UNUSED_S = 1200.0
"""A host forgets what nobody has called for so long: a lesson pauses by itself long before."""


@ray.remote(num_cpus=0, max_restarts=-1, max_concurrency=1000)
class Board:
    """Says what no visitor holds any more, to whoever waits for it."""

    def __init__(self) -> None:
        self._holding = Holding()
        self._changed = asyncio.Condition()
        self._looking = asyncio.ensure_future(self._look())

    async def hold(self, site: str, held: frozenset[str]) -> None:
        """Note what the visitors of a site hold now."""
        before = self._holding.count
        self._holding.hold(site, held)
        await self._tell(before)

    async def gone(self, count: int) -> tuple[int, list[str]]:
        """Return how many have gone, and those since `count` had; waits until there are any."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._holding.count != count)
        return self._holding.count, self._holding.since(count)

    async def count(self) -> int:
        """Return how many have gone."""
        return self._holding.count

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            before = self._holding.count
            self._holding.look()
            await self._tell(before)

    async def _tell(self, before: int) -> None:
        if self._holding.count != before:
            async with self._changed:
                self._changed.notify_all()


def board() -> Any:
    """Return the cluster's board; the first one who asks has it made."""
    return Board.options(  # type: ignore[attr-defined]
        name=BOARD, namespace=NAMESPACE, get_if_exists=True, lifetime="detached"
    ).remote()


@ray.remote(num_cpus=0, max_restarts=0)
class Host:
    """Keeps what the visitors of one site have sent there, and does what that is told.

    It belongs to the process that leads the site's requests, and ends with it.
    """

    def __init__(self) -> None:
        self._things: dict[int, Any] = {}
        self._called: dict[int, float] = {}
        beside.get_ready(["torch"])

    def do(self, number: int, asked: bytes) -> bytes:
        """Do what is asked, as a process beside the site does."""
        now = time.monotonic()
        self._called[number] = now
        for each, when in list(self._called.items()):
            if now - when > UNUSED_S:
                self._things.pop(each, None)
                del self._called[each]
        return beside.answer(self._things, asked)
