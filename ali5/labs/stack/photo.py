"""A photograph as it goes into a stack."""

from __future__ import annotations

from dataclasses import replace

import torch
from PIL import Image
from torch import Tensor

from ali5.known.catalog import architecture
from ali5.known.inputs import GREY_LEVELS, IMAGENET_COLOURS
from ali5.known.records import Preprocessing
from ali5.pictures.preparation import fit_picture, scale_pixels


def photo_preprocessing(size: int, network: str = "") -> Preprocessing:
    """Return how a photograph becomes `size` pixels square, for a stack or for a network's part.

    At the size of the network's own input it is what the compact edition does itself.

    Args:
        size: Edge in pixels.
        network: Id of the network whose first convolution reads it; "" for RGB.
    """
    own = architecture(network).edition("compact").preprocessing if network else None
    if own is None:
        return Preprocessing(size, size, *IMAGENET_COLOURS)
    return replace(own, size=size, resize=size - 2 * own.border)


def take_photo(image: Image.Image, size: int, network: str = "") -> Tensor:
    """Return the middle of a picture, [C, size, size], 0..1; C is 1 if `network` reads grey."""
    return torch.from_numpy(scale_pixels(fit_picture(image, photo_preprocessing(size, network))))


def normalise(photo: Tensor) -> Tensor:
    """Return what the layers see: (photo - mean) / deviation, as the compact editions do it.

    Args:
        photo: [3, H, W] or [1, H, W], 0..1.
    """
    mean, deviation = (
        torch.tensor(values, dtype=photo.dtype)[:, None, None]
        for values in (GREY_LEVELS if len(photo) == 1 else IMAGENET_COLOURS)
    )
    return (photo - mean) / deviation
