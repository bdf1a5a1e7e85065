"""Saliency: the gradient of a class score at each pixel.

Simonyan, Vedaldi, Zisserman: "Deep inside convolutional networks: visualising image classification
models and saliency maps", 2014, https://arxiv.org/abs/1312.6034, section 3.1: the largest magnitude
among the colours of a pixel. The score is the logit, as there.
"""

from __future__ import annotations

from torch import Tensor

from ali5.explain.attributions.question import Found, Question


def saliency(question: Question) -> Found:
    """Return the map, [H, W], none of it negative; logit per unit of the prepared picture."""
    from captum.attr import Saliency

    with question.one_pass():
        image = question.image.requires_grad_()
        found: Tensor = Saliency(question.scores).attribute(image, target=question.target)
    return Found(found[0].amax(0))
