"""Which colour maps there are; `shared.js` has their colours. No Streamlit."""

from __future__ import annotations

COLOUR_MAPS = {
    "glow": "Glow",
    "light": "Light",
    "cividis": "Cividis",
    "grey": "Grey",
}
"""What they are called in the address and to visitors, the usual one first."""

USUAL_COLOURS = next(iter(COLOUR_MAPS))
