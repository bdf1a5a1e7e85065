"""The pooling lab as it goes to the browser, which computes while a slider is dragged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...canvas.packing import pack
from ..toy import toy_cells
from .numbers import SEED
from .settings import RANGES, Settings, settings_as_sent


def pack_pooling(settings: Settings, photo: NDArray[np.uint8], colours: str) -> bytes:
    """Return the lab.

    Args:
        settings: What is set.
        photo: Brightness of the photograph, [H, W].
        colours: Name of a colour map.
    """
    header = {
        "settings": settings_as_sent(settings),
        "opening": settings_as_sent(Settings()),
        "limits": RANGES,
        "toy": toy_cells()[0].ravel().tolist(),
        "photo": {"height": photo.shape[0], "width": photo.shape[1]},
        "seed": SEED,
        "colours": colours,
    }
    return pack(header, photo.tobytes())
