"""The C library's memory: what becomes of what was freed, kept at hand or given back.

glibc, the C library of most Linux systems, is told what suits a process; other ones have ways of
their own and are left alone, and nothing here fails for that.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -3, -4, -8
"""What mallopt calls them, in glibc's malloc.h."""

OWN_BLOCK_BYTES = 2**18
"""In a site, what is larger than this goes back to the system as soon as it is freed."""


def keep_freed_memory() -> bool:
    """Let this process keep memory that is freed, for whoever asks next.

    Every step of a training frees and asks for the same hundreds of megabytes. glibc gives large
    blocks back at once, and the system clears them page by page when they are asked for again
    (mallopt(3), M_MMAP_THRESHOLD). The process stays as large as it ever was, which is why only
    trainings do this. The results are the same.

    Returns:
        Whether the C library can do it.
    """
    # One pool for all threads, nothing outside it, and nothing of it is given back.
    return _set({_ARENA_MAX: 1, _MMAP_MAX: 0, _TRIM_THRESHOLD: -1})


def return_freed_memory() -> bool:
    """Let this process return memory that is freed, for other programs: what a site wants.

    Left alone, glibc has up to eight pools for each core, and learns from every large block that
    is freed to put the next ones of that size into a pool, where they stay (mallopt(3),
    M_ARENA_MAX and M_MMAP_THRESHOLD). The results are the same.

    Returns:
        Whether the C library can do it.
    """
    return _set({_ARENA_MAX: 2, _MMAP_THRESHOLD: OWN_BLOCK_BYTES, _TRIM_THRESHOLD: OWN_BLOCK_BYTES})


def trim() -> bool:
    """Return what is free in the pools to the system now.

    Returns:
        Whether the C library can do it and found something.
    """
    malloc_trim = _function("malloc_trim")
    return malloc_trim is not None and bool(malloc_trim(ctypes.c_size_t(0)))


def _set(settings: Mapping[int, int]) -> bool:
    mallopt = _function("mallopt")
    return mallopt is not None and all(mallopt(name, value) for name, value in settings.items())


def _function(name: str) -> Callable[..., Any] | None:
    try:
        # Also musl and macOS may have something of that name; only glibc says its version.
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018
        found: Callable[..., Any] = getattr(library, name)
    except (AttributeError, OSError, TypeError):  # not glibc; Windows cannot open None
        return None
    return found
