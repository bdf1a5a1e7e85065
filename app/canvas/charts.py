"""Plotly, loaded when the first chart is drawn."""

from __future__ import annotations

import importlib
from typing import Any


def plotly() -> Any:
    """Return Plotly's graph objects.

    Plotly looks at a pandas that is there without waiting for it: while another visitor's run is
    just importing it, half of it. So it is there as a whole before the first chart is.
    """
    importlib.import_module("pandas")
    return importlib.import_module("plotly.graph_objects")
