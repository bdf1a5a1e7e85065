"""Which replica a request goes to: the one that has what it is about, or the least busy one.

Serve's own multiplexing tells a router a tenth of a second later what a replica has loaded, and a
page asks five things of a new trace within that: two replicas would make it. So whoever leads
requests remembers where they went, and who has never led one of a kind goes by rendezvous hashing
(Thaler and Ravishankar 1998), by which all agree as long as all replicas have little to do.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import TypeVar

from ali5.known.catalog import catalog

MUCH = 1_000_000_000
"""Multiply-adds of one picture: from so many on, a GPU is worth the way to it."""

MOST_HOMES = 20_000
"""So many networks and pictures a router remembers the replicas of, the most recently asked for."""

Replica = TypeVar("Replica", bound=Hashable)


class Homes:
    """Where requests went, by what they are about."""

    def __init__(self) -> None:
        self._homes: OrderedDict[str, Hashable] = OrderedDict()

    def ranks(self, route: str, replicas: Iterable[Replica]) -> list[list[Replica]]:
        """Return the replicas that come into question, those first that are to be tried first.

        Args:
            route: What a request is about.
            replicas: All that there are.
        """
        order = sorted(replicas, key=lambda each: _weight(route, each), reverse=True)
        home = self._homes.get(route)
        first = [each for each in order if each == home]
        others = [each for each in order if each != home]
        return [rank for rank in (first, others) if rank]

    def note(self, route: str, replica: Hashable) -> None:
        """Note where a request went."""
        self._homes[route] = replica
        self._homes.move_to_end(route)
        while len(self._homes) > MOST_HOMES:
            self._homes.popitem(last=False)


def _weight(route: str, replica: Hashable) -> bytes:
    return hashlib.blake2b(f"{route}\n{replica}".encode(), digest_size=8).digest()


def is_for_a_gpu(route: str) -> bool:
    """Tell whether what a route leads to computes so much that a GPU should, where there is one."""
    name, edition, *_ = [*route.split("/"), ""]
    known = catalog().get(name)
    return (
        known is not None
        and edition in known.editions
        and known.editions[edition].multiply_adds >= MUCH
    )
