"""From an upright RGB picture to the numbers a network wants. No torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from ali5.known.records import Preprocessing

BRIGHTNESS = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in the brightness of a colour (ITU-R BT.601), as Pillow has it."""

LIGHT_GROUND = 127
"""A picture whose edge pixels are brighter than this on average has a light ground."""


@dataclass(frozen=True)
class Rung:
    """One step of a picture's way into a network.

    Attributes:
        name: "opened", "grey", "cut", "resized", "inverted", "framed", "scaled" or "normalised".
        picture: What it has become, as a picture of 0..255; None once it is numbers.
        values: What it has become, as numbers, [C, H, W], float32; None while it is a picture.
        box: For "cut", the part that is kept: left, top, right, bottom in pixels; the picture is
            still whole.
    """

    name: str
    picture: Image.Image | None = None
    values: NDArray[np.float32] | None = None
    box: tuple[float, float, float, float] | None = None


def prepare_in_rungs(image: Image.Image, preprocessing: Preprocessing) -> tuple[Rung, ...]:
    """Fit a picture and normalise it, and keep what it is after each step.

    Args:
        image: An upright RGB picture of any size from 1x1.
        preprocessing: Of the edition that will see it.

    Returns:
        The steps in order; the last one holds what `prepare_pixels` returns.
    """
    return tuple(_rungs(image, preprocessing))


class Part(NamedTuple):
    """A part of the square that a network sees, in shares of its edge, 0..1."""

    left: float
    top: float
    right: float
    bottom: float


WHOLE = Part(0, 0, 1, 1)


def fit_picture(
    image: Image.Image, preprocessing: Preprocessing, part: Part = WHOLE
) -> Image.Image:
    """Resize and crop a picture to the square that the network sees, still 0..255.

    The shorter edge is resized (bilinear, antialiased), then the centre is cut out, as
    torchvision's classification presets do it.

    Args:
        image: An upright RGB picture of any size from 1x1.
        preprocessing: Of the edition that will see it.
        part: What of the square is enlarged to fill it. It is resized from the picture's own
            pixels: there is more to see in it than in the small square.

    Returns:
        Mode "L" or "RGB", `preprocessing.size` pixels square.
    """
    *_, last = _pictures(image, preprocessing, part)
    assert last.picture is not None
    return last.picture


def prepare_pixels(image: Image.Image, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Fit a picture and normalise it: (value / 255 - mean) / std.

    Returns:
        Shape [C, H, W], float32.
    """
    *_, last = _rungs(image, preprocessing)
    assert last.values is not None
    return last.values


def _rungs(image: Image.Image, preprocessing: Preprocessing) -> Iterator[Rung]:
    for rung in _pictures(image, preprocessing):
        yield rung
    assert rung.picture is not None
    planes = scale_pixels(rung.picture)
    yield Rung("scaled", values=planes)
    yield Rung("normalised", values=normalise_planes(planes, preprocessing))


def scale_pixels(picture: Image.Image) -> NDArray[np.float32]:
    """Return the pixels of a picture in grey or in colour as numbers 0..1, [C, H, W]."""
    pixels = np.asarray(picture, np.float32) / 255
    planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(planes)


def normalise_planes(
    planes: NDArray[np.float32], preprocessing: Preprocessing
) -> NDArray[np.float32]:
    """Return (value - mean) / std of numbers 0..1, [C, H, W]."""
    mean = np.array(preprocessing.mean, np.float32)[:, None, None]
    std = np.array(preprocessing.std, np.float32)[:, None, None]
    return np.ascontiguousarray((planes - mean) / std)


def _pictures(
    image: Image.Image, preprocessing: Preprocessing, part: Part = WHOLE
) -> Iterator[Rung]:
    yield Rung("opened", image)
    grey = preprocessing.channels == 1
    square = image.convert("L" if grey else "RGB")
    if grey:
        yield Rung("grey", square)
    inner = preprocessing.size - 2 * preprocessing.border
    width, height = image.size
    # The part that survives the crop, in source pixels: nothing outside it is ever resized, so a
    # 1 x 10,000 picture costs no more than a square one.
    kept = min(width, height) * inner / preprocessing.resize
    left, top = (width - kept) / 2, (height - kept) / 2
    box = (left, top, left + kept, top + kept)
    yield Rung("cut", square, box=box)
    whole = square
    square = whole.resize((inner, inner), Image.Resampling.BILINEAR, box=box)
    # Whether it is dark on a light ground does not depend on the part that is looked at.
    invert = preprocessing.light_on_dark and _has_light_ground(square)
    if part != WHOLE:
        inside = (
            left + part.left * kept,
            top + part.top * kept,
            left + part.right * kept,
            top + part.bottom * kept,
        )
        square = whole.resize((inner, inner), Image.Resampling.BILINEAR, box=inside)
    yield Rung("resized", square)
    if invert:
        square = ImageChops.invert(square)
        yield Rung("inverted", square)
    if preprocessing.border:
        field = Image.new(square.mode, (preprocessing.size, preprocessing.size))
        field.paste(square, (preprocessing.border, preprocessing.border))
        yield Rung("framed", field)


def _has_light_ground(grey: Image.Image) -> bool:
    pixels = np.asarray(grey)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
    return float(edge.mean()) > LIGHT_GROUND
