"""The toy of the final layer's lab: small maps, and a fully connected layer over them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .settings import CHANNELS, CLASSES, SIZE, Settings

if TYPE_CHECKING:
    from torch import Tensor

TOY_CELLS = (
    ((0, 3, 0), (1, 4, 0), (0, 3, 1)),
    ((0, 0, 1), (2, 3, 3), (0, 1, 0)),
    ((2, 0, 0), (0, 0, 1), (1, 0, 3)),
)
"""Three small feature maps, as a ReLU leaves them."""


@dataclass(frozen=True, eq=False)
class Toy:
    """Small maps and a fully connected layer over them.

    Attributes:
        maps: [C, H, W].
        weight: [classes, C * H * W].
        bias: [classes].
        logits: [classes].
    """

    maps: Tensor
    weight: Tensor
    bias: Tensor
    logits: Tensor


@functools.cache
def toy_weights(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return random weights, [4, 3, 3, 3], and biases, [4], in tenths from -0.5 to 0.5."""
    draw = np.random.default_rng([6, seed])
    weights = draw.integers(-5, 6, (CLASSES, CHANNELS, SIZE, SIZE)) / 10
    return weights, draw.integers(-5, 6, CLASSES) / 10


def toy_of(settings: Settings) -> Toy:
    """Return the toy with what was changed, and its logits by PyTorch."""
    import torch
    import torch.nn.functional as F

    maps = np.array(TOY_CELLS, np.float64)
    weights, biases = (each.copy() for each in toy_weights(settings.seed))
    for place, value in (settings.cells or {}).items():
        channel, row, column = (int(part) for part in place.split(","))
        maps[channel, row, column] = value
    for place, value in (settings.weights or {}).items():
        unit, *rest = place.split(",")
        if rest == ["bias"]:
            biases[int(unit)] = value
        else:
            channel, row, column = (int(part) for part in rest)
            weights[int(unit), channel, row, column] = value
    edge, channels, classes = settings.size, settings.channels, settings.classes
    cut = torch.tensor(maps[:channels, :edge, :edge], dtype=torch.float32)
    weight = torch.tensor(weights[:classes, :channels, :edge, :edge], dtype=torch.float32)
    bias = torch.tensor(biases[:classes], dtype=torch.float32)
    logits = F.linear(cut.flatten(), weight.flatten(1), bias)
    return Toy(cut, weight.flatten(1), bias, logits)
