"""GoogLeNet (Inception v1).

Szegedy et al.: "Going deeper with convolutions", CVPR 2015, https://arxiv.org/abs/1409.4842,
table 1 and figures 2(b) and 3.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ali5.graph.layers import LocalResponseNorm


class Widths(NamedTuple):
    """One row of the paper's table 1: output channels of the six convolutions of a module."""

    conv1x1: int
    reduce3x3: int
    conv3x3: int
    reduce5x5: int
    conv5x5: int
    projection: int

    @property
    def total(self) -> int:
        """Channels after the concatenation."""
        return self.conv1x1 + self.conv3x3 + self.conv5x5 + self.projection


PAPER = {
    "3a": Widths(64, 96, 128, 16, 32, 32),
    "3b": Widths(128, 128, 192, 32, 96, 64),
    "4a": Widths(192, 96, 208, 16, 48, 64),
    "4b": Widths(160, 112, 224, 24, 64, 64),
    "4c": Widths(128, 128, 256, 24, 64, 64),
    "4d": Widths(112, 144, 288, 32, 64, 64),
    "4e": Widths(256, 160, 320, 32, 128, 128),
    "5a": Widths(256, 160, 320, 32, 128, 128),
    "5b": Widths(384, 192, 384, 48, 128, 128),
}
"""The nine modules of table 1."""


class Inception(nn.Module):
    """Four branches side by side, [N, in, H, W] to [N, `widths.total`, H, W] (figure 2(b))."""

    def __init__(self, channels: int, widths: Widths) -> None:
        super().__init__()
        self.conv1x1 = nn.Conv2d(channels, widths.conv1x1, 1)
        self.relu1x1 = nn.ReLU()
        self.reduce3x3 = nn.Conv2d(channels, widths.reduce3x3, 1)
        self.relu_reduce3x3 = nn.ReLU()
        self.conv3x3 = nn.Conv2d(widths.reduce3x3, widths.conv3x3, 3, padding=1)
        self.relu3x3 = nn.ReLU()
        self.reduce5x5 = nn.Conv2d(channels, widths.reduce5x5, 1)
        self.relu_reduce5x5 = nn.ReLU()
        self.conv5x5 = nn.Conv2d(widths.reduce5x5, widths.conv5x5, 5, padding=2)
        self.relu5x5 = nn.ReLU()
        self.pool = nn.MaxPool2d(3, 1, padding=1)
        self.projection = nn.Conv2d(channels, widths.projection, 1)
        self.relu_projection = nn.ReLU()

    def forward(self, maps: Tensor) -> Tensor:
        """Run the four branches and stack their channels."""
        one = self.relu1x1(self.conv1x1(maps))
        three = self.relu3x3(self.conv3x3(self.relu_reduce3x3(self.reduce3x3(maps))))
        five = self.relu5x5(self.conv5x5(self.relu_reduce5x5(self.reduce5x5(maps))))
        pooled = self.relu_projection(self.projection(self.pool(maps)))
        return torch.cat((one, three, five, pooled), dim=1)


class AuxiliaryHead(nn.Sequential):
    """The small classifier on inception4a or 4d that helped training (section 5)."""

    def __init__(
        self,
        channels: int,
        width: int,
        hidden: int,
        classes: int,
        pool: tuple[int, int] | None,
    ) -> None:
        map_size = 4
        super().__init__(
            OrderedDict(
                # Leaves 4x4.
                pool=nn.AdaptiveAvgPool2d(map_size) if pool is None else nn.AvgPool2d(*pool),
                conv=nn.Conv2d(channels, width, 1),
                relu=nn.ReLU(),
                flatten=nn.Flatten(),
                fc1=nn.Linear(width * map_size * map_size, hidden),
                relu1=nn.ReLU(),
                dropout=nn.Dropout(0.7),
                fc2=nn.Linear(hidden, classes),
            )
        )


