"""ResNet-18, -34 and -50.

He, Zhang, Ren, Sun: "Deep residual learning for image recognition", CVPR 2016,
https://arxiv.org/abs/1512.03385, table 1 and figure 5.

The parts are named as in torchvision (`layer2.1.conv1`), so that its checkpoints fit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn


class Block(nn.Module, ABC):
    """A residual block: F(x) + x, then ReLU.

    Args:
        channels: Channels that come in.
        width: Channels of the 3x3 convolutions.
        stride: 2 in the first block of a stage that halves the resolution, otherwise 1.
    """

    expansion: int

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        out = width * self.expansion
        self.relu = nn.ReLU()
        self.downsample: nn.Module | None = None
        if stride != 1 or channels != out:  # option B of section 3.3: a projection
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    @abstractmethod
    def residual(self, maps: Tensor) -> Tensor:
        """Return F(x), [N, width * expansion, H / stride, W / stride]."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return relu(F(x) + x)."""
        shortcut = maps if self.downsample is None else self.downsample(maps)
        return self.relu(self.residual(maps) + shortcut)  # type: ignore[no-any-return]


class BasicBlock(Block):
    """Two 3x3 convolutions (figure 5, left)."""

    expansion = 1

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__(channels, width, stride)
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)

    def residual(self, maps: Tensor) -> Tensor:
        """Return F(x)."""
        return self.bn2(self.conv2(self.relu(self.bn1(self.conv1(maps)))))  # type: ignore[no-any-return]


class Bottleneck(Block):
    """1x1, 3x3 and 1x1 convolutions (figure 5, right), with the stride in the first one."""

    expansion = 4

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__(channels, width, stride)
        self.conv1 = nn.Conv2d(channels, width, 1, stride, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * 4)

    def residual(self, maps: Tensor) -> Tensor:
        """Return F(x)."""
        maps = self.relu(self.bn1(self.conv1(maps)))
        maps = self.relu(self.bn2(self.conv2(maps)))
        return self.bn3(self.conv3(maps))  # type: ignore[no-any-return]


class ResNet(nn.Module):
    """A stem, four stages of residual blocks, global average pooling and one linear layer.

    Args:
        block: The kind of block.
        depths: Blocks in each of the four stages.
        width: Channels of the first stage; each later stage doubles them.
        classes: Number of logits.
        first: Kernel, stride and padding of conv1.
    """

    def __init__(
        self,
        block: type[Block],
        depths: tuple[int, int, int, int],
        width: int,
        classes: int,
        first: tuple[int, int, int],
    ) -> None:
        super().__init__()
        kernel, stride, padding = first
        self.conv1 = nn.Conv2d(3, width, kernel, stride, padding, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        channels = width
        for stage, depth in enumerate(depths):
            blocks: list[Block] = []
            for index in range(depth):
                halve = 2 if stage > 0 and index == 0 else 1
                blocks.append(block(channels, width * 2**stage, halve))
                channels = width * 2**stage * block.expansion
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(channels, classes)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits, [N, classes]."""
        maps = self.maxpool(self.relu(self.bn1(self.conv1(image))))
        for stage in range(1, 5):
            maps = self.get_submodule(f"layer{stage}")(maps)
        return self.fc(self.flatten(self.avgpool(maps)))  # type: ignore[no-any-return]


def paper_18() -> ResNet:
    """Build ResNet-18: [N, 3, 224, 224] to 1,000 logits."""
    return ResNet(BasicBlock, (2, 2, 2, 2), 64, 1000, first=(7, 2, 3))


def paper_34() -> ResNet:
    """Build ResNet-34: [N, 3, 224, 224] to 1,000 logits."""
    return ResNet(BasicBlock, (3, 4, 6, 3), 64, 1000, first=(7, 2, 3))


def paper_50() -> ResNet:
    """Build ResNet-50: [N, 3, 224, 224] to 1,000 logits."""
    return ResNet(Bottleneck, (3, 4, 6, 3), 64, 1000, first=(7, 2, 3))


def compact_18() -> ResNet:
    """Build ResNet-18 for [N, 3, 64, 64] and 200 classes, at half its width."""
    return ResNet(BasicBlock, (2, 2, 2, 2), 32, 200, first=(5, 1, 2))
