"""A JSON header and raw bytes as one byte string, as the browser components take it. No torch."""

from __future__ import annotations

import json
import struct
from typing import Any


class Written(str):
    """A value that is JSON already: `pack` puts it in as it is."""

    __slots__ = ()


def written(value: Any) -> Written:
    """Return a value as `pack` would write it, to be kept where it is the same again and again."""
    return Written(json.dumps(value, separators=(",", ":"), allow_nan=False))


def pack(header: dict[str, Any], *parts: bytes) -> bytes:
    """Return a length (u32, little-endian), a JSON header and raw bytes as one byte string.

    The header is padded with spaces so that what follows starts at a multiple of four bytes.
    """
    texts = (
        f"{written(name)}:{value if isinstance(value, Written) else written(value)}"
        for name, value in header.items()
    )
    text = f"{{{','.join(texts)}}}".encode()
    text += b" " * (-len(text) % 4)
    return b"".join((struct.pack("<I", len(text)), text, *parts))


class Body:
    """Parts of the raw bytes, one after the other, and where each of them begins.

    Attributes:
        parts: What `pack` takes behind the header.
        length: Of all of them, in bytes.
    """

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.length = 0

    def add(self, part: bytes) -> int:
        """Append a part; return where it begins."""
        begin = self.length
        self.parts.append(part)
        self.length += len(part)
        return begin


def unpack(packed: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the header and the raw bytes of what `pack` made."""
    (length,) = struct.unpack_from("<I", packed)
    return json.loads(packed[4 : 4 + length]), packed[4 + length :]
