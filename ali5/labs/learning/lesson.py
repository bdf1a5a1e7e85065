"""A lesson: one network, its material, and the batches that it has learned from so far.

from ali5.labs.learning.lesson import Lesson, Plan

lesson = Lesson(Plan(difficulty=0.2))
while lesson.epochs < 3:
    lesson.go_on()
print(lesson.validations[-1])
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ali5.errors import Ali5Error
from ali5.labs.learning.material import Drawn, Material, Mnist, as_input
from ali5.labs.learning.network import build_network, layers_of, norm_of
from ali5.labs.learning.optimisers import Optimiser
from ali5.labs.learning.plan import Plan as Plan

MOST_POINTS = 1000
"""A curve that has so many points is thinned: neighbours become their mean. Even."""

FIRST_PAUSE = 200
"""Pictures between two validations at the beginning; later a twentieth of all seen so far."""


class LayerStep(NamedTuple):
    """What one batch did to one layer, all sizes as roots of sums of squares.

    Attributes:
        name: Of the layer.
        parameters: Its weights and biases.
        gradient: Size of the gradient of the loss.
        move: How far the weights moved.
        size: Size of the weights before.
    """

    name: str
    parameters: int
    gradient: float
    move: float
    size: float


@dataclass(frozen=True)
class Batch:
    """What one batch did.

    Attributes:
        number: 1 for the first.
        count: Pictures in it.
        right: How many of them the network put into the right class before it learned from them.
        loss: Mean cross-entropy before the step, in nats.
        rate: Learning rate of the step.
        layers: What it did to each layer.
    """

    number: int
    count: int
    right: int
    loss: float
    rate: float
    layers: tuple[LayerStep, ...]

    @property
    def gradient(self) -> float:
        """Size of the whole gradient."""
        return math.hypot(*(layer.gradient for layer in self.layers))

    @property
    def move(self) -> float:
        """How far all weights moved together."""
        return math.hypot(*(layer.move for layer in self.layers))


class Point(NamedTuple):
    """A point of the curves: pictures seen, mean loss in nats, share of right answers 0..1."""

    seen: int
    loss: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A lesson at one moment, which further batches do not change.

    Attributes:
        plan: Of the lesson.
        classes: What it tells apart.
        network: A copy of the network.
        seen: Pictures it has learned from, repeats counted.
        epochs: The same in epochs.
        training: A point for every batch, later the mean of two, four, ...; `seen` is after them.
        validations: A point for every validation.
        shares: Softmax of the validation pictures at the last validation, [N, classes].
        last: The last batch, None before the first.
    """

    plan: Plan
    classes: tuple[str, ...]
    network: nn.Sequential
    seen: int
    epochs: float
    training: tuple[Point, ...]
    validations: tuple[Point, ...]
    shares: Tensor
    last: Batch | None


