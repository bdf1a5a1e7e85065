"""Words between two processes of ours: each with its length before it."""

from __future__ import annotations

import struct
from typing import IO

_LENGTH = struct.Struct("<Q")


def write(into: IO[bytes], *parts: bytes) -> None:
    """Write something for the other side, in one piece.

    Raises:
        OSError: The other side has ended.
    """
    into.write(_LENGTH.pack(sum(map(len, parts))))
    for each in parts:
        into.write(each)
    into.flush()


def read(out_of: IO[bytes]) -> bytes:
    """Read what the other side has written; waits for it.

    Raises:
        EOFError: The other side has ended.
    """
    head = out_of.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    words = out_of.read(length)
    if len(words) < length:
        raise EOFError
    return words
