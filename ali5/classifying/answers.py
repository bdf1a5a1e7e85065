"""What networks say of pictures, side by side: records, and what follows from them. No torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ali5.known.cards import Card
from ali5.known.records import Architecture, Edition
from ali5.tracing.predictions import Prediction
from ali5.tracing.tiles import Wall

VECTOR = 0
"""The band of steps that give one number for each channel."""


@dataclass(frozen=True)
class Verdict:
    """What a network says of one picture.

    Attributes:
        predictions: The five likeliest classes, or all if there are fewer, likeliest first.
        entropy: Of the shares of all classes, in bits: 0 if one class has everything, log2 of the
            number of classes if all are equally likely; NaN if the shares are.
        classes: How many classes there are.
    """

    predictions: tuple[Prediction, ...]
    entropy: float
    classes: int

    @property
    def best(self) -> Prediction:
        """The likeliest class."""
        return self.predictions[0]

    @property
    def is_number(self) -> bool:
        """Whether the network gave numbers at all: NaN is no answer."""
        return math.isfinite(self.best.probability)

    @property
    def choices(self) -> float:
        """Among how many equally likely classes one would be as unsure, 1 to `classes`.

        Also called the perplexity, 2 to the power of the entropy.
        """
        return float(2**self.entropy)


@dataclass(frozen=True, eq=False)
class Stage:
    """What a network ends with at one resolution.

    Attributes:
        band: The power of two nearest to the longer edge of the maps, 0 for vectors.
        step: The last step of that band.
        channel: The one with the largest mean magnitude.
        shape: Of the step's output, [1, C, H, W] or [1, F].
        wall: That channel, shrunk to at most 64 pixels, or all cells of a vector; the range is that
            of the step.
    """

    band: int
    step: str
    channel: int
    shape: tuple[int, ...]
    wall: Wall


@dataclass(frozen=True, eq=False, repr=False)
class Answer:
    """What one network made of one picture. It holds neither the network nor its maps.

    Attributes:
        architecture: Of the network.
        edition: Of the network.
        weights: "untrained", "bundled", "published" or a path.
        card: The model card, for bundled weights: what was measured of it.
        verdict: What it says, and how sure it is.
        seconds: What this one forward pass took, all maps kept; measured once, with whatever else
            the computer was doing. Resizing the picture is not counted, and a network that has
            never run before is run once without being measured.
        parameters: Numbers that it has learned.
        multiply_adds: For this picture.
        activation_bytes: Memory that the outputs of all steps hold together.
        stages: One for each resolution, from fine to coarse, vectors last.
        notes: What a visitor should know about this run, one sentence each.
    """

    architecture: Architecture
    edition: Edition
    weights: str
    card: Card | None
    verdict: Verdict
    seconds: float
    parameters: int
    multiply_adds: int
    activation_bytes: int
    stages: tuple[Stage, ...]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Answer of {self.architecture.id}, {self.edition.name}: {self.verdict.best.label}>"

    @property
    def trained(self) -> bool:
        """Whether the weights were learned from data: otherwise its verdict means nothing."""
        return self.weights != "untrained"

    @property
    def nbytes(self) -> int:
        """Memory that it holds itself, in bytes."""
        return sum(stage.wall.codes.nbytes + stage.wall.strengths.nbytes for stage in self.stages)


def in_order(bands: Iterable[int]) -> Iterator[int]:
    """Return resolutions from fine to coarse, vectors last."""
    return iter(sorted(bands, key=lambda band: band or -1, reverse=True))


def bands_of(answers: Sequence[Answer]) -> tuple[int, ...]:
    """Return the resolutions that any answer has a stage of, from fine to coarse, vectors last."""
    return tuple(in_order({stage.band for each in answers for stage in each.stages}))


def votes_of(answers: Sequence[Answer]) -> tuple[tuple[str, tuple[Answer, ...]], ...]:
    """Return what the trained networks say: each class with those that say it.

    The class that most say comes first; among equals the one that was said first. Networks with
    random weights and those that gave no numbers have no vote.
    """
    said: dict[str, list[Answer]] = {}
    for each in answers:
        if each.trained and each.verdict.is_number:
            said.setdefault(each.verdict.best.label, []).append(each)
    ranked = sorted(said.items(), key=lambda item: -len(item[1]))
    return tuple((label, tuple(voters)) for label, voters in ranked)
