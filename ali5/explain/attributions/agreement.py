"""What a map says in numbers: where it is strongest, how much of it is where, how alike two are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ali5.errors import Ali5Error


@dataclass(frozen=True)
class Reading:
    """A map in numbers. What is not finite does not count.

    Attributes:
        row: Of the place with the largest magnitude; the first one if there are several.
        column: Of the same place.
        value: There.
        half: Share of all places, 0..1, the strongest ones, that hold half of the magnitude; 0 if
            there is none.
        negative: Share of the magnitude, 0..1, that is negative.
        centre: Row and column around which the magnitude is balanced.
        missing: How many values are not finite.
    """

    row: int
    column: int
    value: float
    half: float
    negative: float
    centre: tuple[float, float]
    missing: int


def read_map(values: Tensor) -> Reading:
    """Read a map, [H, W]."""
    values = values.cpu()  # Apple's accelerators have no 64 bits
    finite = torch.isfinite(values)
    values = torch.where(finite, values, 0).double()
    sizes = values.abs()
    row, column = divmod(int(sizes.argmax()), values.shape[1])
    total = float(sizes.sum())
    ranked = sizes.flatten().sort(descending=True).values
    needed = int((ranked.cumsum(0) < total / 2).sum()) + 1 if total else 0
    rows, columns = (
        (sizes.sum(1 - axis) * torch.arange(length)).sum() / total if total else (length - 1) / 2
        for axis, length in enumerate(values.shape)
    )
    return Reading(
        row=row,
        column=column,
        value=float(values[row, column]),
        half=needed / values.numel(),
        negative=float(sizes[values < 0].sum()) / total if total else 0.0,
        centre=(float(rows), float(columns)),
        missing=int((~finite).sum()),
    )


def rank_correlation(one: Tensor, other: Tensor, signed: bool = False) -> float:
    """Return Spearman's rank correlation of two maps of the same shape.

    It is what Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim: "Sanity checks for saliency maps",
    NeurIPS 2018, https://arxiv.org/abs/1810.03292, compare maps by, among others.

    Args:
        one: A map, [H, W].
        other: Another one.
        signed: Whether the values are ranked, so that opposites give -1; else their magnitudes,
            for which opposites are the same.

    Returns:
        -1 to 1; NaN if one of the maps is constant. Places where a map is not finite do not count.

    Raises:
        Ali5Error: The shapes differ.
    """
    if one.shape != other.shape:
        raise Ali5Error(
            f"Maps of the same shape can be compared, not {list(one.shape)} and "
            f"{list(other.shape)}."
        )
    one, other = one.cpu(), other.cpu()  # Apple's accelerators have no 64 bits
    both = torch.isfinite(one) & torch.isfinite(other)
    a, b = (_ranks(each[both] if signed else each[both].abs()) for each in (one, other))
    if not len(a):
        return math.nan
    a, b = a - a.mean(), b - b.mean()
    spread = float((a.square().sum() * b.square().sum()).sqrt())
    return float((a * b).sum()) / spread if spread else math.nan


def _ranks(values: Tensor) -> Tensor:
    """Return the rank of every value; equal ones share the mean of theirs."""
    _, place, counts = torch.unique(values, return_inverse=True, return_counts=True)
    ends = counts.cumsum(0).double()
    means: Tensor = ends - (counts - 1) / 2
    return means[place]
