"""The random weights of an untrained network."""

from __future__ import annotations

import math

import torch
from torch import nn


def initialise(module: nn.Module, seed: int, first_scale: float = 1.0) -> None:
    """Fill every parameter and buffer of a network, the same for the same seed.

    Convolutions and hidden layers: normal with variance 2 / fan-in, biases zero (He et al. 2015,
    https://arxiv.org/abs/1502.01852, equation 10). The last linear layer: standard deviation 0.01
    as in the AlexNet paper, so that an untrained network has hardly an opinion. Batch
    normalisation: identity, but the last one of each residual branch starts at
    1 / sqrt(number of blocks), which keeps the sum of many branches from growing with depth.

    Args:
        module: Changed in place; its tensors must be real (not on the meta device).
        seed: Of a generator of its own: nobody else's random numbers are touched.
        first_scale: Factor on the weights of the first layer.
    """
    source = torch.Generator().manual_seed(seed)
    last = [part for part in module.modules() if isinstance(part, nn.Linear)][-1:]
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                fan_in = part.weight[0].numel()
                spread = 0.01 if part in last else math.sqrt(2 / fan_in)
                part.weight.normal_(0, spread, generator=source)
                if part.bias is not None:
                    part.bias.zero_()
            elif isinstance(part, nn.BatchNorm2d):
                part.reset_running_stats()
                part.reset_parameters()
        next(module.parameters()).mul_(first_scale)
        branches = [part for part in module.modules() if hasattr(part, "downsample")]
        for block in branches:
            ending = block.bn3 if hasattr(block, "bn3") else block.bn2
            ending.weight.fill_(1 / math.sqrt(len(branches)))  # type: ignore[operator, union-attr]
