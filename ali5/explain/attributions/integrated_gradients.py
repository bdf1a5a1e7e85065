"""Integrated gradients: the gradients on the way from black to the picture, added up.

Sundararajan, Taly, Yan: "Axiomatic attribution for deep networks", ICML 2017,
https://arxiv.org/abs/1703.01365, equation 1, with a black picture as the baseline, as there. The
integral is a sum over the points of Gauss and Legendre (the paper: equal steps). The score is the
logit (the paper: the softmax share), so that the methods can be compared.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ali5.explain.attributions.question import Found, Question

POINTS = 48
"""Points of the sum for a large picture; twice as many where several go through at once.

Where the score rises steeply at the first trace of the picture, they are too few: then the values
add up to a few percent more or less than they should.
"""


def integrated_gradients(question: Question) -> Found:
    """Return the map, [H, W], and the logit of black.

    Positive values raised the logit, negative ones lowered it; together they are the difference
    between the logit of the picture and that of black, but for the error of the sum.
    """
    from captum.attr import IntegratedGradients

    points = POINTS if question.at_once == 1 else 2 * POINTS
    count = -(-points // question.at_once) + 1  # the first one sees black
    black = black_of(question)
    with question.one_pass(count), torch.no_grad():
        start = float(question.scores(black)[0, question.target])
    method = IntegratedGradients(question.scores)
    gradients = method.gradient_func

    def in_turns(*args: Any, **kwargs: Any) -> Any:
        with question.one_pass(count):
            return gradients(*args, **kwargs)

    method.gradient_func = in_turns
    found: Tensor = method.attribute(
        question.image,
        baselines=black,
        target=question.target,
        n_steps=points,
        internal_batch_size=question.at_once,
    )
    return Found(found[0].detach().sum(0), start)


def black_of(question: Question) -> Tensor:
    """Return a black picture as the network gets it, [1, C, H, W]."""
    preprocessing, image = question.network.edition.preprocessing, question.image
    mean, std = (image.new_tensor(each) for each in (preprocessing.mean, preprocessing.std))
    return (-mean / std)[None, :, None, None].expand_as(image).clone()
