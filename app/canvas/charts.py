"""Plotly, loaded when the first chart is drawn; and each chart is drawn once."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..engine import bytes_of, once

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def plotly() -> Any:
    """Return Plotly's graph objects.

    Plotly looks at a pandas that is there without waiting for it: while another visitor's run is
    just importing it, half of it. So it is there as a whole before the first chart is.
    """
    importlib.import_module("pandas")
    return importlib.import_module("plotly.graph_objects")


@dataclass(frozen=True, eq=False)
class _Chart:
    """A chart, and what it takes in memory, in bytes."""

    figure: Figure
    nbytes: int


def drawn_once(draw: Callable[..., Figure], *about: Hashable) -> Figure:
    """Return what a function draws of some values, once for all visitors: do not change it.

    Plotly takes as long for a chart as the rest of a page.

    Args:
        draw: Draws it; nothing else but the values may make a difference to it.
        about: What it is called with.
    """

    def make() -> _Chart:
        figure = draw(*about)
        return _Chart(figure, bytes_of(figure.to_plotly_json()))

    return once(draw, about, make).figure
