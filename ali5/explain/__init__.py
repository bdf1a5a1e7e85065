"""Where a number of a trace comes from, and what it says of the picture: one method per file.

    found = ali5.explain.deconvolve(trace, "conv5", channel=3)
    found.stages, found.reconstruction, found.crop

Torch is imported when the first method is called, not before.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ali5.explain.deconvolution import Deconvolution, deconvolve

__all__ = ["Deconvolution", "deconvolve"]

_LAZY = dict.fromkeys(("Deconvolution", "deconvolve"), "ali5.explain.deconvolution")


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ali5.explain' has no attribute '{name}'")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
