"""What visitors leave behind is found and given back: by Python, and by the C library."""

from __future__ import annotations

import gc
import threading

from ali5.networks.allocator import trim

from .budget import BUDGET
from .forgetting import forget_what_is_gone

YOUNG = 10_000
"""So many new objects come to be, less those that went, before Python looks for garbage among them.
A run of a page makes thousands, and by Python's own 700 it was looked for in every one dozens of
times."""

_tidying = threading.Lock()


def tidy() -> None:
    """Collect all garbage, then keep the collector from visiting what is left.

    torch leaves some 400,000 objects behind that never go away. But what is alive now would not be
    found as garbage later either, so this is done again when a visitor has gone.
    """
    with _tidying:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        usual, *others = gc.get_threshold()
        if 0 < usual < YOUNG:  # whoever has chosen to collect by themselves goes on doing so
            gc.set_threshold(YOUNG, *others)


def let_go(keep: int | None = None) -> None:
    """Let go of what sessions have left behind, and give the memory back to the system.

    Args:
        keep: Of all that is kept for visitors, no more than so many bytes; None for all of it.
    """
    tidy()  # sessions are found here, and with them who holds what
    forget_what_is_gone()
    if keep is not None:
        BUDGET.shrink(keep)
    trim()
