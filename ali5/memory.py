"""How much memory there is, and how much of it what is kept may take. No torch."""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path

from ali5.errors import Ali5Error

VARIABLE = "ALI5_MEMORY"
"""In the environment, what all caches may hold together, for example "1G"."""

SHARE = 4
"""Without it, they may hold one part in so many of the machine's memory."""

UNKNOWN_BYTES = 2**30
"""The same on a machine that does not tell how much memory it has."""

LEAST_BYTES = 64 * 2**20
"""With less, hardly anything could be kept: not even ResNet-18 as it ships."""

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

_TEXT = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)


def read_bytes(text: str) -> int:
    """Read a size such as "512M", "1G", "1.5 GB" or "800000000"; 1K is 1,024 bytes.

    Raises:
        Ali5Error: It is no size, or too small to keep anything.
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        shown = text if len(text) <= 40 else f"{text[:39]}…"
        raise Ali5Error(f"'{shown}' is no size of memory. Write for example 512M or 2G.")
    size = round(float(found[1]) * _UNITS[found[2].upper()])
    if size < LEAST_BYTES:
        raise Ali5Error(
            f"'{text.strip()}' is too little memory to keep anything. "
            f"Give {LEAST_BYTES // 2**20}M or more."
        )
    return size


def in_words(size: int) -> str:
    """Say a number of bytes: "553 MB", "1.5 GB"."""
    return f"{size / 1e9:.1f} GB" if size >= 999_500_000 else f"{size / 1e6:.0f} MB"


def budget_bytes() -> int:
    """Return what all caches may hold together, in bytes: as the environment says, or a quarter.

    Raises:
        Ali5Error: The environment does not say a size.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        try:
            return read_bytes(given)
        except Ali5Error as error:
            raise Ali5Error(f"{VARIABLE}: {error}") from error
    there = machine_bytes()
    return UNKNOWN_BYTES if there is None else max(LEAST_BYTES, there // SHARE)


def machine_bytes(root: Path = Path("/")) -> int | None:
    """Return the memory that this process can have, in bytes; None where nobody tells.

    On Linux, a limit of its group of processes (a container's) counts as the machine.

    Args:
        root: Where `proc` and `sys` are.
    """
    found = [size for size in (_physical_bytes(), *_group_limits(root)) if size]
    return min(found, default=None)


def _physical_bytes() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return _windows_bytes()


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of sysinfoapi.h."""

    _fields_ = [
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("physical", ctypes.c_uint64),
        *((name, ctypes.c_uint64) for name in "abcdef"),
    ]


def _windows_bytes() -> int | None:
    kernel = getattr(getattr(ctypes, "windll", None), "kernel32", None)
    if kernel is None:
        return None
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    return status.physical if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None


def _group_limits(root: Path) -> list[int]:
    """Return what Linux allows the control groups of this process, the outer ones included."""
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, place = (*line.split(":", 2), "", "")[:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("memory" if controllers else "")
        name = "memory.limit_in_bytes" if controllers else "memory.max"
        inner = top / place.lstrip("/")
        # In a container the place is often that of the outside, and the limit lies at the top.
        for folder in (inner, *inner.parents):
            if folder.is_relative_to(top):
                found += _number_in(folder / name)
    return found


def _number_in(path: Path) -> list[int]:
    try:
        text = path.read_text("utf-8").strip()
    except OSError:
        return []
    return [int(text)] if text.isdecimal() and int(text) < 2**60 else []  # "max", or as good as