class GoogLeNet(nn.Module):
    """Nine inception modules between a plain stem and one linear layer.

    The auxiliary heads are part of the module and of its weights, not of `forward`: they are for
    training only, which reaches them through `forward_with_auxiliaries`.

    Args:
        stem: Output channels of conv1, conv2's 1x1 reduction and conv2.
        modules: Widths of the nine inception modules, "3a" to "5b".
        classes: Number of logits.
        first: Kernel, stride and padding of conv1.
        auxiliary: Width and hidden units of the auxiliary heads.
        auxiliary_pool: Kernel and stride of their average pooling, which leaves 4x4 maps; None for
            one that does so at every size of the picture.
    """

    def __init__(
        self,
        stem: tuple[int, int, int],
        modules: dict[str, Widths],
        classes: int,
        first: tuple[int, int, int],
        auxiliary: tuple[int, int],
        auxiliary_pool: tuple[int, int] | None,
    ) -> None:
        super().__init__()
        kernel, stride, padding = first
        self.conv1 = nn.Conv2d(3, stem[0], kernel, stride, padding)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.norm1 = LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
        self.conv2_reduce = nn.Conv2d(stem[0], stem[1], 1)
        self.relu2_reduce = nn.ReLU()
        self.conv2 = nn.Conv2d(stem[1], stem[2], 3, padding=1)
        self.relu2 = nn.ReLU()
        self.norm2 = LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)
        self.pool2 = nn.MaxPool2d(3, 2, ceil_mode=True)

        self.inception3a = Inception(stem[2], modules["3a"])
        self.inception3b = Inception(modules["3a"].total, modules["3b"])
        self.pool3 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.inception4a = Inception(modules["3b"].total, modules["4a"])
        self.inception4b = Inception(modules["4a"].total, modules["4b"])
        self.inception4c = Inception(modules["4b"].total, modules["4c"])
        self.inception4d = Inception(modules["4c"].total, modules["4d"])
        self.inception4e = Inception(modules["4d"].total, modules["4e"])
        self.pool4 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.inception5a = Inception(modules["4e"].total, modules["5a"])
        self.inception5b = Inception(modules["5a"].total, modules["5b"])

        self.pool5 = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(modules["5b"].total, classes)

        rest = (*auxiliary, classes, auxiliary_pool)
        self.auxiliary4a = AuxiliaryHead(modules["4a"].total, *rest)
        self.auxiliary4d = AuxiliaryHead(modules["4d"].total, *rest)

    def forward(self, image: Tensor) -> Tensor:
        """Return the main head's logits, [N, classes]."""
        return self._head(self._late(self._middle(self._early(image))))

    def forward_with_auxiliaries(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of the main head and of both auxiliary heads, for training."""
        at_4a = self._early(image)
        at_4d = self._middle(at_4a)
        main = self._head(self._late(at_4d))
        return main, self.auxiliary4a(at_4a), self.auxiliary4d(at_4d)

    def _early(self, image: Tensor) -> Tensor:
        maps = self.norm1(self.pool1(self.relu1(self.conv1(image))))
        maps = self.relu2(self.conv2(self.relu2_reduce(self.conv2_reduce(maps))))
        maps = self.pool2(self.norm2(maps))
        maps = self.pool3(self.inception3b(self.inception3a(maps)))
        return self.inception4a(maps)  # type: ignore[no-any-return]

    def _middle(self, maps: Tensor) -> Tensor:
        return self.inception4d(self.inception4c(self.inception4b(maps)))  # type: ignore[no-any-return]

    def _late(self, maps: Tensor) -> Tensor:
        maps = self.pool4(self.inception4e(maps))
        return self.inception5b(self.inception5a(maps))  # type: ignore[no-any-return]

    def _head(self, maps: Tensor) -> Tensor:
        return self.fc(self.dropout(self.flatten(self.pool5(maps))))  # type: ignore[no-any-return]


def paper() -> GoogLeNet:
    """Build GoogLeNet as published: [N, 3, 224, 224] to 1,000 logits."""
    return GoogLeNet((64, 64, 192), PAPER, 1000, (7, 2, 3), (128, 1024), auxiliary_pool=(5, 3))


def compact() -> GoogLeNet:
    """Build GoogLeNet for [N, 3, 64, 64] and 200 classes: table 1 at 5/8 of its widths."""
    narrow = {name: Widths(*(width * 5 // 8 for width in row)) for name, row in PAPER.items()}
    return GoogLeNet((40, 40, 120), narrow, 200, (5, 1, 2), (64, 64), auxiliary_pool=None)
