"""How a map is shown: settings that live in the address. No Streamlit, no torch."""

from __future__ import annotations

from dataclasses import dataclass

from ali5.door import fields, json_of, record
from ali5.explain.attributions.methods import Method


@dataclass(frozen=True)
class Settings:
    """How a map is shown.

    Attributes:
        opacity: How much of the photograph it covers, in percent.
        look: "smooth", or "cells" as they were computed.
        range: Where the colours end: "full" at the strongest pixel, "trim" below the strongest
            hundredth of them.
    """

    opacity: int = 60
    look: str = "smooth"
    range: str = "full"


RANGES = {"opacity": (0, 100)}
WORDS = {"look": ("smooth", "cells"), "range": ("full", "trim")}
SENT = json_of(record(fields(RANGES, WORDS)))
"""What the browser may send."""


def opening_of(method: Method) -> Settings:
    """Return how maps of a method are shown at first: single strong pixels would hide the rest."""
    return Settings(range="trim" if method.noisy else "full")
