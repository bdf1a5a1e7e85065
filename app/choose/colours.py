"""Which colours stand for numbers: one choice for all pages, in the address."""

from __future__ import annotations

from .. import address
from ..canvas.colours import COLOUR_MAPS, USUAL_COLOURS


def read_colours() -> str:
    """Return the colour map that the address asks for."""
    return address.read("colours", COLOUR_MAPS, USUAL_COLOURS)


def choose_colours() -> str:
    """Show the choice of colour map; return what is chosen."""
    return address.choose(
        "Colour map",
        COLOUR_MAPS,
        name="colours",
        default=USUAL_COLOURS,
        explanation="**Glow:** zero is black, orange above it, blue below.  \n**Light:** zero is "
        "white, orange above it, blue below.  \n**Cividis** and **Grey:** from the smallest value "
        "(or zero) to the largest.  \nThe colour-blind can read all of them. In each, NaN is "
        "magenta, +∞ green and −∞ cyan.",
    )
