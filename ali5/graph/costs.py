"""What a step costs: parameters, memory and multiply-adds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ali5.graph.kinds import WEIGHTS, Operation

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
    if weight is None or WEIGHTS[operation] != "filters":
        return 0
    return math.prod(output) * math.prod(weight[1:])
