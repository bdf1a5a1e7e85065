"""What each channel of a step gave for one picture, in a few numbers, and orders to look at them.

A vector counts as channels of one number each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ali5.graph.kinds import Operation
from ali5.networks.devices import meets_full_memory
from ali5.tracing.gradients import logit_gradient
from ali5.tracing.trace import Step, Trace

Numbers = NDArray[np.float32]

ACTIVE_PART = 0.1
"""In a step with negative values, a value is active beyond this part of the largest magnitude."""

NEAR_BOUND = 0.95
"""A value is saturated beyond this part of the way from the middle of its range to a bound."""


@dataclass(frozen=True, eq=False)
class Channels:
    """Numbers about each of the C channels of a step; all arrays have shape [C].

    Values that are NaN or infinite are left out; a channel of nothing else has zeros everywhere.

    Attributes:
        strength: Mean magnitude.
        spread: Standard deviation over the positions (of all of them, not of a sample).
        active: Share of active values, 0..1: those above zero if the step has no negative values,
            as after a ReLU; otherwise those larger in magnitude than `ACTIVE_PART` of the largest
            magnitude in the step.
        sparsity: How few values carry the channel, 0 (all magnitudes equal) to 1 (a single value
            that is not zero), whatever their size: Hoyer, "Non-negative matrix factorization with
            sparseness constraints", JMLR 5, 2004, section 3.1; NaN for a map of zeros or of one
            value, where it is not defined.
        dead: Whether the channel says nothing about this picture: the same value at every position
            of a map, or a single zero. A channel with NaN or infinities is not dead.
        saturated: Share of values within reach of a bound of the activation (`NEAR_BOUND`), 0..1;
            None if the step is no activation with two bounds. A ReLU has no upper bound. What
            saturation does to learning: Glorot, Bengio: "Understanding the difficulty of training
            deep feedforward neural networks", AISTATS 2010, section 3.
        row: Of the value of the largest magnitude; the first one in reading order.
        column: Likewise.
        strongest: That value.
        finite: Share of values that are numbers, 0..1.
    """

    strength: Numbers
    spread: Numbers
    active: Numbers
    sparsity: Numbers
    dead: NDArray[np.bool_]
    saturated: Numbers | None
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    strongest: Numbers
    finite: Numbers

    def __len__(self) -> int:
        return len(self.strength)


@meets_full_memory
def describe_channels(trace: Trace, step: Step) -> Channels:
    """Work out the numbers about each channel of a step of this trace."""
    values = _rows(step)  # [C, n]
    known = torch.isfinite(values)
    counts = known.sum(1)
    clean = values if bool((counts == values.shape[1]).all()) else values.where(known, 0)
    size = clean.abs()
    total = size.sum(1)
    several = counts.clamp(min=1)
    # From one of its own values, and around the mean: so a constant map has no spread at all, and
    # nothing cancels for maps far from zero.
    moved = (clean - clean[:, :1]).where(known, 0)
    mean = moved.sum(1) / several
    from_mean = (moved - mean[:, None]).square_().where(known, 0).sum(1)
    place = size.argmax(1)
    strongest = clean.gather(1, place[:, None])[:, 0]
    limit = ACTIVE_PART * float(size.max()) if float(clean.min()) < 0 else 0.0
    bounds = _bounds(trace, step)
    width = step.shape[3] if step.output.ndim == 4 else 1
    return Channels(
        strength=_numbers(total / several),
        spread=_numbers((from_mean / several).sqrt()),
        active=_numbers((size > limit).sum(1) / several),
        sparsity=_numbers(_sparsity(size, total, counts, strongest.abs())),
        dead=_dead(values).cpu().numpy(),
        saturated=None
        if bounds is None
        else _numbers((_near(clean, bounds) & known).sum(1) / several),
        row=(place // width).int().cpu().numpy(),
        column=(place % width).int().cpu().numpy(),
        strongest=_numbers(strongest),
        finite=_numbers(counts / values.shape[1]),
    )


def order_by(numbers: Numbers) -> NDArray[np.intp]:
    """Return the channels by a number, largest first; equal ones by index, NaN last."""
    return np.argsort(-numbers, kind="stable")


@meets_full_memory
def order_by_similarity(step: Step) -> NDArray[np.intp]:
    """Return the channels so that neighbours look alike.

    A chain that begins at the strongest channel (largest Euclidean norm) and always goes on to the
    one of those left that is most similar to the last: the cosine of the angle between the two
    maps, taken as lists of numbers. Where two are equally similar the lower index comes first.
    Channels of zeros only have no direction; they come last, by index.
    """
    values = _rows(step)
    values = values.where(torch.isfinite(values), 0)
    values = values / values.abs().amax().clamp(min=torch.finfo(values.dtype).tiny)
    norms = torch.linalg.vector_norm(values, dim=1)
    alive = norms.nonzero()[:, 0]
    if not len(alive):
        return np.arange(len(values))
    directions = values[alive] / norms[alive, None]
    cosines = (directions @ directions.T).cpu().numpy()
    left = np.zeros(len(alive), np.float32)  # minus infinity once a channel has its place
    at = int(norms[alive].argmax())
    chain = [at]
    for _ in range(len(alive) - 1):
        left[at] = -np.inf
        at = int((cosines[at] + left).argmax())
        chain.append(at)
    dead = (norms == 0).nonzero()[:, 0].cpu().numpy()
    return np.concatenate([alive.cpu().numpy()[chain], dead])


@meets_full_memory
def channel_contributions(trace: Trace, step: Step, class_: int | None = None) -> Numbers:
    """Say what each channel of a step contributes to a class's logit, to first order.

    That is the gradient of the logit with respect to each value of the channel, times the value,
    summed over the positions: by how much the logit would fall if the channel were turned down to
    zero and the logit went on falling as it begins to. Where only averages and weighted sums
    follow, it is exact: the channel's mean times its weight. Elsewhere it is an estimate.

    Molchanov, Tyree, Karras, Aila, Kautz: "Pruning convolutional neural networks for resource
    efficient inference", ICLR 2017, https://arxiv.org/abs/1611.06440, equations 7 and 8. We take a
    logit instead of the cost and the sum over positions instead of the mean, and keep the sign.

    Args:
        trace: Any picture's way through a network whose graph can be read.
        step: One of its steps, before the softmax.
        class_: Number of a class; the most likely one if not given.

    Returns:
        [C], unit: that of the logit. Positive channels speak for the class.

    Raises:
        Ali5Error: There is no such class, the step comes after the logits, or the network cannot be
            run again from this step on.
    """
    if class_ is None:
        class_ = int(trace.steps[-1].output[0].argmax())
    gradient = logit_gradient(trace, step, class_)  # on the CPU, if there was no room for it
    products = gradient * step.output.to(gradient.device, copy=True)
    return _numbers(products[0].reshape(products.shape[1], -1).sum(1))


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many values of a step lie where.

    Attributes:
        edges: [B + 1], ascending, float64. Bin i holds edges[i] <= value < edges[i + 1], the last
            one its upper edge too. If there are values on both sides of zero, zero is an edge.
        counts: Values of each channel in each bin, [C, B], int64.
        zeros: How many values are exactly zero.
        not_finite: How many are NaN or infinite, and so in no bin.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    zeros: int
    not_finite: int


@meets_full_memory
def count_values(step: Step, bins: int = 48) -> Histogram:
    """Count the values of every channel of a step in equal bins over the range of the whole step.

    Args:
        step: Any step.
        bins: How many bins; one more if the range has zero inside, a single one if all values are
            the same.
    """
    values = _rows(step).cpu().double()
    known = torch.isfinite(values)
    all_known = bool(known.all())
    clean = values if all_known else values[known]
    low, high = (float(clean.min()), float(clean.max())) if clean.numel() else (0.0, 0.0)
    width = (high - low) / bins
    if not width:
        half = abs(low) / 2 or 0.5
        first, width, count, origin = 0, 2 * half, 1, low - half
    elif low < 0 < high:
        first, origin = math.floor(low / width), 0.0
        count = math.ceil(high / width) - first
    else:
        first, count, origin = 0, bins, low
    places = torch.floor((clean - origin) / width).long().sub_(first).clamp_(0, count - 1)
    rows = torch.arange(len(values))[:, None].expand_as(values)
    places += count * (rows if all_known else rows[known])
    found = torch.bincount(places.flatten(), minlength=len(values) * count)
    return Histogram(
        edges=origin + width * np.arange(first, first + count + 1, dtype=np.float64),
        counts=found.reshape(len(values), count).numpy(),
        zeros=int((clean == 0).sum()),
        not_finite=int(values.numel() - clean.numel()),
    )


def _rows(step: Step) -> Tensor:
    """Return the values of each channel in a row, [C, n], in at least 32 bits."""
    output = step.output[0]
    values = output.reshape(output.shape[0], -1)
    return values if values.dtype in (torch.float32, torch.float64) else values.float()


def _numbers(values: Tensor) -> Numbers:
    numbers: Numbers = values.float().cpu().numpy()
    return numbers


def _sparsity(size: Tensor, total: Tensor, counts: Tensor, largest: Tensor) -> Tensor:
    """Hoyer's sparseness of each row of magnitudes, with `counts` values each."""
    # Divided by the largest one, so that no square leaves the range of numbers.
    norm = largest * torch.linalg.vector_norm(size / largest[:, None], dim=1)
    root = counts.sqrt()
    sparseness: Tensor = (root - total / norm) / (root - 1)
    return sparseness.clamp(0, 1)


