"""The convolution lab in the browser, which computes while a slider is dragged."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ali5.labs.kernels import KERNELS, named_kernel

from ...canvas.component import answer, component
from ...canvas.packing import pack
from .view import LARGEST_KERNEL, Settings, least_size, settings_as_sent, toy_cells

_convolution = component(__file__, "convolution")


def show_convolution(
    settings: Settings,
    photo: NDArray[np.uint8],
    layers: list[dict[str, Any]],
    changed: Callable[[str], None],
) -> None:
    """Show the convolution lab; call `changed` with the settings as JSON when they are let go."""
    header = {
        "settings": settings_as_sent(settings),
        "opening": settings_as_sent(Settings()),
        "toy": toy_cells().ravel().tolist(),
        "kernels": _kernels(),
        "layers": layers,
        "photo": {"height": photo.shape[0], "width": photo.shape[1]},
    }

    _convolution(
        key="convolution",
        data=pack(header, photo.tobytes()),
        on_settings_change=answer("convolution", "settings", changed),
    )


@functools.cache
def _kernels() -> dict[str, dict[str, Any]]:
    """Return every named kernel in every size, as the browser takes them."""
    return {
        name: {
            "title": known.title,
            "does": known.does,
            "least": least_size(name),
            "tables": [
                named_kernel(name, size).astype(float).round(9).tolist()
                if size >= least_size(name)
                else None
                for size in range(1, LARGEST_KERNEL + 1)
            ],
        }
        for name, known in KERNELS.items()
    }
