"""A cache that is bounded in bytes and makes each value once, however many ask at once."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from typing import Any, Generic, TypeVar

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
    """Keeps the most recently used values, up to a number of bytes.

    Values are shared between visitors: they must not be changed.

    Args:
        limit: Bytes that all values may hold together; a single larger one is still kept.
        size: Tells how many bytes a value holds.
        dropped: Called with the key of a value that had to make room.
    """

    def __init__(
        self,
        limit: int,
        size: Callable[[Value], int],
        dropped: Callable[[Hashable], None] = lambda key: None,
    ) -> None:
        self._limit = limit
        self._size = size
        self._dropped = dropped
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        _all.add(self)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key; make it if it is not there.

        A second visitor who asks for what is just being made waits for it. If making it fails,
        nothing is kept and the next one tries again.
        """
        if (kept := self.kept(key)) is not None:
            return kept
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            if (kept := self.kept(key)) is not None:
                return kept
            try:
                value = make()
            except BaseException:
                self._give_up(key, making)
                raise
            self._keep(key, value)
        return value

    def kept(self, key: Hashable) -> Value | None:
        """Return the value of a key if it is there."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def forget(self, matches: Callable[[Hashable], bool]) -> None:
        """Drop every value whose key matches."""
        with self._lock:
            for key in [key for key in self._values if matches(key)]:
                self._values.pop(key)
                self._making.pop(key, None)

    def kept_keys(self) -> list[Hashable]:
        """Return the keys of what is kept, the least recently used first."""
        with self._lock:
            return list(self._values)

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._values

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        with self._lock:
            return sum(size for _, size in self._values.values())

    def _give_up(self, key: Hashable, making: threading.Lock) -> None:
        """Forget a key whose value could not be made; who waits for it tries with the same lock."""
        with self._lock:
            if key not in self._values and self._making.get(key) is making:
                del self._making[key]

    def _keep(self, key: Hashable, value: Value) -> None:
        size = self._size(value)
        dropped = []
        with self._lock:
            self._values[key] = (value, size)
            held = sum(each for _, each in self._values.values())
            while held > self._limit and len(self._values) > 1:
                oldest, (_, bytes_) = self._values.popitem(last=False)
                self._making.pop(oldest, None)
                held -= bytes_
                dropped.append(oldest)
        for oldest in dropped:
            self._dropped(oldest)
