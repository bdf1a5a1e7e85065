"""The numbers of the pooling lab: the picture, its noise and shift, and the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...engine import Picture
from ..photo import pixels_of
from ..toy import toy_cells
from .settings import Settings

if TYPE_CHECKING:
    from ali5.labs.arithmetic import Pooling

MAX_PHOTO_PX = 160
"""Longest edge of the photograph in the lab: its pixels shall be seen."""

SEED = 7
"""Of the noise."""


def photo_of(picture: Picture) -> NDArray[np.uint8]:
    """Return the brightness of the chosen picture, [H, W], at most 160 pixels long."""
    return pixels_of(picture, MAX_PHOTO_PX, "L")


def clean_of(settings: Settings, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the picture before noise and shift, [H, W], 0..1."""
    if settings.input == "photo":
        return (photo / 255).astype(np.float32)
    return (toy_cells()[0, : settings.size, : settings.size] / 10).astype(np.float32)


def changed_of(settings: Settings, clean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the picture moved to the right and with noise, [H, W]."""
    columns = np.maximum(np.arange(clean.shape[1]) - settings.shift, 0)
    moved = clean[:, columns]
    one, two = uniform(2 * clean.size).reshape(clean.size, 2).T
    one, two = one.reshape(clean.shape), two.reshape(clean.shape)
    amount = settings.amount / 100
    if settings.noise == "pepper":
        moved = np.where(one < amount, 0, moved)
    elif settings.noise == "salt":
        moved = np.where(one < amount, np.where(two < 0.5, 0, 1), moved)
    elif settings.noise == "gauss":  # Box & Muller 1958
        moved = moved + amount * np.sqrt(-2 * np.log(1 - one)) * np.cos(2 * np.pi * two)
    return moved.astype(np.float32)


def uniform(count: int, seed: int = SEED) -> NDArray[np.float64]:
    """Return the random numbers of the browser, 0 <= x < 1: the generator "mulberry32"."""
    with np.errstate(over="ignore"):
        state = np.uint32(seed) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
        value = (state ^ (state >> 15)) * (state | np.uint32(1))
        value ^= value + (value ^ (value >> 7)) * (value | np.uint32(61))
    shares: NDArray[np.float64] = (value ^ (value >> 14)) / 2.0**32
    return shares


def pooled(settings: Settings, pixels: NDArray[np.float32], kind: str | None = None) -> Pooling:
    """Return the result by the engine."""
    import torch

    from ali5.labs.arithmetic import pool, pool_adaptively

    plane = torch.from_numpy(np.ascontiguousarray(pixels))[None]
    wanted: Any = kind or settings.kind
    if settings.windows == "adaptive":
        return pool_adaptively(plane, wanted, size=settings.bins)
    return pool(
        plane,
        wanted,
        kernel=settings.kernel,
        stride=settings.stride,
        padding=settings.padding,
        ceil_mode=settings.ceil == "ceil",
    )


def errors_of(settings: Settings, clean: NDArray[np.float32]) -> dict[str, float]:
    """Measure what noise and shift change: root of the mean squared difference, by place."""
    changed = changed_of(settings, clean)
    found = {"picture": float(np.sqrt(np.mean((changed - clean) ** 2)))}
    for kind in ("max", "average"):
        now, then = (pooled(settings, each, kind).output for each in (changed, clean))
        found[kind] = float((now - then).square().mean().sqrt())
    return found
