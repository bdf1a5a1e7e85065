"""NVIDIA's bindings for Python, which torch imports wherever they are, also where no card is."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterator

_BINDINGS = "cuda.bindings"

_DRIVERS = {"linux": "libcuda.so.1", "win32": "nvcuda.dll"}
"""What NVIDIA's driver is called, where there can be one."""


def has_driver() -> bool:
    """Tell whether this computer has NVIDIA's driver: without it the bindings are of no use."""
    try:
        ctypes.CDLL(_DRIVERS[sys.platform])
    except (KeyError, OSError):
        return False
    return True


@contextlib.contextmanager
def spared() -> Iterator[None]:
    """Let torch be imported without the bindings where there is no driver.

    They take 11 MB of every process, and torch can do without: its pip package for Linux brings
    them for all. Nothing changes where they have been imported already.
    """
    if _BINDINGS in sys.modules or has_driver():
        yield
        return
    sys.modules[_BINDINGS] = None  # type: ignore[assignment]  # "there is none", importlib takes it
    try:
        yield
    finally:
        del sys.modules[_BINDINGS]
