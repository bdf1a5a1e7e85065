"""From an upright RGB picture to the numbers a network wants. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from ali5.records import Preprocessing

LIGHT_GROUND = 127
"""A picture whose edge pixels are brighter than this on average has a light ground."""


def fit_picture(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """Resize and crop a picture to the square that the network sees, still 0..255.

    The shorter edge is resized (bilinear, antialiased), then the centre is cut out, as
    torchvision's classification presets do it.

    Args:
        image: An upright RGB picture of any size from 1x1.
        preprocessing: Of the edition that will see it.

    Returns:
        Mode "L" or "RGB", `preprocessing.size` pixels square.
    """
    grey = preprocessing.channels == 1
    inner = preprocessing.size - 2 * preprocessing.border
    width, height = image.size
    # The part that survives the crop, in source pixels: nothing outside it is ever resized, so a
    # 1 x 10,000 picture costs no more than a square one.
    kept = min(width, height) * inner / preprocessing.resize
    left, top = (width - kept) / 2, (height - kept) / 2
    box = (left, top, left + kept, top + kept)
    square = image.convert("L" if grey else "RGB")
    square = square.resize((inner, inner), Image.Resampling.BILINEAR, box=box)
    if preprocessing.light_on_dark and _has_light_ground(square):
        square = ImageChops.invert(square)
    if preprocessing.border:
        field = Image.new(square.mode, (preprocessing.size, preprocessing.size))
        field.paste(square, (preprocessing.border, preprocessing.border))
        square = field
    return square


def prepare_pixels(image: Image.Image, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """Fit a picture and normalise it: (value / 255 - mean) / std.

    Returns:
        Shape [C, H, W], float32.
    """
    pixels = np.asarray(fit_picture(image, preprocessing), np.float32) / 255
    planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    mean = np.array(preprocessing.mean, np.float32)[:, None, None]
    std = np.array(preprocessing.std, np.float32)[:, None, None]
    return np.ascontiguousarray((planes - mean) / std)


def _has_light_ground(grey: Image.Image) -> bool:
    pixels = np.asarray(grey)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])
    return float(edge.mean()) > LIGHT_GROUND