def _dead(values: Tensor) -> Tensor:
    low, high = values.amin(1), values.amax(1)
    same = low.eq(high) if values.shape[1] > 1 else low.eq(0)
    return same.logical_and(torch.isfinite(low))


def _bounds(trace: Trace, step: Step) -> tuple[float, float] | None:
    """Return between which bounds an activation keeps its values, if it has two."""
    if step.operation is Operation.TANH:
        amplitude = float(step.settings.get("amplitude", 1.0))
        return -amplitude, amplitude
    if step.operation is Operation.ACTIVATION and len(step.inputs) == 1:
        # Settings do not say which activation it is: its numbers do.
        before = trace[step.inputs[0]].output
        for function, bounds in _BOUNDED:
            if torch.equal(function(before), step.output):
                return bounds
    return None


_BOUNDED: tuple[tuple[Callable[[Tensor], Tensor], tuple[float, float]], ...] = (
    (torch.sigmoid, (0.0, 1.0)),
    (F.hardsigmoid, (0.0, 1.0)),
    (F.hardtanh, (-1.0, 1.0)),
)


def _near(values: Tensor, bounds: tuple[float, float]) -> Tensor:
    """Tell which values are within reach of a bound."""
    middle, half = (bounds[0] + bounds[1]) / 2, (bounds[1] - bounds[0]) / 2
    return (values - middle).abs().gt(NEAR_BOUND * half)
