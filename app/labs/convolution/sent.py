"""The convolution lab as it goes to the browser, which computes while a slider is dragged."""

from __future__ import annotations

import functools
from typing import Any

from ali5.labs.kernels import KERNELS, named_kernel
from ali5.pictures.preparation import BRIGHTNESS

from ...canvas.packing import Written, pack, written
from ...engine import Picture
from ..toy import toy_cells
from .numbers import photo_of, trained_layers
from .settings import LARGEST_KERNEL, Settings, least_size, limits_as_sent, settings_as_sent


def pack_convolution(settings: Settings, picture: Picture, colours: str) -> bytes:
    """Return the lab.

    Args:
        settings: What is set.
        picture: The photograph.
        colours: Name of a colour map.
    """
    photo = photo_of(picture)
    header = {
        "settings": settings_as_sent(settings),
        "opening": settings_as_sent(Settings()),
        "limits": limits_as_sent(),
        "toy": toy_cells().ravel().tolist(),
        "kernels": _kernels(),
        "layers": _layers(),
        "photo": {"height": photo.shape[0], "width": photo.shape[1]},
        "brightness": BRIGHTNESS,
        "colours": colours,
    }
    return pack(header, photo.tobytes())


@functools.cache
def _layers() -> Written:
    return written(trained_layers())


@functools.cache
def _kernels() -> Written:
    """Return every named kernel in every size, as the browser takes them."""
    known: dict[str, dict[str, Any]] = {
        name: {
            "title": kernel.title,
            "does": kernel.does,
            "least": least_size(name),
            "tables": [
                named_kernel(name, size).astype(float).round(9).tolist()
                if size >= least_size(name)
                else None
                for size in range(1, LARGEST_KERNEL + 1)
            ],
        }
        for name, kernel in KERNELS.items()
    }
    return written(known)
