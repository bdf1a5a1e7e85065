"""A cache that makes each value once, however many ask at once, within a budget of bytes."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Collection, Hashable
from typing import Any, Generic, TypeVar, cast

from .budget import BUDGET, Budget, Entry
from .turns import aside

Value = TypeVar("Value")

_all: weakref.WeakSet[ByteCache[Any]] = weakref.WeakSet()


def forget_everywhere(names: Collection[str]) -> None:
    """Drop, from all caches, every value whose key is a tuple with one of these names in it."""
    for cache in list(_all):
        cache.forget(lambda key: isinstance(key, tuple) and any(name in key for name in names))


def is_kept(name: str) -> bool:
    """Tell whether any cache keeps something whose key is a tuple with this name in it."""
    return any(
        isinstance(key, tuple) and name in key for cache in list(_all) for key in cache.kept_keys()
    )


class ByteCache(Generic[Value]):
    """Keeps values as long as the budget has room for them, the most recently used ones.

    Values are shared between visitors: they must not be changed.

    Args:
        size: Tells how many bytes a value holds.
        budget: What it shares with other caches; that of the process, if not given.
        dropped: Called with the key of a value that had to make room, while the budget is locked.
    """

    def __init__(
        self,
        size: Callable[[Value], int],
        budget: Budget = BUDGET,
        dropped: Callable[[Hashable], None] = lambda key: None,
    ) -> None:
        self.budget = budget
        self._size = size
        self._dropped = dropped
        self._values: dict[Hashable, Entry] = {}
        self._making: dict[Hashable, threading.Lock] = {}
        self._elsewhere: weakref.WeakValueDictionary[Hashable, Any] = weakref.WeakValueDictionary()
        self._lock = budget.lock
        _all.add(self)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key; make it if it is not there.

        A second visitor who asks for what is just being made waits for it. If making it fails,
        nothing is kept and the next one tries again. What is larger than the whole budget is
        not kept, only found again as long as somebody holds it.
        """
        if (kept := self.kept(key)) is not None:
            return kept
        with aside():
            return self._made(key, make)

    def _made(self, key: Hashable, make: Callable[[], Value]) -> Value:
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if (kept := self.kept(key)) is not None:
                return kept
            try:
                value = make()
                self._keep(key, value)
            finally:
                self._give_up(key, making)
        return value

    def kept(self, key: Hashable) -> Value | None:
        """Return the value of a key if it is there."""
        with self._lock:
            entry = self._values.get(key)
            if entry is None:
                return self._elsewhere.get(key)
            self.budget.use(entry)
            return cast(Value, entry.value)

    def forget(self, matches: Callable[[Hashable], bool]) -> None:
        """Drop every value whose key matches."""
        with self._lock:
            for key in [key for key in self._values if matches(key)]:
                self.budget.leave(self._values.pop(key))
                self._making.pop(key, None)
            for key in [key for key in self._elsewhere if matches(key)]:
                self._elsewhere.pop(key, None)

    def lose(self, entry: Entry) -> None:
        """Forget a value that had to make room; called by the budget."""
        self._values.pop(entry.key, None)
        self._making.pop(entry.key, None)
        self._dropped(entry.key)

    def kept_keys(self) -> list[Hashable]:
        """Return the keys of what is kept."""
        with self._lock:
            return list(self._values)

    def sizes(self) -> dict[Hashable, int]:
        """Return the bytes that each key holds."""
        with self._lock:
            return {key: entry.size for key, entry in self._values.items()}

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._values

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        with self._lock:
            return sum(entry.size for entry in self._values.values())

    def _give_up(self, key: Hashable, making: threading.Lock) -> None:
        """Forget the lock of a key that is not kept; who waits for it tries with the same one."""
        with self._lock:
            if key not in self._values and self._making.get(key) is making:
                del self._making[key]

    def _keep(self, key: Hashable, value: Value) -> None:
        entry = Entry(self, key, value, self._size(value))
        with self._lock:
            before = self._values.pop(key, None)
            if before is not None:  # it was forgotten while it was made, and made twice
                self.budget.leave(before)
            if self.budget.enter(entry):
                self._values[key] = entry
            else:
                with contextlib.suppress(TypeError):  # bytes cannot be found where they are
                    self._elsewhere[key] = value
