"""What a step costs: parameters, memory and multiply-adds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ali5.graph.kinds import Operation

BYTES_PER_WEIGHT = 4
"""Of a 32-bit float."""


def multiply_adds(operation: Operation, weight: Sequence[int] | None, output: Sequence[int]) -> int:
    """Return the multiplications, each with its addition, that a step needs for one picture.

    Only convolutions and fully connected layers count, as in the literature: everything else
    together is far below one percent. Adding the bias is not counted.

    Args:
        operation: What the step does.
        weight: Shape of its weight: [O, C / groups, h, w] or [O, F].
        output: Shape of its output: [1, O, H, W] or [1, O].
    """
    if weight is None or operation not in (Operation.CONVOLUTION, Operation.LINEAR):
        return 0
    return math.prod(output) * math.prod(weight[1:])


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
