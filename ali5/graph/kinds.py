"""The kinds of step, in the field's own words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Operation(StrEnum):
    """The kinds of step."""

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


POINTWISE = frozenset(
    {
        Operation.RELU,
        Operation.TANH,
        Operation.ACTIVATION,
        Operation.BATCH_NORM,
        Operation.LOCAL_RESPONSE_NORM,
        Operation.DROPOUT,
    }
)
"""Operations whose output at a position looks at that position only (in any channel)."""

Settings = Mapping[str, Any]
"""What defines a step beside its kind and its weights: kernel size, stride, …"""
