"""The toy picture of the labs: cells with small whole numbers, all legible at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TOY_EDGE = 16
"""Rows and columns of the whole toy picture; smaller ones are its corner."""


def toy_cells() -> NDArray[np.int64]:
    """Return the numbers of the toy picture, [3, 16, 16], 0..9."""
    channel, row, column = np.indices((3, TOY_EDGE, TOY_EDGE))
    ring = np.hypot(row - 2, column - 2).round().astype(int)
    cells: NDArray[np.int64] = (7 - 2 * ring + 3 * channel + (row * column) % 3) % 10
    return cells
