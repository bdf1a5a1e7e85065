"""How a training holds on to its memory."""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
"""What mallopt calls them, in glibc's malloc.h."""


def keep_freed_memory() -> bool:
    """Let this process keep memory that is freed, for whoever asks next.

    Every step of a training frees and asks for the same hundreds of megabytes. glibc, the C library
    of most Linux systems, gives large blocks back at once, and the system clears them page by page
    when they are asked for again (mallopt(3), M_MMAP_THRESHOLD). The process stays as large as it
    ever was, which is why only trainings do this. The results are the same.

    Returns:
        Whether the C library can do it; other ones have ways of their own and are left alone.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # not glibc; Windows cannot open None
        return False
    # One pool for all threads, nothing outside it, and nothing of it is given back.
    settings = {_ARENA_MAX: 1, _MMAP_MAX: 0, _TRIM_THRESHOLD: -1}
    return all(mallopt(name, value) for name, value in settings.items())
