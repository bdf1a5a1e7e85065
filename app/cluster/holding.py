"""What visitors hold, of all sites together: what none holds any more is forgotten everywhere.

A site says what its visitors hold whenever that changes, and every few seconds again: one that has
ended says nothing, and after a while its visitors hold nothing. No Ray.
"""

from __future__ import annotations

import time
from collections.abc import Callable

AGAIN_S = 5.0
"""So often a site says it again."""

SILENT_S = 30.0
"""A site that has said nothing for so long has ended."""

MOST_GONE = 10_000
"""So many are remembered for replicas that have not asked yet."""


class Holding:
    """Who holds what.

    Args:
        clock: In seconds.

    Attributes:
        count: Of all that have gone so far.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.count = 0
        self._clock = clock
        self._held: dict[str, tuple[float, frozenset[str]]] = {}
        self._gone: list[str] = []

    def hold(self, site: str, held: frozenset[str]) -> None:
        """Note what the visitors of a site hold now.

        Args:
            site: Its name, which no other has.
            held: Digests of pictures, heads and files of weights.
        """
        before = self.held
        self._held[site] = self._clock(), held
        self._note(before)

    def look(self) -> None:
        """Let go of what sites held that have ended."""
        before, now = self.held, self._clock()
        self._held = {
            site: (said, held) for site, (said, held) in self._held.items() if now - said < SILENT_S
        }
        self._note(before)

    @property
    def held(self) -> frozenset[str]:
        """All that any visitor holds."""
        return frozenset().union(*(held for _, held in self._held.values()))

    def since(self, count: int) -> list[str]:
        """Return what has gone since so many had; all that is remembered if that cannot be."""
        known = self.count - len(self._gone)
        return self._gone[max(0, count - known) :] if count <= self.count else list(self._gone)

    def _note(self, before: frozenset[str]) -> None:
        gone = sorted(before - self.held)
        self.count += len(gone)
        self._gone = [*self._gone, *gone][-MOST_GONE:]
