"""LeNet-5 with one convolution stage more or less, and what there is to see inside it."""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn

from ali5.graph.layers import ScaledTanh
from ali5.networks.initialise import initialise

STAGES = (1, 2, 3)
"""Convolution stages that fit; LeNet-5 has two."""

EDGE_PX = 32
"""Edge of what the network sees: 28 pixels and a border of two."""

FULL = 120
"""Units of the layer that sees all that the last stage left."""


def build_network(
    stages: int = 2,
    pooling: str = "average",
    activation: str = "tanh",
    classes: int = 10,
    seed: int = 1,
) -> nn.Sequential:
    """Build a LeNet on [N, 1, 32, 32] with random weights, the same for the same seed.

    With two stages, average pooling, tanh and ten classes it is LeNet-5. The layers go on with its
    names: C for convolution, S for subsampling, F for fully connected. A third stage has 32 kernels
    of 3 x 3 with a border of one pixel.

    Args:
        stages: How many pairs of convolution and pooling come first, 1 to 3.
        pooling: "average" as in the paper, or "max".
        activation: "tanh" (the paper's, 1.7159 tanh(2a/3)) or "relu".
        classes: Number of logits.
        seed: Of the weights.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    bend = {"tanh": ScaledTanh, "relu": nn.ReLU}[activation]
    shrink = {"average": nn.AvgPool2d, "max": nn.MaxPool2d}[pooling]
    parts = (nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 32, 3, padding=1))
    edge, channels, number = EDGE_PX, 1, 1
    for convolution in parts[:stages]:
        layers[f"C{number}"] = convolution
        layers[f"{activation}{number}"] = bend()
        layers[f"S{number + 1}"] = shrink(2, 2)
        edge = (edge + 2 * int(convolution.padding[0]) - convolution.kernel_size[0] + 1) // 2
        channels, number = convolution.out_channels, number + 2
    layers[f"C{number}"] = nn.Conv2d(channels, FULL, edge)
    layers[f"{activation}{number}"] = bend()
    layers["flatten"] = nn.Flatten()
    layers[f"F{number + 1}"] = nn.Linear(FULL, 84)
    layers[f"{activation}{number + 1}"] = bend()
    layers["output"] = nn.Linear(84, classes)
    network = nn.Sequential(layers)
    initialise(network, seed)
    return network


def parameters_of(network: nn.Module) -> int:
    """Return how many weights and biases there are."""
    return sum(value.numel() for value in network.parameters())


def layers_of(network: nn.Sequential) -> dict[str, nn.Conv2d | nn.Linear]:
    """Return the layers that have weights, by name, in order."""
    return {
        name: part
        for name, part in network.named_children()
        if isinstance(part, nn.Conv2d | nn.Linear)
    }


@torch.no_grad()
def outputs_of(network: nn.Sequential, images: Tensor) -> dict[str, Tensor]:
    """Return what every layer makes of pictures, [N, 1, 32, 32], by name, in order."""
    outputs = {}
    for name, part in network.named_children():
        outputs[name] = images = part(images)
    return outputs


def norm_of(values: list[Tensor]) -> float:
    """Return the root of the sum of all squares: the length of many numbers as one arrow."""
    return math.sqrt(sum(float(value.double().square().sum()) for value in values))
