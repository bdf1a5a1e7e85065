"""The numbers of the lab "A picture is numbers": a patch, and the way into a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ali5.known.records import Preprocessing
from ali5.pictures.images import lying_as_stored
from ali5.pictures.preparation import Rung, prepare_in_rungs

from ...engine import Picture, once
from ..photo import pixels_of
from .settings import MAX_PHOTO_PX, SMALLEST_PATCH, Settings


def photo_of(picture: Picture) -> NDArray[np.uint8]:
    """Return the chosen picture as the lab shows it: RGB, [H, W, 3], at most 256 pixels long."""
    return pixels_of(picture, MAX_PHOTO_PX)


def start_of(photo: NDArray[np.uint8]) -> tuple[int, int]:
    """Return row and column of the four by four pixels that differ most: there is most to see."""
    return once(photo, "start", lambda: _find_start(photo))


def _find_start(photo: NDArray[np.uint8]) -> tuple[int, int]:
    height, width = (edge // SMALLEST_PATCH for edge in photo.shape[:2])
    if not height or not width:
        return 0, 0
    whole = photo[: height * SMALLEST_PATCH, : width * SMALLEST_PATCH].astype(np.float32)
    blocks = whole.reshape(height, SMALLEST_PATCH, width, SMALLEST_PATCH, 3)
    place = int(blocks.std(axis=(1, 3)).sum(axis=2).argmax())
    return place // width * SMALLEST_PATCH, place % width * SMALLEST_PATCH


def corner_of(settings: Settings, photo: NDArray[np.uint8]) -> tuple[int, int]:
    """Return row and column of the patch's first pixel."""
    chosen = (settings.row, settings.column)
    top, left = (
        min(start if given < 0 else given, edge - settings.patch)
        for given, start, edge in zip(chosen, start_of(photo), photo.shape, strict=False)
    )
    return top, left


def patch_of(
    settings: Settings, photo: NDArray[np.uint8], preprocessing: Preprocessing
) -> NDArray[np.float32]:
    """Return the numbers of the patch in the chosen units, [3, patch, patch].

    A network that sees grey pictures has one mean and one deviation: every colour gets it.
    """
    levels = photo.copy()
    for place, level in settings.cells:
        row, column, channel = (int(each) for each in place.split(","))
        levels[row, column, channel] = level
    top, left = corner_of(settings, photo)
    patch = levels[top : top + settings.patch, left : left + settings.patch].transpose(2, 0, 1)
    values = patch.astype(np.float32)
    if settings.units == "bytes":
        return values
    values /= 255
    if settings.units == "normalised":
        mean, std = colours_of(preprocessing)
        values -= mean[:, None, None]
        values /= std[:, None, None]
    return values


def colours_of(preprocessing: Preprocessing) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and standard deviation of red, green and blue, [3] each."""
    mean, std = (
        np.broadcast_to(np.array(each, np.float32), 3)
        for each in (preprocessing.mean, preprocessing.std)
    )
    return mean, std


def rungs_of(picture: Picture, preprocessing: Preprocessing) -> list[Rung]:
    """Return what the chosen picture is after each step into a network, the file first."""
    stored = lying_as_stored(picture.image)
    first = [] if stored is None else [Rung("stored", stored)]
    return [*first, *prepare_in_rungs(picture.image, preprocessing)]
