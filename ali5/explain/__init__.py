"""Where a number of a trace comes from, and what it says of the picture: one method per file.

    unit = ali5.explain.unit(trace, "conv2", channel=3, row=10, column=7)
    unit.ranked()[0], unit.bias, unit.total, unit.receptive_field
    ali5.explain.deconvolve(trace, "conv2", channel=3).reconstruction

Torch is imported when the first method is called, not before.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ali5.explain.deconvolution import Deconvolution, deconvolve
    from ali5.explain.effective import edge_holding, effective_field
    from ali5.explain.fields import Box, Growth, growth
    from ali5.explain.parts import Stage, Term
    from ali5.explain.units import Unit, unit
    from ali5.explain.winners import Place, path_of_winners

__all__ = [
    "Box",
    "Deconvolution",
    "Growth",
    "Place",
    "Stage",
    "Term",
    "Unit",
    "deconvolve",
    "edge_holding",
    "effective_field",
    "growth",
    "path_of_winners",
    "unit",
]

_LAZY = {
    **dict.fromkeys(("Deconvolution", "deconvolve"), "ali5.explain.deconvolution"),
    **dict.fromkeys(("edge_holding", "effective_field"), "ali5.explain.effective"),
    **dict.fromkeys(("Box", "Growth", "growth"), "ali5.explain.fields"),
    **dict.fromkeys(("Stage", "Term"), "ali5.explain.parts"),
    **dict.fromkeys(("Unit", "unit"), "ali5.explain.units"),
    **dict.fromkeys(("Place", "path_of_winners"), "ali5.explain.winners"),
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ali5.explain' has no attribute '{name}'")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
