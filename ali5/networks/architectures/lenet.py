"""LeNet-5.

LeCun, Bottou, Bengio, Haffner: "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86(11), 1998, https://doi.org/10.1109/5.726791, section II.B and figure 2.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from ali5.graph.layers import ScaledTanh


class LeNet5(nn.Sequential):
    """LeNet-5 on [N, channels, 32, 32].

    The layers carry the paper's names: C for convolution, S for subsampling, F for fully connected.

    Args:
        channels: Of the picture: 1 for grey, 3 for colours.
        classes: Number of logits.
    """

    def __init__(self, channels: int = 1, classes: int = 10) -> None:
        super().__init__(
            OrderedDict(
                C1=nn.Conv2d(channels, 6, 5),  # [N, 6, 28, 28]
                tanh1=ScaledTanh(),
                S2=nn.AvgPool2d(2, 2),  # [N, 6, 14, 14]
                C3=nn.Conv2d(6, 16, 5),  # [N, 16, 10, 10]
                tanh3=ScaledTanh(),
                S4=nn.AvgPool2d(2, 2),  # [N, 16, 5, 5]
                C5=nn.Conv2d(16, 120, 5),  # [N, 120, 1, 1]
                tanh5=ScaledTanh(),
                flatten=nn.Flatten(),  # [N, 120]
                F6=nn.Linear(120, 84),
                tanh6=ScaledTanh(),
                output=nn.Linear(84, classes),
            )
        )


def paper() -> LeNet5:
    """Build LeNet-5 with random weights."""
    return LeNet5()


def colour() -> LeNet5:
    """Build LeNet-5 for colour pictures, [N, 3, 32, 32], and 200 classes."""
    return LeNet5(channels=3, classes=200)
