"""What a lesson is begun with and what it tells: plain values. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Plan:
    """What is set before a lesson begins.

    Attributes:
        data: "digits", "shapes" (both drawn by code) or "mnist".
        difficulty: Of the drawings, 0 to 1.
        few: Learn from the same 200 drawings again and again, instead of always new ones.
        stages: Convolution stages, 1 to 3; LeNet-5 has two.
        pooling: "average" or "max".
        activation: "tanh" or "relu".
        optimiser: "sgd", "momentum" (SGD with 0.9 of it) or "adam".
        rate: Learning rate; can be changed on the way.
        batch: Pictures a step; can be changed on the way.
        seed: Of the weights and the pictures.
    """

    data: str = "digits"
    difficulty: float = 0.3
    few: bool = False
    stages: int = 2
    pooling: str = "average"
    activation: str = "tanh"
    optimiser: str = "sgd"
    rate: float = 0.05
    batch: int = 32
    seed: int = 1


class Told(NamedTuple):
    """How far a lesson is.

    Attributes:
        seen: Pictures that it has learned from.
        epochs: The same in epochs.
        epoch: Pictures in one.
        diverged: Whether the loss is not a number any more.
        seconds: So long it has computed for this.
        snapshot: The present moment, pickled; None if the last one was not long ago.
    """

    seen: int
    epochs: float
    epoch: int
    diverged: bool
    seconds: float
    snapshot: bytes | None
