"""The pooling lab in the browser, which computes while a slider is dragged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...canvas.component import answer, component
from ...canvas.packing import pack
from ..convolution.view import toy_cells
from .view import Settings, settings_as_sent

_pooling = component(__file__, "pooling")


def show_pooling(
    settings: Settings, photo: NDArray[np.uint8], changed: Callable[[str], None]
) -> None:
    """Show the pooling lab; call `changed` with the settings as JSON when they are let go."""
    header = {
        "settings": settings_as_sent(settings),
        "opening": settings_as_sent(Settings()),
        "toy": toy_cells()[0].ravel().tolist(),
        "photo": {"height": photo.shape[0], "width": photo.shape[1]},
    }

    _pooling(
        key="pooling",
        data=pack(header, photo.tobytes()),
        on_settings_change=answer("pooling", "settings", changed),
    )
