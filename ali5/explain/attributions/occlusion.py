"""Occlusion: cover a part of the picture and measure by how much a class score falls.

Zeiler, Fergus: "Visualizing and understanding convolutional networks", ECCV 2014,
https://arxiv.org/abs/1311.2901, section 4.2. The square has the mean colour of the training
pictures, which is 0 once a picture is prepared. The score is the logit (the paper: the softmax
share, which hides all changes while it is near one). Squares overlap by half; a pixel gets the mean
of the squares that covered it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ali5.explain.attributions.question import Found, Question

ACROSS = 6
"""Squares that fit beside one another."""


def square_of(size: int) -> tuple[int, int]:
    """Return the edge of the square and the way between two squares, in pixels of the input.

    Args:
        size: Edge of the input.
    """
    edge = max(1, size // ACROSS)
    return edge, max(1, edge // 2)


def occlusion(question: Question) -> Found:
    """Return the map, [H, W]: the mean drop of the logit; negative where covering raised it."""
    from captum.attr import Occlusion

    channels, height, width = question.image.shape[1:]
    edge, stride = square_of(min(height, width))
    places = [-(-(length - edge) // stride) + 1 for length in (height, width)]
    passes = (
        -(-places[0] * places[1] // question.at_once) + 1
    )  # the first one sees the picture as it is
    found: Tensor = Occlusion(_InTurns(question, passes)).attribute(
        question.image,
        sliding_window_shapes=(channels, edge, edge),
        strides=(channels, stride, stride),
        baselines=0,
        target=question.target,
        perturbations_per_eval=question.at_once,
    )
    return Found(found[0].mean(0))  # all channels are covered together: each has the same map


class _InTurns(nn.Module):
    """The scores of a question, a turn for each pass."""

    def __init__(self, question: Question, passes: int) -> None:
        super().__init__()
        self._question, self._passes = question, passes

    def forward(self, image: Tensor) -> Tensor:
        with self._question.one_pass(self._passes), torch.no_grad():
            logits: Tensor = self._question.scores(image)
        return logits
