"""Multinomial logistic regression: the one best linear layer over given features. No torch.

The mean cross-entropy plus `penalty` / 2 times the sum of the squared weights (not of the biases)
is convex: there is one minimum, and where one begins makes no difference (Bishop, "Pattern
recognition and machine learning", 2006, section 4.3.4). It is found by L-BFGS (Nocedal and Wright,
"Numerical optimization", 2006, algorithms 7.4, 7.5 and 3.1). With C = 1 / (pictures x penalty),
scikit-learn's `LogisticRegression` of the same standardised features has the same one.

Features are standardised by the mean of each and one spread for all of them: the root mean square
of their standard deviations. Where features are few ReLUs that hardly ever respond, dividing each
by its own small deviation blows up what another picture has there: with 5 to 10 pictures of each of
3 to 5 classes of Tiny ImageNet, a head on AlexNet was then right in 2 to 3 of 100 new pictures
less, and its loss on them was 1.6 to 8 times as large.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_STEPS = 1000
"""Steps of one fit; it has settled long before."""

SETTLED = 1e-7
"""The largest slope in any direction at which a fit ends."""

_REMEMBERED = 20
"""Steps that L-BFGS looks back on."""


@dataclass(frozen=True, eq=False)
class Line:
    """A linear layer over raw features: the standardisation is folded into it.

    Attributes:
        weight: Shape [classes, features].
        bias: Shape [classes].
    """

    weight: Floats
    bias: Floats

    def __call__(self, features: NDArray[np.floating]) -> Floats:
        """Return the logits, [N, classes], of features [N, features]."""
        return np.asarray(features, np.float64) @ self.weight.T + self.bias


@dataclass(frozen=True, eq=False)
class Point:
    """Where a fit is after a number of steps.

    Attributes:
        step: How many; 0 before the first.
        line: What it is by now.
    """

    step: int
    line: Line


def fit(
    features: NDArray[np.floating],
    labels: NDArray[np.integer],
    classes: int,
    penalty: float,
    told: Callable[[Point], None] | None = None,
) -> Line:
    """Return the line that minimises the penalised cross-entropy.

    Args:
        features: Of the pictures, [N, features], in any unit.
        labels: The class of each, [N], 0 to `classes` - 1.
        classes: How many there are.
        penalty: On the squared weights of the standardised features, larger than 0.
        told: Called before the first step and after every one; what it raises ends the fit.
    """
    reduced = _reduce(np.asarray(features, np.float64))
    problem = _Problem(reduced.values, np.asarray(labels), classes, penalty)
    at = np.zeros((classes, reduced.values.shape[1] + 1))
    height, slope = problem.look(at)
    steps: list[tuple[Floats, Floats]] = []  # how far it went, how the slope changed
    for step in range(MOST_STEPS + 1):
        if told is not None:
            told(Point(step, reduced.line(at)))
        if np.abs(slope).max() < SETTLED:
            break
        way = -_inverse_curvature(slope, steps)
        falls = float((slope * way).sum())
        length = 1.0 if steps else min(1.0, 1 / float(np.abs(slope).sum()))
        for _ in range(60):  # until it goes down enough
            new_height, new_slope = problem.look(at + length * way)
            if new_height <= height + 1e-4 * length * falls + 1e-15 * height:
                break
            length /= 2
        else:
            break  # as far down as these numbers can tell
        moved, turned = length * way, new_slope - slope
        if float((moved * turned).sum()) > 1e-300:
            steps = [*steps, (moved, turned)][-_REMEMBERED:]
        at, height, slope = at + moved, new_height, new_slope
    return reduced.line(at)


def shares_of(logits: Floats) -> Floats:
    """Return the softmax of logits, both [N, classes]."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    shares: Floats = powers / powers.sum(1, keepdims=True)
    return shares


def loss_of(logits: Floats, labels: NDArray[np.integer]) -> float:
    """Return the mean cross-entropy, in nats, of logits [N, classes] with the labels [N]."""
    highest = logits.max(1)
    sums = np.log(np.exp(logits - highest[:, None]).sum(1)) + highest
    return float((sums - logits[np.arange(len(logits)), labels]).mean())


@dataclass(frozen=True, eq=False)
class _Problem:
    """What is minimised: a function of weights and biases, [classes, r + 1], the bias last."""

    values: Floats  # [N, r]
    labels: NDArray[np.integer]
    classes: int
    penalty: float

    def look(self, at: Floats) -> tuple[float, Floats]:
        """Return the height and the slope."""
        logits = self.values @ at[:, :-1].T + at[:, -1]
        height = loss_of(logits, self.labels) + self.penalty / 2 * float((at[:, :-1] ** 2).sum())
        errors = shares_of(logits)
        errors[np.arange(len(logits)), self.labels] -= 1
        errors /= len(logits)
        slope = np.empty_like(at)
        slope[:, :-1] = errors.T @ self.values + self.penalty * at[:, :-1]
        slope[:, -1] = errors.sum(0)
        return height, slope


def _inverse_curvature(slope: Floats, steps: list[tuple[Floats, Floats]]) -> Floats:
    """Return the slope times an estimate of the inverse Hessian (algorithm 7.4)."""
    rest = slope.copy()
    shares = []
    for moved, turned in reversed(steps):
        share = float((moved * rest).sum()) / float((moved * turned).sum())
        rest -= share * turned
        shares.append(share)
    if steps:
        moved, turned = steps[-1]
        rest *= float((moved * turned).sum()) / float((turned**2).sum())
    for (moved, turned), share in zip(steps, reversed(shares), strict=True):
        rest += (share - float((turned * rest).sum()) / float((moved * turned).sum())) * moved
    return rest


@dataclass(frozen=True, eq=False)
class _Reduced:
    """Standardised features in as many dimensions as they span.

    Turning them changes neither the loss nor the penalty, and a direction that no picture has gets
    no weight. So 40 pictures of 12,288 numbers are a problem of 40 numbers.
    """

    values: Floats  # [N, r]
    back: Floats  # [r, features]
    mean: Floats  # [features]
    spread: float

    def line(self, at: Floats) -> Line:
        raw = at[:, :-1] @ self.back / self.spread
        return Line(raw, at[:, -1] - raw @ self.mean)


def _reduce(features: Floats) -> _Reduced:
    mean = features.mean(0)
    centred = features - mean
    spread = float(np.sqrt((centred**2).mean())) or 1.0  # all the same: nothing to learn from
    standard = centred / spread
    count, width = standard.shape
    if width <= count:
        return _Reduced(standard, np.eye(width), mean, spread)
    squares, axes = np.linalg.eigh(standard @ standard.T)
    kept = squares > 1e-10 * max(float(squares.max()), 1e-300)
    lengths, axes = np.sqrt(squares[kept]), axes[:, kept]
    return _Reduced(axes * lengths, (axes / lengths).T @ standard, mean, spread)
