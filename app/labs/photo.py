"""The chosen picture in a lab: made small, and the code that does the same."""

from __future__ import annotations

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


def opening_code(picture: Picture, edge: int) -> list[str]:
    """Return lines of Python that open the chosen picture and do what `reduced` does."""
    return [
        picture.opening_import,
        "",
        f"image = {picture.opening_code}.copy()",
        f"image.thumbnail(({edge}, {edge}))",
    ]
