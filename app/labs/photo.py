"""The chosen picture in a lab: made small, and the code that does the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .. import engine
from ..engine import Picture


def reduced(picture: Picture, edge: int) -> Image.Image:
    """Return a copy of the chosen picture whose longer edge has at most that many pixels.

    It is made once for each picture: do not change it.
    """

    def reduce() -> Image.Image:
        image = picture.image.copy()
        image.thumbnail((edge, edge))
        return image

    return engine.once(picture.image, ("reduced", edge), reduce)


def pixels_of(picture: Picture, edge: int, mode: str = "RGB") -> NDArray[np.uint8]:
    """Return the pixels of `reduced`: [H, W, 3], or [H, W] in mode "L".

    They are made once for each picture: do not change them.
    """
    image = reduced(picture, edge)
    return engine.once(image, ("pixels", mode), lambda: np.asarray(image.convert(mode)))


def shape_of(picture: Picture, edge: int) -> tuple[int, int]:
    """Return height and width of `reduced`, in pixels."""
    image = reduced(picture, edge)
    return image.height, image.width


def opening_code(picture: Picture, edge: int) -> list[str]:
    """Return lines of Python that open the chosen picture and do what `reduced` does."""
    return [
        picture.opening_import,
        "",
        f"image = {picture.opening_code}.copy()",
        f"image.thumbnail(({edge}, {edge}))",
    ]
