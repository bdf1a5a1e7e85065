"""What others have published: torchvision's ImageNet weights by its name of the model, and MNIST.

`tests/ali5/known/test_catalog.py` compares every line of the weights with torchvision's own
record, `IMAGENET1K_V1`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ali5.known.records import DataFile, Published

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

_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist"

MNIST = (
    DataFile(
        f"{_MNIST}/train-images-idx3-ubyte.gz",
        9.453,
        "mnist/train-images-idx3-ubyte.gz",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    DataFile(
        f"{_MNIST}/train-labels-idx1-ubyte.gz",
        0.028,
        "mnist/train-labels-idx1-ubyte.gz",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    DataFile(
        f"{_MNIST}/t10k-images-idx3-ubyte.gz",
        1.573,
        "mnist/t10k-images-idx3-ubyte.gz",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    DataFile(
        f"{_MNIST}/t10k-labels-idx1-ubyte.gz",
        0.004,
        "mnist/t10k-labels-idx1-ubyte.gz",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
)
"""MNIST's four files at the address that torchvision takes them from, with their SHA-256 checksums
as torchvision's prototype of its data sets has them."""
