"""Tiles of bytes with the scales that turn them back into values. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = 252
"""Finite values get the codes 0 to 252; 126 is the middle."""

NAN, PLUS_INFINITY, MINUS_INFINITY = 253, 254, 255
"""The codes of what has no place on a scale."""


@dataclass(frozen=True)
class Scale:
    """The range of values that a set of codes stands for.

    Attributes:
        minimum: Smallest finite value, exactly as in the tensor.
        maximum: Largest finite value.
    """

    minimum: float
    maximum: float

    @property
    def low(self) -> float:
        """The value of code 0: zero, or minus the largest magnitude if there are negatives."""
        return -self.high if self.minimum < 0 else 0.0

    @property
    def high(self) -> float:
        """The value of the last code: the largest magnitude."""
        return max(abs(self.minimum), abs(self.maximum))

    @property
    def is_constant(self) -> bool:
        """Whether there is one value only; it gets the middle code."""
        return self.minimum == self.maximum

    def decode(self, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the values of codes, to within half a level; NaN and infinities as such."""
        if self.is_constant:
            values = np.full(codes.shape, self.minimum, np.float32)
        else:
            share = codes.astype(np.float32) / LEVELS
            values = (self.low + share * (self.high - self.low)).astype(np.float32)
        values[codes == NAN] = np.nan
        values[codes == PLUS_INFINITY] = np.inf
        values[codes == MINUS_INFINITY] = -np.inf
        return values


@dataclass(frozen=True, eq=False)
class Wall:
    """Tiles of bytes with their scales.

    Attributes:
        codes: [tiles, height, width], or [tiles, height, width, 3] for colour kernels; u8.
        scales: One for all tiles, or one for each.
        size: Height and width of a whole map in pixels; tiles are smaller if it did not fit.
        strengths: Mean magnitude of each tile's finite values, float32.
        channels: Which channels the tiles are, if they are not all of them in order.
    """

    codes: NDArray[np.uint8]
    scales: tuple[Scale, ...]
    size: tuple[int, int]
    strengths: NDArray[np.float32]
    channels: NDArray[np.intp] | None = None

    def scale_of(self, tile: int) -> Scale:
        """Return the scale of one tile."""
        return self.scales[tile] if len(self.scales) > 1 else self.scales[0]
