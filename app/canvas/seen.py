"""The picture behind a map: the part of it that a network sees, sharp enough to be shown large."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ali5.known.records import Preprocessing
from ali5.pictures.preparation import fit_picture

PICTURE_PX = 320
"""The picture is shown with at least so many pixels."""


def picture_of(picture: Image.Image, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """Return the part of a picture that a network sees, RGB, [H, W, 3], with more pixels."""
    times = -(-PICTURE_PX // preprocessing.size)
    larger = replace(
        preprocessing,
        size=preprocessing.size * times,
        resize=preprocessing.resize * times,
        border=preprocessing.border * times,
    )
    return np.asarray(fit_picture(picture, larger).convert("RGB"))
