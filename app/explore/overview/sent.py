"""What the page shows of a picture and a network as a whole, worked out from a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...canvas.colours import USUAL_COLOURS
from ...canvas.sent import prediction_as_sent
from ..map.sent import pack_map
from ..trail.sent import trail_as_sent
from .prepared import Overview

if TYPE_CHECKING:
    from PIL import Image

    from ali5.tracing.trace import Trace


def overview_of(
    trace: Trace,
    image: Image.Image,
    weights: str,
    *,
    opened: str = "",
    lens: str = "none",
    colours: str = USUAL_COLOURS,
    large: bool = False,
) -> Overview:
    """Return what the overview of a network shows.

    Args:
        trace: The picture's way through the network.
        image: The picture as it was brought.
        weights: A sentence on what the network has learned.
        opened: Which blocks of the map are unfolded, as the address says it.
        lens: Which share of the cost the bars on the map show: a key of its `LENSES`.
        colours: Name of the colour map.
        large: Whether the page is shown in large type.
    """
    packed = pack_map(
        trace,
        image,
        chosen=None,
        opened=opened,
        lens=lens,
        colours=colours,
        height="tall",
    )
    return Overview(
        trail_as_sent(trace, None, None, large),
        weights,
        tuple(trace.notes),
        prediction_as_sent(trace),
        packed,
    )
