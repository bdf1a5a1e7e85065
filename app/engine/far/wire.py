"""What is asked of an engine elsewhere, and what it answers, written down.

A picture goes by the digest of its pixels, and a large file by that of its content: what it says is
sent once, to whoever does not have it yet. What a visitor has brought is bytes within bytes, and
nobody takes those apart but the readers of `ali5`: both sides are ours, and only what one of them
has written is unpickled by the other.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import FunctionType, MethodType
from typing import Any

from PIL import Image

from ..picture import Picture

PLACE = -1
"""In the place of the number of a function: what is told is how many compute before."""

LARGE = 16_384
"""Bytes of a file that goes by its digest; smaller ones go along."""

LARGEST = 2**24
"""Bytes of a file that goes along, too: own weights, which are sent once in any case."""


@dataclass(frozen=True)
class Reply:
    """What comes of a letter.

    Attributes:
        kind: "fine", "refused", "failed" or "missing".
        said: Written down, by kind: the answer; the error of ours; the traceback; nothing.
        missing: Digests of what has to be sent first.
        seconds: How long it has computed.
    """

    kind: str
    said: bytes = b""
    missing: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass
class Letter:
    """Something written down.

    Attributes:
        words: What it says.
        parts: By their digests, what it speaks of but does not hold: pictures and files.
        told: The functions in it, which are called where it was written.
    """

    words: bytes = b""
    parts: dict[str, Image.Image | bytes] = field(default_factory=dict)
    told: list[Callable[..., object]] = field(default_factory=list)

    def some(self, digests: Iterable[str]) -> dict[str, bytes]:
        """Return some of its parts, written down."""
        return {each: pickled(self.parts[each]) for each in digests}


def write(value: object) -> Letter:
    """Write something down."""
    letter, file = Letter(), io.BytesIO()
    _Writer(file, letter).dump(value)
    letter.words = file.getvalue()
    return letter


def read(
    words: bytes,
    part: Callable[[str], Any],
    told: Callable[[int], Callable[..., object]] | None = None,
) -> Any:
    """Read what was written.

    Args:
        words: Of a letter of ours.
        part: Returns a picture's image or a file by its digest.
        told: Returns what is called in the place of a function, by its number.
    """
    return _Reader(io.BytesIO(words), part, told).load()


def pickled(value: object) -> bytes:
    """Write something down that holds no pictures by digest."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


class _Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, letter: Letter) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._letter = letter
        self._images: dict[int, str] = {}

    def persistent_id(self, value: Any) -> tuple[Any, ...] | None:
        kind = type(value)
        if kind is bytes:
            return self._file(value) if LARGE <= len(value) <= LARGEST else None
        if kind is Picture:
            self._letter.parts[value.digest] = value.image
            self._images[id(value.image)] = value.digest
            return "picture", value.name, value.digest, value.caption, value.notes
        if kind is MethodType or (kind is FunctionType and "<" in value.__qualname__):
            return self._function(value)
        if isinstance(value, Image.Image) and id(value) in self._images:
            return "part", self._images[id(value)]
        return None

    def _file(self, content: bytes) -> tuple[str, str]:
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        self._letter.parts[digest] = content
        return "part", digest

    def _function(self, value: Callable[..., object]) -> tuple[str, int]:
        self._letter.told.append(value)
        return "told", len(self._letter.told) - 1


class _Reader(pickle.Unpickler):
    def __init__(
        self,
        file: io.BytesIO,
        part: Callable[[str], Any],
        told: Callable[[int], Callable[..., object]] | None,
    ) -> None:
        super().__init__(file)
        self._part, self._told = part, told

    def persistent_load(self, what: Any) -> Any:
        match what:
            case "picture", name, digest, caption, notes:
                return Picture(name, self._part(digest), digest, caption, notes)
            case "part", digest:
                return self._part(digest)
            case "told", number:
                return None if self._told is None else self._told(number)
        raise pickle.UnpicklingError(f"There is nothing called {what}.")


def unpickled(words: bytes) -> Any:
    """Read what holds no pictures by digest, and was written by the other side."""
    return pickle.loads(words)


def name_of(request: Callable[..., Any]) -> str:
    """Return the name that a request goes by: where it is, and what it is called there."""
    return f"{request.__module__.removeprefix(_APP)}.{request.__name__}"


_APP = f"{__package__.rpartition('.engine.')[0]}."
