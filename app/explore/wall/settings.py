"""How a wall is looked at. No Streamlit, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...canvas.colours import USUAL_COLOURS

MOST_PINS = 8
"""So many channels can be compared side by side."""


@dataclass(frozen=True)
class Look:
    """How a wall is looked at.

    Attributes:
        sort: What the channels are sorted by, one of `SORTS`.
        scope: Whose range the colours span, one of `ali5.tracing.walls.Scope`.
        colours: Name of the colour map.
        pins: Channels to compare.
        picture: What the picture is called, for those who see the wall saved.
    """

    sort: str = "index"
    scope: str = "step"
    colours: str = USUAL_COLOURS
    pins: Sequence[int] = ()
    picture: str = ""
