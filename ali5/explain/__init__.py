"""Where a number of a trace, and an answer, comes from in the picture: one method per file.

    unit = ali5.explain.unit(trace, "conv2", channel=3, row=10, column=7)
    unit.ranked()[0], unit.bias, unit.total, unit.receptive_field
    ali5.explain.deconvolve(trace, "conv2", channel=3).reconstruction
    ali5.explain.attribute(network, image, "grad-cam")
    ali5.explain.attribution(trace, "occlusion", target=7).map

Torch is imported when the first method is called, not before; Captum when a method needs it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ali5.explain.attributions.methods import METHODS, Method

if TYPE_CHECKING:
    from ali5.explain.attributions.agreement import Reading, rank_correlation, read_map
    from ali5.explain.attributions.attribution import Attribution, attribute, attribution, map_steps
    from ali5.explain.deconvolution.deconvolution import Deconvolution, deconvolve
    from ali5.explain.units.effective import edge_holding, effective_field
    from ali5.explain.units.fields import Box, Growth, growth
    from ali5.explain.units.parts import Stage, Term
    from ali5.explain.units.unit import Unit, unit
    from ali5.explain.units.winners import Place, path_of_winners

__all__ = [
    "METHODS",
    "Attribution",
    "Box",
    "Deconvolution",
    "Growth",
    "Method",
    "Place",
    "Reading",
    "Stage",
    "Term",
    "Unit",
    "attribute",
    "attribution",
    "deconvolve",
    "edge_holding",
    "effective_field",
    "growth",
    "map_steps",
    "path_of_winners",
    "rank_correlation",
    "read_map",
    "unit",
]

_LAZY = {
    **dict.fromkeys(
        ("Attribution", "attribute", "attribution", "map_steps"),
        "ali5.explain.attributions.attribution",
    ),
    **dict.fromkeys(("Deconvolution", "deconvolve"), "ali5.explain.deconvolution.deconvolution"),
    **dict.fromkeys(("edge_holding", "effective_field"), "ali5.explain.units.effective"),
    **dict.fromkeys(("Box", "Growth", "growth"), "ali5.explain.units.fields"),
    **dict.fromkeys(
        ("Reading", "rank_correlation", "read_map"), "ali5.explain.attributions.agreement"
    ),
    **dict.fromkeys(("Stage", "Term"), "ali5.explain.units.parts"),
    **dict.fromkeys(("Unit", "unit"), "ali5.explain.units.unit"),
    **dict.fromkeys(("Place", "path_of_winners"), "ali5.explain.units.winners"),
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'ali5.explain' has no attribute '{name}'")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
