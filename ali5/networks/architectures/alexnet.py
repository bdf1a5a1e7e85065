"""AlexNet.

Krizhevsky, Sutskever, Hinton: "ImageNet classification with deep convolutional neural networks",
NIPS 2012, https://doi.org/10.1145/3065386 (reprint), section 3 and figure 2.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from ali5.graph.layers import LocalResponseNorm


class AlexNet(nn.Sequential):
    """Five convolutions and three fully connected layers, with the names of the paper.

    The two halves of the network that the paper puts on two GPUs are two groups of one convolution:
    conv2, conv4 and conv5 see only their own half of the channels, conv3 and the fully connected
    layers see all of them.

    Args:
        widths: Output channels of the five convolutions.
        hidden: Units of fc6 and fc7.
        classes: Number of logits.
        first: Kernel, stride and padding of conv1.
        map_size: Edge of the map that pool5 leaves, in pixels.
    """

    def __init__(
        self,
        widths: tuple[int, int, int, int, int],
        hidden: int,
        classes: int,
        first: tuple[int, int, int],
        map_size: int,
    ) -> None:
        one, two, three, four, five = widths
        kernel, stride, padding = first
        super().__init__(
            OrderedDict(
                conv1=nn.Conv2d(3, one, kernel, stride, padding),
                relu1=nn.ReLU(),
                # Section 3.3: k = 2, n = 5, alpha = 1e-4, beta = 0.75. PyTorch divides alpha by n.
                norm1=LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
                pool1=nn.MaxPool2d(3, 2),
                conv2=nn.Conv2d(one, two, 5, padding=2, groups=2),
                relu2=nn.ReLU(),
                norm2=LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
                pool2=nn.MaxPool2d(3, 2),
                conv3=nn.Conv2d(two, three, 3, padding=1),
                relu3=nn.ReLU(),
                conv4=nn.Conv2d(three, four, 3, padding=1, groups=2),
                relu4=nn.ReLU(),
                conv5=nn.Conv2d(four, five, 3, padding=1, groups=2),
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


def paper() -> AlexNet:
    """Build AlexNet as published: [N, 3, 227, 227] to 1,000 logits."""
    return AlexNet((96, 256, 384, 384, 256), 4096, 1000, first=(11, 4, 0), map_size=6)


def compact() -> AlexNet:
    """Build AlexNet for [N, 3, 64, 64] and 200 classes."""
    return AlexNet((64, 192, 256, 256, 192), 640, 200, first=(7, 2, 3), map_size=3)
