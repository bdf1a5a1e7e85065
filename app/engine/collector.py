"""Python's garbage collector: it is spared torch, and still finds what a visitor leaves behind."""

from __future__ import annotations

import gc
import threading

_LATER_SECONDS = 5.0
"""So long after a visitor has gone their session is taken apart."""

_tidying = threading.Lock()
_timers: list[threading.Timer] = []


def tidy() -> None:
    """Collect all garbage, then keep the collector from visiting what is left.

    torch leaves some 400,000 objects behind that never go away. But what is alive now would not be
    found as garbage later either, so this is done again when a visitor has gone.
    """
    with _tidying:
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def tidy_later() -> None:
    """Tidy up a little after a visitor has gone, once for all who go meanwhile."""
    if any(timer.is_alive() for timer in _timers):
        return  # one is waiting already, and sweeps for all
    timer = threading.Timer(_LATER_SECONDS, tidy)
    timer.daemon = True
    _timers[:] = [timer]
    timer.start()
