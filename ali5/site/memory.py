"""How much memory there is, and how much of it what is kept may take. No torch."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from .settings import LEAST_MEMORY, settle

SHARE = 4
"""Where nothing else is set, all caches may hold one part in so many of the machine's memory."""

UNKNOWN_BYTES = 2**30
"""The same on a machine that does not tell how much memory it has."""


def in_words(size: int) -> str:
    """Say a number of bytes: "553 MB", "1.5 GB"."""
    return f"{size / 1e9:.1f} GB" if size >= 999_500_000 else f"{size / 1e6:.0f} MB"


def budget_bytes() -> int:
    """Return what all caches may hold together, in bytes: as is set, or else a quarter.

    Raises:
        Ali5Error: A setting of the environment is not possible.
    """
    given = settle().memory
    if given is not None:
        return given
    there = machine_bytes()
    return UNKNOWN_BYTES if there is None else max(LEAST_MEMORY, there // SHARE)


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
