"""The one best fit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ali5.classifying.teach.logistic import Floats, fit, loss_of, shares_of


def problem(count: int, width: int, classes: int = 3, seed: int = 5) -> tuple[Floats, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    features = random.normal(size=(count, width)) * random.uniform(0.1, 9, width) + 4
    return features + labels[:, None] * random.normal(size=width), labels


@pytest.mark.parametrize(("count", "width"), [(40, 6), (6, 6), (9, 300), (4, 1)])
@pytest.mark.parametrize("penalty", [0.003, 0.1, 3.0])
def test_no_slope_is_left_where_the_fit_ends(count: int, width: int, penalty: float) -> None:
    features, labels = problem(count, width)
    line = fit(features, labels, 3, penalty)
    # The same function by PyTorch, over all features instead of those that they span.
    mean = features.mean(0)
    spread = np.sqrt(((features - mean) ** 2).mean())
    values = torch.tensor((features - mean) / spread)
    weight = torch.tensor(line.weight * spread, requires_grad=True)
    bias = torch.tensor(line.bias + line.weight @ mean, requires_grad=True)
    loss = nn.functional.cross_entropy(values @ weight.T + bias, torch.tensor(labels))
    (loss + penalty / 2 * weight.square().sum()).backward()
    assert weight.grad is not None
    assert bias.grad is not None
    assert float(weight.grad.abs().max()) < 1e-6
    assert float(bias.grad.abs().max()) < 1e-6


def test_two_pictures_with_one_feature_by_hand() -> None:
    # Standardised they are -1 and 1. By symmetry the weights are -w and w and the biases 0, so
    # ln(1 + exp(-2 w)) + penalty w² is to be least: 1 / (1 + exp(2 w)) = penalty w. With a penalty
    # of 1 / (2 ln 3) that is so at w = ln(3) / 2, and each picture gets a share of 3 / 4.
    line = fit(np.array([[3.0], [7.0]]), np.array([0, 1]), 2, 1 / (2 * np.log(3)))
    w = np.log(3) / 2
    assert line.weight[:, 0] * 2 == pytest.approx([-w, w], abs=1e-6)
    shares = shares_of(line(np.array([[3.0], [5.0], [7.0]])))
    assert shares[:, 1] == pytest.approx([0.25, 0.5, 0.75], abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 5), st.floats(0.01, 5))
def test_nothing_near_the_fit_is_better(random, classes: int, penalty: float) -> None:  # type: ignore[no-untyped-def]
    features, labels = problem(15, 4, classes, random.randrange(1000))
    spread = np.sqrt(((features - features.mean(0)) ** 2).mean())

    def height(weight: Floats, bias: Floats) -> float:
        return loss_of(features @ weight.T + bias, labels) + penalty / 2 * float(
            ((weight * spread) ** 2).sum()
        )

    line = fit(features, labels, classes, penalty)
    best = height(line.weight, line.bias)
    generator = np.random.default_rng(random.randrange(1000))
    for size in (1e-3, 1e-2, 0.1, 1):
        weight = line.weight + generator.normal(size=line.weight.shape) * size / spread
        assert height(weight, line.bias + generator.normal(size=classes) * size) >= best - 1e-12


def test_features_that_are_all_the_same_leave_only_the_frequencies() -> None:
    line = fit(np.full((10, 3), 7.0), np.array([0] * 7 + [1] * 3), 2, 0.1)
    assert shares_of(line(np.full((1, 3), 7.0)))[0] == pytest.approx([0.7, 0.3], abs=1e-6)


def test_every_step_goes_down_and_the_last_one_is_the_fit() -> None:
    features, labels = problem(30, 50)
    points = []
    line = fit(features, labels, 3, 0.1, points.append)
    assert [point.step for point in points] == list(range(len(points)))
    spread = np.sqrt(((features - features.mean(0)) ** 2).mean())
    losses = [loss_of(point.line(features), labels) for point in points]
    sizes = [float(((point.line.weight * spread) ** 2).sum()) for point in points]
    heights = [loss + 0.1 / 2 * size for loss, size in zip(losses, sizes, strict=True)]
    assert losses[0] == heights[0] == pytest.approx(np.log(3))
    assert all(after <= before for before, after in itertools.pairwise(heights[:10]))
    assert heights[-1] == pytest.approx(min(heights), abs=1e-12)
    assert (points[-1].line.weight == line.weight).all()
