"""What the drawing field sends: ink, and the digit that it makes."""

from __future__ import annotations

from PIL import Image, ImageOps

from ali5.pictures.samples import DIGIT_EDGE, centre_ink

PAD_CELLS = 56
"""Rows and columns of the drawing field."""


def drawing_of(ink: str) -> Image.Image | None:
    """Return the drawing as MNIST has digits, None while the field is empty.

    Args:
        ink: Grey levels row by row, two hexadecimal digits each.
    """
    if len(ink) != 2 * PAD_CELLS**2:
        return None
    drawing = Image.frombytes("L", (PAD_CELLS, PAD_CELLS), bytes.fromhex(ink))
    return as_digit(drawing)


def as_digit(drawing: Image.Image) -> Image.Image | None:
    """Fit light ink on a dark ground as MNIST does: a box of 20 x 20 of 28, centre of mass centred.

    Returns:
        An RGB picture of ten times MNIST's size, or None if there is no ink.
    """
    box = drawing.point(lambda level: 255 if level > 32 else 0).getbbox()
    if box is None:
        return None
    edge = DIGIT_EDGE * 20 // 28
    ink = ImageOps.contain(drawing.crop(box), (edge, edge), Image.Resampling.BICUBIC)
    field = Image.new("L", (DIGIT_EDGE, DIGIT_EDGE))
    field.paste(ink, ((DIGIT_EDGE - ink.width) // 2, (DIGIT_EDGE - ink.height) // 2))
    return centre_ink(field).convert("RGB")
