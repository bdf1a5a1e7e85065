"""How good a head is, measured on pictures that it has not learned from. No torch.

Pictures are dealt into up to ten folds, and each fold is asked of a head that learned from all the
others: stratified k-fold cross-validation (Stone 1974, "Cross-validatory choice and assessment of
statistical predictions"). With up to ten pictures, each is a fold of its own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ali5.classifying.teach.logistic import Floats, Point, fit, loss_of

FOLDS = 10
"""Into so many the pictures are dealt, at most."""


@dataclass(frozen=True)
class Held:
    """What was said of a picture by a head that had not learned from it.

    Attributes:
        group: The number of its group.
        place: Its place there.
        shares: Of all groups, 0..1.
    """

    group: int
    place: int
    shares: tuple[float, ...]

    @property
    def said(self) -> int:
        """The group with the largest share."""
        return self.shares.index(max(self.shares))

    @property
    def right(self) -> bool:
        """Whether that is the picture's own."""
        return self.said == self.group


@dataclass(frozen=True)
class Moment:
    """How the heads of all folds were doing after a number of steps.

    Attributes:
        step: How many.
        loss: Mean cross-entropy over the pictures they learn from, in nats.
        right: Share of those, 0..1.
        held_loss: The same over the pictures that were held out.
        held_right: Likewise.
    """

    step: int
    loss: float
    right: float
    held_loss: float
    held_right: float


@dataclass(frozen=True)
class Check:
    """How good a head is, on pictures that were held out.

    Attributes:
        folds: Into how many the pictures were dealt.
        confusion: How many pictures of each group (rows) were taken for which (columns).
        pixels_right: How many a head on raw pixels had right.
        held: What was said of each picture; empty for a head from a file.
        moments: While it learned, the first one before any step; likewise.
    """

    folds: int
    confusion: tuple[tuple[int, ...], ...]
    pixels_right: int
    held: tuple[Held, ...] = ()
    moments: tuple[Moment, ...] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """Pictures in each group."""
        return tuple(sum(row) for row in self.confusion)

    @property
    def count(self) -> int:
        """Pictures in all groups."""
        return sum(self.counts)

    @property
    def right(self) -> int:
        """Pictures that were taken for their own group."""
        return sum(row[number] for number, row in enumerate(self.confusion))

    @property
    def largest(self) -> int:
        """How many would be right by always naming the largest group."""
        return max(self.counts)


def interval(right: int, count: int) -> tuple[float, float]:
    """Return between which shares, 0..1, the true one lies with 95 % confidence.

    Wilson's score interval (1927, "Probable inference, the law of succession, and statistical
    inference", as in Brown, Cai, DasGupta 2001, equation 4), as if the pictures were drawn
    independently from all there are of their kind.
    """
    z = 1.959964
    share = right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count)
    half *= math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def deal(truth: NDArray[np.integer], digests: Sequence[str], seed: int) -> NDArray[np.int64]:
    """Return into which fold each picture goes: every group is spread over all folds."""

    def shuffled(place: int) -> tuple[int, bytes]:
        mixed = hashlib.blake2b(f"{seed} {digests[place]}".encode(), digest_size=16)
        return int(truth[place]), mixed.digest()

    folds = min(FOLDS, len(truth))
    fold = np.empty(len(truth), np.int64)
    for turn, place in enumerate(sorted(range(len(truth)), key=shuffled)):
        fold[place] = turn % folds
    return fold


def cross_validate(
    features: NDArray[np.floating],
    truth: NDArray[np.integer],
    fold: NDArray[np.int64],
    classes: int,
    penalty: float,
    told: Callable[[], None],
    ways: list[list[Floats]] | None = None,
) -> Floats:
    """Return the logits of every picture while it was held out, [N, classes].

    Args:
        features: Of all pictures, [N, features].
        truth: The group of each.
        fold: The fold of each.
        classes: How many groups there are.
        penalty: As for `teach`.
        told: Called before each fold.
        ways: Takes, for each fold, the logits of all pictures after every step.
    """
    logits = np.empty((len(truth), classes))
    for number in range(int(fold.max()) + 1):
        told()
        learned = fold != number
        way: list[Floats] = []

        def note(point: Point, way: list[Floats] = way) -> None:
            way.append(point.line(features))

        line = fit(
            features[learned], truth[learned], classes, penalty, None if ways is None else note
        )
        logits[~learned] = line(features[~learned])
        if ways is not None:
            ways.append(way)
    return logits


def moments_of(
    ways: Sequence[Sequence[Floats]], truth: NDArray[np.integer], fold: NDArray[np.int64]
) -> tuple[Moment, ...]:
    """Average over the folds; a head that has settled stays as it is."""
    moments = []
    for step in range(max(len(way) for way in ways)):
        learned, held = np.zeros(3), np.zeros(3)
        for number, way in enumerate(ways):
            logits, out = way[min(step, len(way) - 1)], fold == number
            learned += _tally(logits[~out], truth[~out])
            held += _tally(logits[out], truth[out])
        means = (*(learned[:2] / learned[2]).tolist(), *(held[:2] / held[2]).tolist())
        moments.append(Moment(step, *means))
    return tuple(moments)


def _tally(logits: Floats, truth: NDArray[np.integer]) -> tuple[float, int, int]:
    """Return the summed loss, how many are right, and how many there are."""
    right = int((logits.argmax(1) == truth).sum())
    return len(truth) * loss_of(logits, truth), right, len(truth)
