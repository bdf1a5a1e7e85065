"""Guided backprop: a gradient that lets only positive signals pass back through each ReLU.

Springenberg, Dosovitskiy, Brox, Riedmiller: "Striving for simplicity: the all convolutional net",
2015, https://arxiv.org/abs/1412.6806, section 3.4. The paper shows the signal in colour; the map is
the largest magnitude among the colours of a pixel, as for saliency.

Captum hooks modules of type `nn.ReLU`. On a network whose ReLUs are functions it finds none and
returns the plain gradient without an error: on torchvision's GoogLeNet the difference is exactly 0,
where it should be nine times the gradient. So it works on a `Replica`, in which every ReLU is a
module.
"""

from __future__ import annotations

import warnings

from torch import Tensor

from ali5.errors import Ali5Error
from ali5.explain.attributions.question import Found, Question
from ali5.explain.attributions.replica import Replica


def guided_backprop(question: Question) -> Found:
    """Return the map, [H, W], none of it negative; as `saliency` but for the ReLUs.

    Raises:
        Ali5Error: The network has no ReLU.
    """
    from captum.attr import GuidedBackprop

    replica = question.scores
    assert isinstance(replica, Replica)
    if not len(replica.relus):
        title = question.network.architecture.title
        raise Ali5Error(
            f"{title} has no ReLUs: guided backprop would be the plain gradient. Choose saliency."
        )
    # It warns of its hooks at every call; these are on nobody's modules but ours. Set each time,
    # because a filter of the caller may have come before it since.
    warnings.filterwarnings("ignore", "Setting backward hooks on ReLU")
    with question.one_pass():
        image = question.image.requires_grad_()
        found: Tensor = GuidedBackprop(replica).attribute(image, target=question.target)
    return Found(found[0].detach().abs().amax(0))
