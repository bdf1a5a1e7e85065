"""How a unit is looked at, as the address says it and the component takes it. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ali5.door import either, json_of, list_of, one_of, record, text, whole

from ...canvas.colours import USUAL_COLOURS
from ..settings import CHANNEL, STEP

Place = tuple[int, int]
"""Row and column of a map."""

ORDERS, FIELDS = ("rank", "index"), ("theory", "gradient")
SCOPES = ("step", "channel", "network")
"""The first one of each is what the address need not say."""

PLACE = list_of(whole(0, 99_999), 2, 2)
_PLACE_OR_NONE = either(one_of((None,)), PLACE)
ASKED = json_of(
    record(
        {
            "id": text(400),
            "look": PLACE,
            "at": _PLACE_OR_NONE,
            "order": one_of(ORDERS),
            "fold": one_of(("yes", "")),
            "field": one_of(FIELDS),
            "scope": one_of(SCOPES),
        }
    )
)
"""What the browser may ask of a unit."""

GONE = json_of(record({"step": STEP, "channel": CHANNEL, "at": _PLACE_OR_NONE}))
"""Where it may go from there."""


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


def unit_id(passage: str, step: str, channel: int) -> str:
    """Return what letters to a unit are addressed with: another passage, another id.

    Args:
        passage: Its name.
        step: Name of the step.
        channel: Of the step.
    """
    return f"{passage}/{step}/{channel}"
