"""How a step changes the weights: the optimisers of a recipe, and their rates over time."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor, nn
from torch.optim import SGD, AdamW, Muon, Optimizer
from torch.optim.lr_scheduler import OneCycleLR

from ali5.training.recipe import Recipe


class Stepper:
    """The optimisers of one training, each with a one-cycle schedule (Smith & Topin 2018).

    "muon" (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon; scaled as in Liu et al.
    2025, https://arxiv.org/abs/2502.16982) replaces the update of each hidden layer by the nearest
    matrix whose singular values are alike. The first and the last layer, biases and normalisations
    are left to AdamW.

    Args:
        model: Its weights are changed in place.
        recipe: Names the optimiser, the rates and the decay.
    """

    def __init__(self, model: nn.Module, recipe: Recipe) -> None:
        weights = [value for value in model.parameters() if value.ndim > 1]
        others = [value for value in model.parameters() if value.ndim <= 1]
        self._hidden: list[nn.Parameter] = []
        self._matrices: list[nn.Parameter] = []
        if recipe.optimiser == "muon":
            self._hidden, weights = weights[1:-1], [weights[0], weights[-1]]
        first_decay = recipe.weight_decay if recipe.first_decay is None else recipe.first_decay
        groups = [
            {"params": weights[:1], "weight_decay": first_decay},
            {"params": weights[1:], "weight_decay": recipe.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        self._optimisers: list[Optimizer]
        if recipe.optimiser == "sgd":
            rates = [recipe.peak_rate]
            self._optimisers = [SGD(groups, lr=1.0, momentum=0.9, nesterov=True)]
        elif recipe.optimiser == "adamw":
            rates = [recipe.peak_rate]
            self._optimisers = [AdamW(groups, lr=1.0)]
        else:
            rates = [recipe.outer_rate, recipe.peak_rate]
            # A filter [out, in, h, w] is a matrix with one row for each output channel. These share
            # the memory of the weights.
            self._matrices = [nn.Parameter(value.detach().flatten(1)) for value in self._hidden]
            muon = Muon(
                self._matrices,
                lr=1.0,
                weight_decay=recipe.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
            self._optimisers = [AdamW(groups, lr=1.0), muon]
        self._rates = rates
        self._warm_up = recipe.warm_up

    def schedule(self, steps: int) -> None:
        """Set how many steps there will be; a schedule has no fewer than it needs to rise."""
        steps = max(steps, math.ceil(2 / self._warm_up))
        self._schedules = [
            OneCycleLR(optimiser, rate, steps, pct_start=self._warm_up)
            for optimiser, rate in zip(self._optimisers, self._rates, strict=True)
        ]

    def step(self) -> None:
        """Change the weights by their gradients, and go on in the schedule."""
        for matrix, value in zip(self._matrices, self._hidden, strict=True):
            matrix.grad = _gradient(value).flatten(1)
        for optimiser in self._optimisers:
            optimiser.step()
        for schedule in self._schedules:
            schedule.step()

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint has to hold."""
        return {
            "optimisers": [each.state_dict() for each in self._optimisers],
            "schedules": [each.state_dict() for each in self._schedules],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        for optimiser, kept in zip(self._optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        for schedule, kept in zip(self._schedules, state["schedules"], strict=True):
            schedule.load_state_dict(kept)


def _gradient(value: nn.Parameter) -> Tensor:
    assert value.grad is not None
    return value.grad
