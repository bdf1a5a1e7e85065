"""Curves over the epochs of a training."""

from __future__ import annotations

from typing import Any

from .component import component
from .packing import pack

_curves = component(__file__, "curves")


def show_curves(header: dict[str, Any]) -> None:
    """Show curves over the epochs, as `curves.js` describes them."""
    _curves(key="curves", data=pack(header))
