"""What was worked out for a trace or a picture: made once for all visitors, and gone with it."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import threading
import weakref
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from PIL import Image

from .cache import ByteCache

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace

Value = TypeVar("Value")

OBJECT_BYTES = 100
"""What a number, an entry or anything else without a size of its own is counted as."""


def once(owner: object, key: Hashable, make: Callable[[], Value]) -> Value:
    """Return what `make` gives for an owner, made once however many ask for it at the same time.

    It is shared between visitors: it must not be changed. It must not hold the owner, or neither
    would go; and `make` must not ask for its own key.

    Args:
        owner: What it is about: a trace, or a picture.
        key: What it is, and by what the same `make` gives something else.
        make: Works it out. If it fails, nothing is remembered and the next one tries again.
    """
    forget_gone_owners()
    return cast(Value, _remembered.get((number_of(owner), key), make))


def number_of(owner: object) -> int:
    """Return a number that no other owner has had, for as long as this process runs."""
    with _numbering:
        number = _numbers.get(id(owner))
        if number is None:
            number = _numbers[id(owner)] = next(_count)
            weakref.finalize(owner, _note, id(owner), number).atexit = False
        return number


def _note(place: int, number: int) -> None:
    # A finalizer may run in the middle of anything: it only takes note.
    _numbers.pop(place, None)
    _gone.append(number)


def name_of(trace: Trace) -> str:
    """Return a name for what a trace holds: made again of the same, it has the same one."""
    with _numbering:
        return _names.get(trace, "") or f"#{number_of(trace)}"


def name(trace: Trace, key: Hashable) -> Trace:
    """Name a trace by what it was made of; return it."""
    with _numbering:
        _names[trace] = hashlib.blake2b(repr(key).encode(), digest_size=12).hexdigest()
    return trace


def name_alike(trace: Trace, other: Trace) -> None:
    """Give a trace the name of another one that holds the same."""
    same = name_of(other)
    with _numbering:
        _names[trace] = same


def forget_gone_owners() -> None:
    """Let go of what was worked out for traces and pictures that nobody holds any more."""
    gone = set()
    while True:
        try:
            gone.add(_gone.popleft())
        except IndexError:  # also when another thread has taken the last one
            break
    if gone:
        _remembered.forget(lambda key: cast("tuple[int, Hashable]", key)[0] in gone)


def bytes_of(value: object) -> int:
    """Estimate the memory that a value holds: arrays and bytes as they are, the rest by entries."""
    if isinstance(value, (bytes, str)):
        return OBJECT_BYTES + len(value)
    nbytes = getattr(value, "nbytes", None)
    if isinstance(nbytes, int):
        return OBJECT_BYTES + nbytes
    if isinstance(value, Image.Image):
        return OBJECT_BYTES + value.width * value.height * len(value.getbands())
    if isinstance(value, Mapping):
        return OBJECT_BYTES + sum(bytes_of(key) + bytes_of(each) for key, each in value.items())
    if isinstance(value, (tuple, list, set, frozenset)):
        return OBJECT_BYTES + sum(bytes_of(each) for each in value)
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return OBJECT_BYTES + sum(bytes_of(getattr(value, field.name)) for field in fields)
    return OBJECT_BYTES


_remembered: ByteCache[Any] = ByteCache(bytes_of)
"""By the number of the owner and the key."""

_numbers: dict[int, int] = {}
"""By where the owner is in memory, for as long as it is there."""

_count = itertools.count()
_names: weakref.WeakKeyDictionary[Trace, str] = weakref.WeakKeyDictionary()
_numbering = threading.RLock()

_gone: deque[int] = deque()
"""Numbers of owners that nobody holds any more."""
