"""The chosen picture in a lab: made small, and the code that does the same."""

from __future__ import annotations

from PIL import Image

from ..engine import Picture


def reduced(picture: Picture, edge: int) -> Image.Image:
    """Return a copy of the chosen picture whose longer edge has at most that many pixels."""
    image = picture.image.copy()
    image.thumbnail((edge, edge))
    return image


def opening_code(picture: Picture, edge: int) -> list[str]:
    """Return lines of Python that open the chosen picture and do what `reduced` does."""
    return [
        picture.opening_import,
        "",
        f"image = {picture.opening_code}.copy()",
        f"image.thumbnail(({edge}, {edge}))",
    ]
