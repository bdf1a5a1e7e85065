"""ZFNet.

Zeiler, Fergus: "Visualizing and understanding convolutional networks", ECCV 2014,
https://arxiv.org/abs/1311.2901, figure 3.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from ali5.graph.layers import LocalResponseNorm


class ZFNet(nn.Sequential):
    """AlexNet with a finer first layer: smaller kernels and a smaller stride.

    Args:
        widths: Output channels of the five convolutions.
        hidden: Units of fc6 and fc7.
        classes: Number of logits.
        first: Kernel, stride and padding of conv1.
        second: Kernel, stride and padding of conv2.
        map_size: Edge of the map that pool5 leaves, in pixels.
    """

    def __init__(
        self,
        widths: tuple[int, int, int, int, int],
        hidden: int,
        classes: int,
        first: tuple[int, int, int],
        second: tuple[int, int, int],
        map_size: int,
    ) -> None:
        one, two, three, four, five = widths
        super().__init__(
            OrderedDict(
                conv1=nn.Conv2d(3, one, first[0], first[1], first[2]),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(3, 2, ceil_mode=True),
                # Figure 3: "contrast normalized across feature maps"; constants as in AlexNet.
                norm1=LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
                conv2=nn.Conv2d(one, two, second[0], second[1], second[2]),
                relu2=nn.ReLU(),
                pool2=nn.MaxPool2d(3, 2, ceil_mode=True),
                norm2=LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
                conv3=nn.Conv2d(two, three, 3, padding=1),
                relu3=nn.ReLU(),
                conv4=nn.Conv2d(three, four, 3, padding=1),
                relu4=nn.ReLU(),
                conv5=nn.Conv2d(four, five, 3, padding=1),
                relu5=nn.ReLU(),
                pool5=nn.MaxPool2d(3, 2),
                flatten=nn.Flatten(),
                dropout6=nn.Dropout(0.5),
                fc6=nn.Linear(five * map_size * map_size, hidden),
                relu6=nn.ReLU(),
                dropout7=nn.Dropout(0.5),
                fc7=nn.Linear(hidden, hidden),
                relu7=nn.ReLU(),
                fc8=nn.Linear(hidden, classes),
            )
        )


def paper() -> ZFNet:
    """Build ZFNet as published: [N, 3, 224, 224] to 1,000 logits."""
    return ZFNet(
        (96, 256, 384, 384, 256), 4096, 1000, first=(7, 2, 1), second=(5, 2, 0), map_size=6
    )


def compact() -> ZFNet:
    """Build ZFNet for [N, 3, 64, 64] and 200 classes."""
    return ZFNet((64, 160, 224, 224, 160), 512, 200, first=(5, 1, 2), second=(5, 2, 2), map_size=3)
