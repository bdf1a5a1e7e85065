"""The kinds of step, in the field's own words, and what holds for all steps of a kind. No torch.

What else is said of every kind lies where the question is: `tests/ali5/graph/test_kinds.py` knows
all these places, and names those that a new kind is missing from.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal


class Operation(StrEnum):
    """The kinds of step; what is none of the others is the last one."""

    INPUT = "input"
    CONVOLUTION = "convolution"
    LINEAR = "linear"
    MAX_POOLING = "max pooling"
    AVERAGE_POOLING = "average pooling"
    RELU = "ReLU"
    TANH = "tanh"
    ACTIVATION = "activation"
    BATCH_NORM = "batch normalisation"
    LOCAL_RESPONSE_NORM = "local response normalisation"
    ADDITION = "addition"
    CONCATENATION = "concatenation"
    FLATTEN = "flatten"
    DROPOUT = "dropout"
    SOFTMAX = "softmax"
    OTHER = "other"


Reach = Literal["itself", "place", "window", "whole"]
"""What an output looks at: nothing (it is the picture), its own position in any channel of its
inputs, what lies under a window, or everything."""

REACH: Mapping[Operation, Reach] = MappingProxyType(
    {
        Operation.INPUT: "itself",
        Operation.CONVOLUTION: "window",
        Operation.LINEAR: "whole",
        Operation.MAX_POOLING: "window",
        Operation.AVERAGE_POOLING: "window",
        Operation.RELU: "place",
        Operation.TANH: "place",
        Operation.ACTIVATION: "place",
        Operation.BATCH_NORM: "place",
        Operation.LOCAL_RESPONSE_NORM: "place",
        Operation.ADDITION: "place",
        Operation.CONCATENATION: "place",
        Operation.FLATTEN: "whole",
        Operation.DROPOUT: "place",
        Operation.SOFTMAX: "whole",
        Operation.OTHER: "whole",
    }
)
"""Of every kind. A window moves by `kernel_size`, `stride`, `padding` and `dilation` of the
settings, or divides the maps by their `output_size`."""

Weights = Literal["filters", "factors", "none"]
"""What weights are for: to add many inputs up, to scale each number alone, or there are none."""

WEIGHTS: Mapping[Operation, Weights] = MappingProxyType(
    {
        Operation.INPUT: "none",
        Operation.CONVOLUTION: "filters",
        Operation.LINEAR: "filters",
        Operation.MAX_POOLING: "none",
        Operation.AVERAGE_POOLING: "none",
        Operation.RELU: "none",
        Operation.TANH: "none",
        Operation.ACTIVATION: "none",
        Operation.BATCH_NORM: "factors",
        Operation.LOCAL_RESPONSE_NORM: "none",
        Operation.ADDITION: "none",
        Operation.CONCATENATION: "none",
        Operation.FLATTEN: "none",
        Operation.DROPOUT: "none",
        Operation.SOFTMAX: "none",
        Operation.OTHER: "none",
    }
)
"""Of every kind. Filters are what the multiply-adds of a network are counted for."""

JOINING = frozenset({Operation.ADDITION, Operation.CONCATENATION})
"""Operations that read several steps."""

POINTWISE = frozenset(
    operation for operation, reach in REACH.items() if reach == "place" and operation not in JOINING
)
"""Operations of one input whose output at a position looks at that position only."""

POOLING = frozenset(
    operation
    for operation, reach in REACH.items()
    if reach == "window" and WEIGHTS[operation] == "none"
)
"""Operations whose window stays within its channel."""

Settings = Mapping[str, Any]
"""What defines a step beside its kind and its weights: kernel size, stride, …"""
