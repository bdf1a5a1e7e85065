"""How a unit is looked at, as the address says it and the component takes it. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...canvas.colours import USUAL_COLOURS

Place = tuple[int, int]
"""Row and column of a map."""

ORDERS, FIELDS = ("rank", "index"), ("theory", "gradient")
SCOPES = ("step", "channel", "network")
"""The first one of each is what the address need not say."""


@dataclass(frozen=True)
class Look:
    """How a unit is looked at.

    Attributes:
        at: Row and column of the map; None for the strongest pixel.
        order: "rank", largest contribution first, or "index", as the input has them.
        fold: Whether a batch normalisation is folded into the convolution before it.
        field: "theory", or "gradient" for the effective receptive field.
        scope: Whose range the colours span: "channel", "step" or "network".
        colours: Name of the colour map.
    """

    at: Place | None = None
    order: str = ORDERS[0]
    fold: bool = False
    field: str = FIELDS[0]
    scope: str = SCOPES[0]
    colours: str = USUAL_COLOURS

    def as_sent(self) -> dict[str, Any]:
        """Return it as the component takes it."""
        return {
            "at": None if self.at is None else list(self.at),
            "order": self.order,
            "fold": "yes" if self.fold else "",
            "field": self.field,
            "scope": self.scope,
        }
