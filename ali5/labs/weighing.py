"""What a layer over a picture costs: fully connected, or a convolution."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ali5.graph.costs import BYTES_PER_WEIGHT, multiply_adds
from ali5.graph.kinds import Operation


@dataclass(frozen=True)
class LayerCost:
    """What one layer over a picture needs.

    Attributes:
        weights: Without biases.
        biases: One for each output unit of a fully connected layer, one for each feature map of a
            convolution.
        multiply_adds: Of one forward pass.
    """

    weights: int
    biases: int
    multiply_adds: int

    @property
    def parameter_bytes(self) -> int:
        """Memory of weights and biases as 32-bit floats, in bytes."""
        return (self.weights + self.biases) * BYTES_PER_WEIGHT


def fully_connected_cost(height: int, width: int, channels: int, maps: int) -> LayerCost:
    """Return what it costs to join every input number with every output number.

    Args:
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.
        channels: Of the picture.
        maps: Feature maps to be made, each as large as the picture.
    """
    inputs, outputs = height * width * channels, height * width * maps
    return LayerCost(inputs * outputs, outputs, inputs * outputs)


def convolution_cost(
    height: int, width: int, channels: int, maps: int, kernel: int = 3
) -> LayerCost:
    """Return what the same maps cost as a convolution with stride 1 and "same" padding.

    Multiplications with the zeros of the padding are counted, as in the literature.

    Args:
        height: Of the picture, in pixels.
        width: Of the picture, in pixels.
        channels: Of the picture.
        maps: Feature maps to be made, each as large as the picture.
        kernel: Edge of the kernel, in pixels.
    """
    shape = (maps, channels, kernel, kernel)
    products = multiply_adds(Operation.CONVOLUTION, shape, (1, maps, height, width))
    return LayerCost(math.prod(shape), maps, products)
