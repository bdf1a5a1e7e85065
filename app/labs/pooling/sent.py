"""The pooling lab as it goes to the browser, which computes while a slider is dragged."""

from __future__ import annotations

from ...canvas.packing import pack
from ...engine import Picture
from ..toy import toy_cells
from .numbers import SEED, photo_of
from .settings import RANGES, Settings, settings_as_sent


def pack_pooling(settings: Settings, picture: Picture, colours: str) -> bytes:
    """Return the lab.

    Args:
        settings: What is set.
        picture: The photograph; its brightness is sent.
        colours: Name of a colour map.
    """
    photo = photo_of(picture)
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
