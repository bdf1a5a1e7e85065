"""Where a number of a trace comes from: one method per file.

    unit = ali5.explain.unit(trace, "conv2", channel=3, row=10, column=7)
    unit.ranked()[0], unit.bias, unit.total, unit.receptive_field

Torch is imported when the first method is called, not before.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ali5.explain.fields import Box
    from ali5.explain.parts import Stage, Term
    from ali5.explain.units import Unit, unit

__all__ = ["Box", "Stage", "Term", "Unit", "unit"]

_LAZY = {
    "Box": "ali5.explain.fields",
    **dict.fromkeys(("Stage", "Term"), "ali5.explain.parts"),
    **dict.fromkeys(("Unit", "unit"), "ali5.explain.units"),
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ali5.explain' has no attribute '{name}'")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
