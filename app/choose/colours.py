"""Which colours stand for numbers: one choice for all pages, in the address."""

from __future__ import annotations

from .. import address

COLOUR_MAPS = {
    "glow": "Glow",
    "light": "Light",
    "cividis": "Cividis",
    "grey": "Grey",
}
"""What they are called in the address and to visitors; `shared.js` has their colours."""


def read_colours() -> str:
    """Return the colour map that the address asks for."""
    return address.read("colours", COLOUR_MAPS, "glow")


def choose_colours() -> str:
    """Show the choice of colour map; return what is chosen."""
    return address.choose(
        "Colour map",
        COLOUR_MAPS,
        name="colours",
        default="glow",
        explanation="**Glow:** zero is black, orange above it, blue below.  \n**Light:** zero is "
        "white, orange above it, blue below.  \n**Cividis** and **Grey:** from the smallest value "
        "(or zero) to the largest.  \nThe colour-blind can read all of them. In each, NaN is "
        "magenta, +∞ green and −∞ cyan.",
    )
