"""The ImageNet weights that torchvision publishes, by its name of the model.

`tests/test_catalog.py` compares every line with torchvision's own record, `IMAGENET1K_V1`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ali5.records import Published

_FOLDER = "https://download.pytorch.org/models"

PUBLISHED: Mapping[str, Published] = MappingProxyType(
    {
        "alexnet": Published(f"{_FOLDER}/alexnet-owt-7be5be79.pth", 233.087, 0.56522, 0.79066),
        "vgg11": Published(f"{_FOLDER}/vgg11-8a719046.pth", 506.84, 0.6902, 0.88628),
        "vgg16": Published(f"{_FOLDER}/vgg16-397923af.pth", 527.796, 0.71592, 0.90382),
        "vgg19": Published(f"{_FOLDER}/vgg19-dcbb9e9d.pth", 548.051, 0.72376, 0.90876),
        "googlenet": Published(f"{_FOLDER}/googlenet-1378be20.pth", 49.731, 0.69778, 0.8953),
        "resnet18": Published(f"{_FOLDER}/resnet18-f37072fd.pth", 44.661, 0.69758, 0.89078),
        "resnet34": Published(f"{_FOLDER}/resnet34-b627a593.pth", 83.275, 0.73314, 0.9142),
        "resnet50": Published(f"{_FOLDER}/resnet50-0676ba61.pth", 97.781, 0.7613, 0.92862),
    }
)