class Lesson:
    """A network that learns, batch by batch; the same plan gives the same numbers.

    It runs on the CPU and is not safe to use by two threads at once.

    Args:
        plan: What is set.
        folder: Where MNIST's files are, for plans that need them.

    Raises:
        DataError: MNIST's files are not there or damaged.
    """

    def __init__(self, plan: Plan, folder: Path | None = None) -> None:
        self.plan = plan
        self.material = open_material(plan, folder)
        classes = len(self.material.classes)
        self.network = build_network(plan.stages, plan.pooling, plan.activation, classes, plan.seed)
        self._optimiser = Optimiser(plan.optimiser, self.network.parameters())
        self._layers = layers_of(self.network)
        self._validation = as_input(self.material.validation.images)
        self._epoch = self._at = 0
        self.seen = 0
        self.training: list[Point] = []
        self._span = 1  # batches that a point of the curve stands for
        self._waiting: list[Point] = []
        self._batches = 0
        self.last: Batch | None = None
        self.validations: list[Point] = []
        self.validate()

    @property
    def epochs(self) -> float:
        """How often it has seen as many pictures as there are, or as an epoch has."""
        return self._epoch + self._at / self.material.epoch

    def step(self, rate: float | None = None, batch: int | None = None) -> Batch:
        """Learn from one batch: forward, loss, backward, step.

        Args:
            rate: Learning rate; the plan's if not given.
            batch: Pictures; the plan's if not given. At the end of an epoch there may be fewer.
        """
        rate, batch = rate or self.plan.rate, batch or self.plan.batch
        if self._at >= self.material.epoch:
            self._epoch, self._at = self._epoch + 1, 0
        images, labels = self.material.batch(self._epoch, self._at, batch)
        self._optimiser.forget_gradients()
        logits = self.network(as_input(images))
        loss = F.cross_entropy(logits, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        before = {name: _weights(layer) for name, layer in self._layers.items()}
        self._optimiser.step(rate)
        self._at += len(labels)
        self.seen += len(labels)
        self._batches += 1
        right = int((logits.argmax(1) == labels).sum())
        self.last = Batch(
            self._batches,
            len(labels),
            right,
            loss.item(),
            rate,
            tuple(_what_moved(name, self._layers[name], before[name]) for name in before),
        )
        self._waiting.append(Point(self.seen, self.last.loss, right / len(labels)))
        if len(self._waiting) == self._span:
            self.training.append(mean_of(self._waiting))
            self._waiting = []
        if len(self.training) == MOST_POINTS:  # an even number
            pairs = zip(self.training[::2], self.training[1::2], strict=False)
            self.training = [mean_of(pair) for pair in pairs]
            self._span *= 2
        return self.last

    def go_on(self, rate: float | None = None, batch: int | None = None) -> Batch:
        """Learn from one batch, and validate when it is time to."""
        done = self.step(rate, batch)
        validated = self.validations[-1].seen
        if self.seen - validated >= max(FIRST_PAUSE, validated // 20):
            self.validate()
        return done

    def validate(self) -> Point:
        """Measure loss and accuracy on the pictures it never learns from, unless it just did."""
        if self.validations and self.validations[-1].seen == self.seen:
            return self.validations[-1]
        with torch.no_grad():
            logits = self.network(self._validation)
        labels = self.material.validation.labels
        self.shares = logits.softmax(1)
        found = Point(
            self.seen,
            float(F.cross_entropy(logits, labels)),
            float((logits.argmax(1) == labels).float().mean()),
        )
        self.validations.append(found)
        return found

    def snapshot(self) -> Snapshot:
        """Return the present moment."""
        return Snapshot(
            self.plan,
            self.material.classes,
            copy.deepcopy(self.network).requires_grad_(False),
            self.seen,
            self.epochs,
            tuple(self.training),
            tuple(self.validations),
            self.shares,
            self.last,
        )

    @property
    def diverged(self) -> bool:
        """Whether the last loss is not a number any more."""
        return self.last is not None and not math.isfinite(self.last.loss)


def open_material(plan: Plan, folder: Path | None = None) -> Material:
    """Return the pictures of a plan.

    Raises:
        DataError: MNIST's files are not there or damaged.
    """
    if plan.data != "mnist":
        return Drawn(plan.data, plan.difficulty, plan.seed, plan.few)
    if folder is None:
        raise Ali5Error("MNIST has to be fetched first: name the folder that holds its files.")
    return Mnist(folder, plan.seed)


def confusion_of(shares: Tensor, labels: Tensor) -> NDArray[np.int64]:
    """Count the answers: row is what a picture shows, column what it was taken for."""
    classes = shares.shape[1]
    places = labels * classes + shares.argmax(1)
    counts: NDArray[np.int64] = (
        torch.bincount(places, minlength=classes**2).reshape(classes, classes).numpy()
    )
    return counts


def mean_of(points: Sequence[Point]) -> Point:
    """Return the mean of some points, at the last one's place."""
    count = len(points)
    loss, accuracy = (sum(each[i] for each in points) / count for i in (1, 2))
    return Point(points[-1].seen, loss, accuracy)


def _weights(layer: nn.Module) -> list[Tensor]:
    return [value.detach().clone() for value in layer.parameters()]


def _what_moved(name: str, layer: nn.Module, before: list[Tensor]) -> LayerStep:
    values = list(layer.parameters())
    moves = [value.detach() - old for value, old in zip(values, before, strict=True)]
    gradients = [value.grad for value in values if value.grad is not None]
    return LayerStep(
        name,
        sum(value.numel() for value in values),
        norm_of(gradients),
        norm_of(moves),
        norm_of(before),
    )
