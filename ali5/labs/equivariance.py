"""Measure how the maps of a layer answer when the photograph is changed.

A layer is **equivariant** to a change if changing the photograph and changing the maps come to the
same: f(change(x)) = change(f(x)). It is **invariant** if its maps do not notice: f(change(x)) =
f(x). Lenc & Vedaldi 2015, "Understanding image representations by measuring their equivariance and
equivalence", https://arxiv.org/abs/1411.5908, sections 2 and 3; for shifts and why strides spoil
them, Zhang 2019, "Making convolutional networks shift-invariant again",
https://arxiv.org/abs/1904.11486, section 3.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ali5.graph.geometry import ReceptiveField
from ali5.pictures.changes import Change, middle_of_first, middles, reach_of, whole_if_near


class Meter(NamedTuple):
    """How the maps of a layer answer to a change of the photograph.

    Attributes:
        equivariance: How alike f(change(x)) and change(f(x)) are, 1 for the same; None if nothing
            can be compared, or if the change is one of colours, which a map has not.
        invariance: How alike f(change(x)) and f(x) are; None if nothing can be compared.
        compared: Share of the maps' pixels that equivariance was compared at, 0..1.
    """

    equivariance: float | None
    invariance: float | None
    compared: float


def measure(
    before: Tensor, after: Tensor, change: Change, field: ReceptiveField, size: int
) -> Meter:
    """Measure how the maps of a layer answer to a change of the photograph.

    Compared are only numbers that saw nothing but the photograph: no padding, nothing that came in
    from outside, and nothing that was blurred across its edge. How alike two sets of maps a and b
    are is 1 minus their relative error,

        1 - sqrt(sum (a - b)² / sum_c [sum (a_c - mean a_c)² + sum (b_c - mean b_c)²
                                       + n (mean a_c - mean b_c)²])

    over all numbers, n of them in each channel c. What it is divided by is how far apart maps of
    the same means and spreads are if they have nothing to do with each other (as in the concordance
    of Lin 1989, https://doi.org/10.2307/2532051). So it is 1 if they are equal, about 0 if they are
    unrelated, and less if they are opposed.

    Args:
        before: Maps of the photograph, [C, H', W'].
        after: Maps of the changed photograph.
        change: What was done to it.
        field: What one number of the maps sees.
        size: Edge of the photograph in pixels.
    """
    before, after = before.cpu(), after.cpu()  # Apple's accelerators have no 64 bits
    still, along = compared(change, field, before.shape[1:], size)
    answered = agreement(before[:, still], after[:, still])
    share = float(along.float().mean())
    if change.grey:
        return Meter(None, answered, share)
    moved = change.on_maps(before, field, size)
    return Meter(agreement(moved[:, along], after[:, along]), answered, share)


def compared(
    change: Change, field: ReceptiveField, shape: Sequence[int], size: int
) -> tuple[Tensor, Tensor]:
    """Return where maps are compared, [H', W'] of booleans: for invariance and for equivariance.

    Args:
        change: What was done to the photograph.
        field: What one number of the maps sees.
        shape: Rows and columns of the maps.
        size: Edge of the photograph in pixels.
    """
    rows, columns = middles(field, shape)
    still = _sees_only_photo(rows, columns, change, field, size)
    return still, still & _comes_from_photo(rows, columns, change, field, size, shape)


def _sees_only_photo(
    rows: Tensor, columns: Tensor, change: Change, field: ReceptiveField, size: int
) -> Tensor:
    """Tell which units see nothing but photograph, before and after the change, [H', W']."""
    reach = reach_of(change.blur)
    seen = torch.ones(rows.shape, dtype=torch.bool)
    half = (field.rows.size - 1) / 2, (field.columns.size - 1) / 2
    for down in (-half[0], half[0]):
        for right in (-half[1], half[1]):
            corner = rows + down, columns + right
            for places, margin in ((corner, 0), (change.unmoved(*corner, size), reach)):
                for place in places:
                    seen &= (place >= margin - 1e-9) & (place <= size - 1 - margin + 1e-9)
    return seen


def _comes_from_photo(
    rows: Tensor,
    columns: Tensor,
    change: Change,
    field: ReceptiveField,
    size: int,
    shape: Sequence[int],
) -> Tensor:
    """Tell for which units all numbers that `on_maps` takes saw nothing but photograph."""
    reach = reach_of(change.blur / field.rows.stride)
    top, left = middle_of_first(field)
    places = change.sources(rows, columns, size)
    seen = torch.ones(rows.shape, dtype=torch.bool)
    for place, first, span, count in zip(
        places, (top, left), (field.rows, field.columns), shape, strict=True
    ):
        index = whole_if_near((place - first) / span.stride)
        lowest = math.ceil(-span.offset / span.stride) + reach
        highest = math.floor((size - span.size - span.offset) / span.stride) - reach
        seen &= (torch.floor(index) >= max(0, lowest)) & (
            torch.ceil(index) <= min(count - 1, highest)
        )
    return seen


def agreement(one: Tensor, other: Tensor) -> float | None:
    """Return how alike two sets of maps are, as `measure` defines it.

    Args:
        one: [C, n].
        other: [C, n].

    Returns:
        At most 1; None if they hold nothing.
    """
    if one.numel() == 0:
        return None
    one, other = one.double(), other.double()
    apart = (one - other).square().sum()
    means = one.mean(1, keepdim=True), other.mean(1, keepdim=True)
    whole = (
        (one - means[0]).square().sum()
        + (other - means[1]).square().sum()
        + one.shape[1] * (means[0] - means[1]).square().sum()
    )
    # Rounding is no difference: maps of a constant picture are constant but for their last digit.
    noise = 1e-12 * (one.square().sum() + other.square().sum())
    if apart <= noise:
        return 1.0
    return float(1 - (apart / torch.maximum(whole, noise)).sqrt())
