"""What is done between two cycles so that the kernels of the first layer show what was learned."""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def weight_of(module: nn.Module) -> nn.Parameter:
    """Return the weight of the first layer, [filters, channels, h, w]."""
    return next(value for value in module.parameters() if value.ndim > 1)


@torch.no_grad()
def take_out(module: nn.Module, start: nn.Module) -> None:
    """Make each filter of the first layer orthogonal to the one it started as, in place.

    Args:
        module: The trained network.
        start: The same one before its training, on the same device.
    """
    filters, starts = weight_of(module).flatten(1), weight_of(start).flatten(1)
    share = (filters * starts).sum(1, keepdim=True) / starts.square().sum(1, keepdim=True)
    weight_of(module).sub_((share * starts).view_as(weight_of(module)))


@torch.no_grad()
def revive(module: nn.Module, batches: Iterable[Tensor]) -> int:
    """Make filters of the first layer that no picture excites the opposites of living ones.

    A ReLU keeps one phase of a filter; networks learn many filters in pairs of opposite phase
    (Shang et al. 2016, "Understanding and improving convolutional neural networks via concatenated
    rectified linear units"). A dead filter becomes the opposite that is least like any filter
    there is, with the same bias. The second convolution does not read it yet: what the network
    answers stays, and what it makes of the new filter is left to learn.

    Args:
        module: Begins with two convolutions, a ReLU between them; changed in place.
        batches: Pictures as the network takes them, [N, C, H, W].

    Returns:
        How many filters were dead.
    """
    first, second = [each for each in module.modules() if isinstance(each, nn.Conv2d)][:2]
    most = torch.stack([first(images).amax((0, 2, 3)) for images in batches]).amax(0)
    dead = most <= 0
    count = int(dead.sum())
    for each in dead.nonzero().flatten().tolist():
        living = (~dead).nonzero().flatten()
        filters = first.weight[living].flatten(1)
        alike = F.cosine_similarity(-filters[:, None], filters[None], dim=2).amax(1)
        source = living[alike.argmin()]
        first.weight[each] = -first.weight[source]
        if first.bias is not None:
            first.bias[each] = first.bias[source]
        second.weight[:, each] = 0
        dead[each] = False
    return count
