"""Grad-CAM: the maps of a step, each weighted by its mean gradient.

Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra: "Grad-CAM: visual explanations from deep networks
via gradient-based localization", ICCV 2017, https://arxiv.org/abs/1610.02391, equations 1 and 2.
Where the maps are averaged and weighted by a linear layer, it is the class activation map of Zhou
et al. 2016 over the number of places, without its negative part.
"""

from __future__ import annotations

from torch import Tensor

from ali5.explain.attributions.question import Found, Question
from ali5.explain.attributions.replica import Replica


def grad_cam(question: Question) -> Found:
    """Return the map of the step, [h, w], none of it negative."""
    from captum.attr import LayerGradCam

    replica = question.scores
    assert isinstance(replica, Replica)
    with question.one_pass():
        method = LayerGradCam(replica, replica.probe)
        found: Tensor = method.attribute(question.image, target=question.target)
    return Found(found[0, 0].detach().clamp(min=0))
