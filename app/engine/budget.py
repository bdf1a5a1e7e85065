"""What all caches hold together: one number of bytes for everything that is kept."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Protocol

from ali5.site.memory import budget_bytes


class Owner(Protocol):
    """A cache, as its budget sees it."""

    def lose(self, entry: Entry) -> None:
        """Forget an entry that had to make room; the budget's lock is held."""


class Entry:
    """A value that is kept.

    Attributes:
        owner: The cache it is in.
        key: Its key there.
        value: Shared between visitors; None once it has gone.
        size: In bytes.
    """

    __slots__ = ("key", "owner", "size", "value")

    def __init__(self, owner: Owner, key: Hashable, value: Any, size: int) -> None:
        self.owner, self.key, self.value, self.size = owner, key, value, size


class Budget:
    """A number of bytes that several caches share; what was not used for longest makes room.

    What a visitor's run still holds takes memory whether it is kept or not: it stays until the run
    lets go of it, counts, and others make room for it.

    Attributes:
        lock: Held by the caches while they look or change something.
    """

    def __init__(self, limit: int | Callable[[], int]) -> None:
        """Make a budget.

        Args:
            limit: In bytes; a function is asked once, when it is first needed.
        """
        self.lock = threading.RLock()
        self._limit = limit
        self._entries: OrderedDict[Entry, None] = OrderedDict()
        self._held = 0
        self._elsewhere: set[Callable[[], int]] = set()

    @property
    def limit(self) -> int:
        """What the caches may hold together, in bytes.

        Raises:
            Ali5Error: The environment says something that is no size.
        """
        if callable(self._limit):
            self._limit = self._limit()
        return self._limit

    @property
    def room(self) -> int:
        """What is left of it for the caches beside what is kept elsewhere, in bytes."""
        return max(0, self.limit - sum(each() for each in self._elsewhere))

    def count_also(self, elsewhere: Callable[[], int]) -> None:
        """Let something count that is kept elsewhere: a function that returns its bytes."""
        self._elsewhere.add(elsewhere)

    @property
    def nbytes(self) -> int:
        """What they hold now."""
        return self._held

    def enter(self, entry: Entry) -> bool:
        """Take in a value, if it fits at all, and let others make room; tell whether it is kept."""
        room = self.room
        if entry.size > room:
            return False
        with self.lock:
            self._entries[entry] = None
            self._held += entry.size
            self._shrink(room, list(self._entries), spared=entry)
        return True

    def use(self, entry: Entry) -> None:
        """Note that a value was used now."""
        self._entries.move_to_end(entry)

    def leave(self, entry: Entry) -> None:
        """Let go of a value that its cache has forgotten."""
        with self.lock:
            if entry in self._entries:
                del self._entries[entry]
                self._held -= entry.size

    def make_room(self, size: int) -> None:
        """Let others go before something of that size is made, as far as that is possible."""
        with self.lock:
            self._shrink(max(0, self.room - size), list(self._entries))

    @contextlib.contextmanager
    def room_for(self, size: int) -> Iterator[None]:
        """Hold room for something of that size while it is made: it takes memory by and by."""
        with self.lock:
            self.make_room(size)
            self._held += size
        try:
            yield
        finally:
            with self.lock:
                self._held -= size

    def shrink(self, limit: int) -> None:
        """Let the largest values go until no more than so many bytes are held."""
        with self.lock:
            self._shrink(limit, sorted(self._entries, key=lambda entry: -entry.size))

    def _shrink(self, limit: int, order: Iterable[Entry], spared: Entry | None = None) -> None:
        """Let values go in this order, again and again: a trace that goes may free its network."""
        left = [entry for entry in order if entry is not spared]
        while self._held > limit:
            stayed = []
            for entry in left:
                if self._held <= limit or entry not in self._entries or not _let_go(entry):
                    stayed.append(entry)
                    continue
                self.leave(entry)
                entry.owner.lose(entry)
            if len(stayed) == len(left):
                return
            left = stayed


def _let_go(entry: Entry) -> bool:
    """Let go of a value, unless somebody else holds it: then that would free nothing."""
    try:
        others = weakref.ref(entry.value)
    except TypeError:  # bytes, numbers and lists cannot be asked
        entry.value = None
        return True
    entry.value = None
    entry.value = others()
    return entry.value is None


BUDGET = Budget(budget_bytes)
"""Of this process."""
