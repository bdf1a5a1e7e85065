"""A picture as a network sees it: the square that it is given, or the same part of it, sharper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ali5.known.records import Preprocessing
from ali5.pictures.preparation import WHOLE, Part, fit_picture

from ..engine import once

PICTURE_PX = 320
"""A sharper picture has at least so many pixels along its edge."""


def seen_picture(
    picture: Image.Image, preprocessing: Preprocessing, part: Part = WHOLE
) -> Image.Image:
    """Return the square that a network is given, before it is normalised.

    Args:
        picture: As it was brought.
        preprocessing: Of the edition that sees it.
        part: What of the square is enlarged to fill it.

    Returns:
        Mode "RGB", also if the network sees it in grey, `preprocessing.size` pixels square. It is
        made once for each picture: do not change it.
    """
    return once(
        picture,
        ("seen", preprocessing, part),
        lambda: fit_picture(picture, preprocessing, part).convert("RGB"),
    )


def sharper_picture(picture: Image.Image, preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """Return the same part of the picture with more pixels, to be shown large: RGB, [H, W, 3].

    It is made once for each picture: do not change it.
    """
    times = -(-PICTURE_PX // preprocessing.size)
    larger = replace(
        preprocessing,
        size=preprocessing.size * times,
        resize=preprocessing.resize * times,
        border=preprocessing.border * times,
    )
    return once(
        picture,
        ("sharper", larger),
        lambda: np.asarray(fit_picture(picture, larger).convert("RGB")),
    )
