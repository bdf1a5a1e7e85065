"""Torch and the first network, loaded in the background while the page is already there."""

from __future__ import annotations

import sys
import threading

from ali5.networks.allocator import return_freed_memory
from ali5.site.warming import load_engine

from . import collector
from .far import far
from .kept import network
from .turns import aside

FIRST_NETWORK = ("resnet18", "compact", "bundled")
"""The one that is asked if nobody has chosen: its id, its edition, its weights."""

_loading = threading.Lock()
_loader: threading.Thread | None = None
_wanted = threading.Event()


def start_loading(after_s: float = 0.0) -> None:
    """Begin to load torch and the first network in the background, once; or to reach the engine.

    Args:
        after_s: After so many seconds, unless somebody asks for it sooner.
    """
    elsewhere = far()
    if elsewhere is not None:
        elsewhere.line.start()
    else:
        _start_here(after_s)


def _start_here(after_s: float = 0.0) -> threading.Thread:
    global _loader
    with _loading:
        if _loader is None:
            return_freed_memory()  # before there is any
            _loader = threading.Thread(
                target=_load, args=(after_s,), name="ali5-loader", daemon=True
            )
            _loader.start()
        if not after_s:
            _wanted.set()
        return _loader


def is_loaded() -> bool:
    """Tell whether torch is there, or the engine elsewhere."""
    elsewhere = far()
    if elsewhere is not None:
        return elsewhere.line.is_there
    return _loader is not None and not _loader.is_alive()


def is_away() -> bool:
    """Tell whether the engine is elsewhere, and cannot be reached now."""
    elsewhere = far()
    return elsewhere is not None and elsewhere.line.is_away


def wait_until_loaded(seconds: float, after_s: float = 0.0) -> bool:
    """Wait for torch, at most so long; tell whether it is there.

    Args:
        seconds: At most.
        after_s: As for `start_loading`.

    Raises:
        EngineAway: The engine is elsewhere, and cannot be reached.
    """
    elsewhere = far()
    with aside():
        if elsewhere is not None:
            return elsewhere.line.wait(seconds)
        _start_here(after_s).join(seconds)
    return is_loaded()


def loading_in_words() -> str:
    """Say what is waited for."""
    if far() is not None:
        return "Waiting for the engine that computes for this page …"
    return "Loading PyTorch, a few seconds the first time …"


def let_go_of_all() -> None:
    """Let go of all that is kept and that nobody is using, because memory is full."""
    collector.let_go(keep=0)


def says_full(error: Exception) -> str:
    """Return a sentence if an error means that memory is full, and let go of all; else ""."""
    if "torch" not in sys.modules and not isinstance(error, MemoryError):
        return ""
    from ali5.networks.devices import full_in_words, is_out_of_memory

    if not is_out_of_memory(error):
        return ""
    let_go_of_all()
    return full_in_words()


def _load(after_s: float) -> None:
    _wanted.wait(after_s)
    try:
        load_engine()
        network(*FIRST_NETWORK)
        from ali5.networks.devices import ask_for_room

        ask_for_room(let_go_of_all)
    finally:
        collector.let_go()
