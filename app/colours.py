"""Which colours stand for numbers: one choice for all pages, in the address."""

from __future__ import annotations

from app import address

COLOUR_MAPS = {
    "glow": "Glow: zero is black, orange above, blue below",
    "light": "Light: zero is white, orange above, blue below",
    "cividis": "Cividis: from dark blue to yellow",
    "grey": "Grey: from black to white",
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
        as_list=True,
        explanation="All four can be told apart by the colour-blind. Two arms show on which side "
        "of zero a value lies; one arm shows finer differences. NaN is magenta, +∞ green, −∞ cyan.",
    )
