"""How weights move against their gradients: PyTorch's own functions, without its classes.

An object of `torch.optim` loads PyTorch's compiler when it is made, which takes seconds and a
hundred megabytes for what is never compiled here; the functions behind them do not.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam
from torch.optim.sgd import sgd

MOMENTUM = 0.9


class Optimiser:
    """Moves some weights after every batch."""

    def __init__(self, name: str, weights: Iterable[Tensor]) -> None:
        """Begin anew.

        Args:
            name: "sgd", "momentum" (that with one of 0.9) or "adam", with PyTorch's defaults.
            weights: Moved in place.
        """
        self._name, self._weights = name, [*weights]
        self._velocities: list[Tensor | None] = [None for _ in self._weights]
        self._means = [torch.zeros_like(each) for each in self._weights]
        self._squares = [torch.zeros_like(each) for each in self._weights]
        self._steps = [torch.zeros(()) for _ in self._weights]

    def forget_gradients(self) -> None:
        """Make ready for the next batch."""
        for each in self._weights:
            each.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move every weight once by its gradient, which all of them have, with a learning rate."""
        gradients = [each.grad for each in self._weights if each.grad is not None]
        if self._name == "adam":
            adam(
                self._weights,
                gradients,
                self._means,
                self._squares,
                [],
                self._steps,
                foreach=False,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )
        else:
            sgd(
                self._weights,
                gradients,
                self._velocities,
                foreach=False,
                weight_decay=0.0,
                momentum=MOMENTUM if self._name == "momentum" else 0.0,
                lr=rate,
                dampening=0.0,
                nesterov=False,
                maximize=False,
                has_sparse_grad=False,
            )
