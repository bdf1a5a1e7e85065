"""What is held out."""

from __future__ import annotations

import numpy as np
import pytest

import ali5
from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.held_out import deal, interval
from ali5.classifying.teach.last_layer import trunk_of
from ali5.classifying.teach.logistic import fit, shares_of
from ali5.classifying.teach.teaching import PENALTY, learn, look


@pytest.mark.parametrize("sizes", [(3, 3), (3, 40), (12, 12, 12), (3,) * 10, (20,) * 10])
def test_every_group_is_spread_evenly_over_the_hands(sizes: tuple[int, ...]) -> None:
    truth = np.repeat(np.arange(len(sizes)), sizes)
    fold = deal(truth, [str(number) for number in range(len(truth))], 5)
    assert set(fold) == set(range(min(10, len(truth))))
    for group, size in enumerate(sizes):
        counts = np.bincount(fold[truth == group], minlength=fold.max() + 1)
        assert counts.max() - counts.min() <= 1
        assert counts.max() < size  # whichever fold is held out, some of it teaches


def test_what_was_said_of_a_picture_comes_from_a_head_that_never_saw_it(
    lenet: ali5.Network,
) -> None:
    trunk = trunk_of(lenet)
    groups = {name: look(trunk, images) for name, images in example_groups("shapes").items()}
    check = learn(trunk, groups).check
    truth = np.repeat(np.arange(3), 12)
    seen = [each for group in groups.values() for each in group]
    features = np.stack([each.features for each in seen])
    order = sorted(range(36), key=lambda place: (truth[place], seen[place].digest))
    fold = np.empty(36, int)
    fold[order] = deal(truth[order], [seen[place].digest for place in order], 5)
    for number in range(10):
        line = fit(features[fold != number], truth[fold != number], 3, PENALTY)
        for place in np.flatnonzero(fold == number):
            shares = shares_of(line(features[place : place + 1]))[0]
            held = check.held[place]
            assert (held.group, held.place) == (truth[place], place % 12)
            assert held.shares == pytest.approx(shares.tolist(), abs=1e-6)
    assert check.right == sum(each.right for each in check.held)
    assert check.counts == (12, 12, 12)
    last = check.moments[-1]
    assert last.held_right == check.right / 36
    assert check.moments[0].held_loss == pytest.approx(np.log(3))


def test_wilson_s_interval_is_that_of_the_tables() -> None:
    assert interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert interval(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)


def test_labels_without_any_sense_are_not_learned() -> None:
    """Held-out accuracy must be near chance where there is nothing to learn."""
    random = np.random.default_rng(1)
    truth = np.arange(200) % 4
    features = random.normal(size=(200, 30))
    from ali5.classifying.teach.held_out import cross_validate

    fold = deal(truth, [str(number) for number in range(200)], 5)
    logits = cross_validate(features, truth, fold, 4, 0.1, lambda: None)
    right = int((logits.argmax(1) == truth).sum())
    low, high = interval(right, 200)
    assert low < 0.25 < high
