"""Grad-CAM++: the maps of a step, each weighted by a weighted mean of its positive gradients.

Chattopadhyay, Sarkar, Howlader, Balasubramanian: "Grad-CAM++: improved visual explanations for deep
convolutional networks", WACV 2018, https://arxiv.org/abs/1710.11063, equations 7 and 19.

With the score Y = exp(S), the n-th derivative by one activation is exp(S) g^n, where g is the
gradient of the logit S, and equation 19 becomes, for the places with g > 0,

    alpha = g^2 / (2 g^2 + g^3 sum A) = 1 / (2 + g sum A)

(the others do not count). The factor exp(S) of the weights is the same everywhere and is left out.
Our own, because no library has it right: torch-cam 0.5 divides a copy (`alpha[mask].div_(...)`), so
that its weights are the sum of g^3; Captum does not have it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ali5.errors import Ali5Error
from ali5.explain.attributions.question import Found, Question
from ali5.explain.attributions.replica import Replica


class _Keep(nn.Module):
    """Hands on what it gets, and keeps it as the place where the gradient ends."""

    kept: Tensor

    def forward(self, maps: Tensor) -> Tensor:
        self.kept = maps.detach().requires_grad_()
        return self.kept


def grad_cam_plus(question: Question) -> Found:
    """Return the map of the step, [h, w], none of it negative.

    Raises:
        Ali5Error: The maps of the step have negative values.
    """
    replica = question.scores
    assert isinstance(replica, Replica)
    keep = replica.probe = _Keep()
    with question.one_pass():
        score = replica(question.image)[0, question.target]
        maps = keep.kept
        if bool((maps < 0).any()):
            raise Ali5Error(
                f"Grad-CAM++ needs maps without negative values, as a ReLU leaves them; those of "
                f"step '{question.step}' have some. Choose a step with ReLU, or Grad-CAM."
            )
        (gradient,) = torch.autograd.grad(score, maps)
    return Found(weigh(maps.detach()[0], gradient[0]))


def weigh(maps: Tensor, gradient: Tensor) -> Tensor:
    """Return the map, [h, w], of maps and gradients, [C, h, w]; computed in 64 bits."""
    maps, gradient = maps.cpu().double(), gradient.cpu().double().clamp(min=0)
    alpha = 1 / (2 + gradient * maps.sum((1, 2), keepdim=True))
    weights = (alpha * gradient).sum((1, 2), keepdim=True)
    return (weights * maps).sum(0).clamp(min=0).float()
