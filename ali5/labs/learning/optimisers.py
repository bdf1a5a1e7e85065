"""How weights move against their gradients: PyTorch's own functions, without its classes.

An object of `torch.optim` loads PyTorch's compiler when it is made, which takes seconds and a
hundred megabytes for what is never compiled here; the functions behind them do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.sgd import sgd

MOMENTUM = 0.9


@dataclass
class Optimiser:
    """Moves some weights after every batch.

    Attributes:
        name: "sgd", "momentum" (that with a momentum of 0.9) or "adam", with PyTorch's defaults.
        weights: Moved in place.
    """

    name: str
    weights: Iterable[Tensor]
    _state: list[list[Tensor]] = field(default_factory=list)
    _velocity: list[Tensor | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.weights = [*self.weights]
        self._velocity = [None for _ in self.weights]
        if self.name == "adam":  # means, means of squares, and how many steps there were
            still = [[torch.zeros_like(each) for each in self.weights] for _ in range(2)]
            self._state = [*still, [torch.zeros(()) for _ in self.weights]]

    def forget_gradients(self) -> None:
        """Make ready for the next batch."""
        for each in self.weights:
            each.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move every weight once by its gradient, with this learning rate."""
        moved = [each for each in self.weights if each.grad is not None]
        gradients = [each.grad for each in moved if each.grad is not None]
        if self.name == "adam":
            means, squares, steps = self._state
            adam(
                moved,
                gradients,
                means,
                squares,
                [],
                steps,
                foreach=False,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
            return
        sgd(
            moved,
            gradients,
            self._velocity,
            foreach=False,
            weight_decay=0.0,
            momentum=MOMENTUM if self.name == "momentum" else 0.0,
            lr=rate,
            dampening=0.0,
            nesterov=False,
            maximize=False,
            has_sparse_grad=False,
        )
