"""A JSON header and raw bytes as one byte string, as the browser components take it. No torch."""

from __future__ import annotations

import json
import struct
from typing import Any


def pack(header: dict[str, Any], *parts: bytes) -> bytes:
    """Return a length (u32, little-endian), a JSON header and raw bytes as one byte string.

    The header is padded with spaces so that what follows starts at a multiple of four bytes.
    """
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return b"".join((struct.pack("<I", len(text)), text, *parts))


def unpack(packed: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the header and the raw bytes of what `pack` made."""
    (length,) = struct.unpack_from("<I", packed)
    return json.loads(packed[4 : 4 + length]), packed[4 + length :]
