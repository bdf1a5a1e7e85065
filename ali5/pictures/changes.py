"""Change a photograph, and the maps of a layer along with it: blur, shuffle, turn, shift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ali5.graph.geometry import PIXEL, ReceptiveField
from ali5.pictures.preparation import BRIGHTNESS


@dataclass(frozen=True)
class Change:
    """What is done to a photograph, in this order: grey, blur, shuffle, turn, shift.

    What comes in from outside repeats the edge.

    Attributes:
        right: Pixels that it is moved to the right.
        down: Pixels that it is moved down.
        turn: Degrees that it is turned about its middle, counter-clockwise.
        blur: Deviation of a Gaussian in pixels, cut off at three of them; 0 for none.
        grey: Whether it loses its colours.
        tile: Edge in pixels of the squares that it is cut into, which then swap places; 0 for none.
            Pixels that are left over at the right and the bottom stay.
    """

    right: float = 0
    down: float = 0
    turn: float = 0
    blur: float = 0
    grey: bool = False
    tile: int = 0

    @property
    def is_none(self) -> bool:
        """Whether nothing is changed."""
        return self == Change()

    @property
    def moves(self) -> bool:
        """Whether something changes its place."""
        return bool(self.right or self.down or self.turn or self.tile)

    def __call__(self, photo: Tensor) -> Tensor:
        """Return the changed photograph, [C, H, W], 0..1."""
        if self.grey and photo.shape[0] == 3:
            shares = torch.tensor(BRIGHTNESS, dtype=photo.dtype, device=photo.device)
            photo = torch.tensordot(shares, photo, 1).expand(3, -1, -1)
        return self.on_maps(photo, PIXEL, photo.shape[1])

    def on_maps(self, maps: Tensor, field: ReceptiveField, size: int) -> Tensor:
        """Do to the maps of a layer what is done to the photograph, but for the colours.

        A map has fewer pixels: a shift of s pixels is one of s / stride there, a blur likewise, and
        turns and swaps go by where in the photograph a unit's field has its middle. Between the
        pixels of a map its numbers are interpolated linearly.

        Args:
            maps: [C, H', W'].
            field: What one of their numbers sees.
            size: Edge of the photograph.
        """
        if self.blur:
            maps = blur(maps, self.blur / field.rows.stride)
        if not self.moves:
            return maps
        rows, columns = self.sources(*middles(field, maps.shape[1:]), size)
        top, left = middle_of_first(field)
        return _interpolate(
            maps, (rows - top) / field.rows.stride, (columns - left) / field.rows.stride
        )

    def unmoved(self, rows: Tensor, columns: Tensor, size: int) -> tuple[Tensor, Tensor]:
        """Return where in the photograph something was before the shift and the turn."""
        middle = (size - 1) / 2
        rows, columns = rows - self.down - middle, columns - self.right - middle
        cos, sin = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        if self.turn % 360 == 0:
            cos, sin = 1.0, 0.0
        return cos * rows + sin * columns + middle, cos * columns - sin * rows + middle

    def sources(self, rows: Tensor, columns: Tensor, size: int) -> tuple[Tensor, Tensor]:
        """Return where in the photograph something was before all of it."""
        rows, columns = self.unmoved(rows, columns, size)
        count = size // self.tile if self.tile else 0
        if not count:  # no squares, or none that fit
            return rows, columns
        tile_row, tile_column = (
            torch.floor((place + 0.5) / self.tile).long() for place in (rows, columns)
        )
        inside = (tile_row >= 0) & (tile_row < count) & (tile_column >= 0) & (tile_column < count)
        order = torch.from_numpy(shuffled(count * count))
        came = order[torch.where(inside, tile_row * count + tile_column, 0)]
        by_rows = torch.where(inside, came // count - tile_row, 0) * self.tile
        by_columns = torch.where(inside, came % count - tile_column, 0) * self.tile
        return rows + by_rows, columns + by_columns


def shuffled(count: int) -> np.ndarray:
    """Return the numbers 0 to `count` - 1 in an order that looks random and is always the same.

    They are sorted by a hash of 32 bits that no two share (C. Wellons 2018, "lowbias32",
    https://nullprogram.com/blog/2018/07/31/), which a browser can work out too.
    """
    value = np.arange(1, count + 1, dtype=np.uint32)
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint32(16))) * np.uint32(0x7FEB352D)
        value = (value ^ (value >> np.uint32(15))) * np.uint32(0x846CA68B)
        value = value ^ (value >> np.uint32(16))
    return np.argsort(value, kind="stable")


def blur(maps: Tensor, deviation: float) -> Tensor:
    """Blur maps [C, H, W] with a Gaussian, cut off at three deviations; the edge is repeated."""
    reach = reach_of(deviation)
    if not reach:
        return maps
    along = torch.arange(-reach, reach + 1, dtype=torch.float64)
    weights = torch.exp(-(along**2) / (2 * deviation**2))
    weights = (weights / weights.sum()).to(maps)
    blurred = F.pad(maps[:, None], (reach,) * 4, mode="replicate")
    blurred = F.conv2d(blurred, weights[None, None, :, None])
    return F.conv2d(blurred, weights[None, None, None, :])[:, 0]


def reach_of(deviation: float) -> int:
    """Return over how many pixels on each side a blur goes."""
    return math.ceil(3 * deviation)


def middle_of_first(field: ReceptiveField) -> tuple[float, float]:
    """Return row and column of the photograph in the middle of the first unit's field."""
    return (
        field.rows.offset + (field.rows.size - 1) / 2,
        field.columns.offset + (field.columns.size - 1) / 2,
    )


def middles(field: ReceptiveField, shape: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Return row and column of the photograph in the middle of every unit's field, [H', W']."""
    top, left = middle_of_first(field)
    rows = top + torch.arange(shape[0], dtype=torch.float64) * field.rows.stride
    columns = left + torch.arange(shape[1], dtype=torch.float64) * field.columns.stride
    return rows[:, None].expand(*shape), columns[None, :].expand(*shape)


def _interpolate(maps: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Read maps [C, H, W] between their pixels; outside, the edge is repeated."""
    height, width = maps.shape[1:]
    rows, columns = whole_if_near(rows), whole_if_near(columns)
    top, left = torch.floor(rows), torch.floor(columns)
    down, right = (rows - top).to(maps), (columns - left).to(maps)
    top, left = (place.long().to(maps.device) for place in (top, left))

    def at(row: Tensor, column: Tensor) -> Tensor:
        return maps[:, row.clamp(0, height - 1), column.clamp(0, width - 1)]

    above = at(top, left) * (1 - right) + at(top, left + 1) * right
    below = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right
    return above * (1 - down) + below * down


def whole_if_near(place: Tensor) -> Tensor:
    """Take rounding out of places that are whole, as after a turn by 90 degrees."""
    whole = torch.round(place)
    return torch.where((place - whole).abs() < 1e-9, whole, place)
