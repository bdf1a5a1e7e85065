"""VGGNet, configurations A, D and E.

Simonyan, Zisserman: "Very deep convolutional networks for large-scale image recognition",
ICLR 2015, https://arxiv.org/abs/1409.1556, table 1.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

CONVOLUTIONS = {"A": (1, 1, 2, 2, 2), "D": (2, 2, 3, 3, 3), "E": (2, 2, 4, 4, 4)}
"""How many 3x3 convolutions each of the five stages holds (table 1, columns A, D and E)."""


def feature_names(configuration: str) -> list[str]:
    """Return the names of the convolutions, ReLUs and poolings of a configuration, in order."""
    names = []
    for stage, count in enumerate(CONVOLUTIONS[configuration], start=1):
        for index in range(1, count + 1):
            names += [f"conv{stage}_{index}", f"relu{stage}_{index}"]
        names.append(f"pool{stage}")
    return names


class VGG(nn.Sequential):
    """Stages of 3x3 convolutions, each closed by a 2x2 max pooling; then three full layers.

    Args:
        configuration: A column of the paper's table 1: "A", "D" or "E".
        widths: Output channels of the five stages.
        hidden: Units of fc6 and fc7.
        classes: Number of logits.
        map_size: Edge of the map that pool5 leaves, in pixels.
    """

    def __init__(
        self,
        configuration: str,
        widths: tuple[int, int, int, int, int],
        hidden: int,
        classes: int,
        map_size: int,
    ) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = 3
        for name in feature_names(configuration):
            if name.startswith("conv"):
                width = widths[int(name[4]) - 1]
                layers[name] = nn.Conv2d(channels, width, 3, padding=1)
                channels = width
            else:
                layers[name] = nn.ReLU() if name.startswith("relu") else nn.MaxPool2d(2, 2)
        layers["flatten"] = nn.Flatten()
        layers["fc6"] = nn.Linear(channels * map_size * map_size, hidden)
        layers["relu6"] = nn.ReLU()
        layers["dropout6"] = nn.Dropout(0.5)
        layers["fc7"] = nn.Linear(hidden, hidden)
        layers["relu7"] = nn.ReLU()
        layers["dropout7"] = nn.Dropout(0.5)
        layers["fc8"] = nn.Linear(hidden, classes)
        super().__init__(layers)


def paper_11() -> VGG:
    """Build configuration A: [N, 3, 224, 224] to 1,000 logits."""
    return VGG("A", (64, 128, 256, 512, 512), 4096, 1000, map_size=7)


def paper_16() -> VGG:
    """Build configuration D: [N, 3, 224, 224] to 1,000 logits."""
    return VGG("D", (64, 128, 256, 512, 512), 4096, 1000, map_size=7)


def paper_19() -> VGG:
    """Build configuration E: [N, 3, 224, 224] to 1,000 logits."""
    return VGG("E", (64, 128, 256, 512, 512), 4096, 1000, map_size=7)


def compact_11() -> VGG:
    """Build configuration A for [N, 3, 64, 64] and 200 classes."""
    return VGG("A", (48, 96, 160, 208, 208), 512, 200, map_size=2)
