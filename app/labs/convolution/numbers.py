"""The numbers of the convolution lab: what lies under the window, its weights, and the result."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ali5.labs.kernels import named_kernel
from ali5.pictures.preparation import BRIGHTNESS

from ...engine import Picture
from ..photo import pixels_of
from ..toy import toy_cells
from .settings import LAYERS, Settings

if TYPE_CHECKING:
    from ali5.labs.arithmetic import Convolution

MAX_PHOTO_PX = 512
"""Longest edge of the photograph in the lab."""


def photo_of(picture: Picture) -> NDArray[np.uint8]:
    """Return the chosen picture as the lab shows it: RGB, [H, W, 3], at most 512 pixels long."""
    return pixels_of(picture, MAX_PHOTO_PX)


def planes_of(settings: Settings, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the numbers under the window, [C, H, W].

    One channel of a photograph is its brightness, two are red and green.
    """
    if settings.input == "toy":
        edge = settings.size
        cells = toy_cells()[: settings.channels, :edge, :edge].astype(np.float32)
        for place, value in (settings.cells or {}).items():
            channel, row, column = (int(part) for part in place.split(","))
            if channel < settings.channels and row < edge and column < edge:
                cells[channel, row, column] = value
        return cells
    levels = (photo / 255).astype(np.float32)
    if settings.channels == 1:
        return (levels @ np.array(BRIGHTNESS, np.float32))[None]
    return levels.transpose(2, 0, 1)[: settings.channels]


def weights_of(settings: Settings) -> NDArray[np.float32]:
    """Return the kernels, [C, k, k]."""
    if settings.preset.startswith("layer"):
        layer = trained_layers()[int(settings.preset[5:])]
        return np.asarray(layer["filters"][settings.filter], np.float32)
    if settings.weights is not None:
        return np.asarray(settings.weights, np.float32)
    return np.stack([named_kernel(settings.preset, settings.kernel)] * settings.channels)


@functools.cache
def trained_layers() -> list[dict[str, Any]]:
    """Return the filters of some trained first layers, as the browser takes them."""
    from ... import engine

    found = []
    for name, edition, step in LAYERS:
        network = engine.network(name, edition, "bundled")
        weight = network.module.get_parameter(f"{step}.weight")
        filters = np.round(weight.cpu().numpy().astype(float), 4)
        title = f"{step} of {network.architecture.title}"
        found.append(
            {
                "title": title,
                "size": filters.shape[2],
                "channels": filters.shape[1],
                "filters": filters.tolist(),
            }
        )
    return found


def convolved(
    settings: Settings, pixels: NDArray[np.float32], kernels: NDArray[np.float32]
) -> Convolution:
    """Return the result by the engine.

    Raises:
        Ali5Error: A setting is not possible; names it and its valid range.
    """
    import torch

    from ali5.labs.arithmetic import convolve

    return convolve(
        torch.from_numpy(np.ascontiguousarray(pixels)),
        torch.from_numpy(np.ascontiguousarray(kernels))[None],
        torch.tensor([settings.bias]),
        stride=settings.stride,
        padding=settings.border_wanted,
        dilation=settings.dilation,
        padding_mode=settings.mode,  # type: ignore[arg-type]
    )
