"""What is known about the networks: ten records, oldest first. No torch.

Every number here is a claim that `tests/ali5/known/test_catalog.py` rebuilds and checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ali5.errors import UnknownName
from ali5.known.published import PUBLISHED
from ali5.known.records import Architecture, Departure, Edition, Preprocessing

GREY_LEVELS = ((0.1307,), (0.3081,))
"""Mean and standard deviation of MNIST's training pixels, scaled to 0..1."""

IMAGENET_COLOURS = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and standard deviation of ImageNet's red, green and blue, scaled to 0..1."""

CENTRED_COLOURS = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""Maps 0..1 to -1..1; what torchvision's GoogLeNet was trained on."""


def _editions(*editions: Edition) -> Mapping[str, Edition]:
    return MappingProxyType({edition.name: edition for edition in editions})


_DIGIT = Preprocessing(32, 28, *GREY_LEVELS, border=2, light_on_dark=True)
_COMPACT = Preprocessing(64, 64, *IMAGENET_COLOURS)
_PAPER = Preprocessing(224, 256, *IMAGENET_COLOURS)

_SCALED = Departure(
    "Scaled to 64 × 64 pixels and 200 classes: fewer channels, and the first stride halved so that "
    "the first maps keep at least 32 × 32 pixels."
)
_CENTRE_CROP = Departure(
    "The paper averages ten crops and subtracts a mean picture; here one centre crop is "
    "normalised per colour.",
    ("input",),
)

_DIVIDED = Departure(
    "Colours are also divided by their standard deviation; the paper only subtracts a mean, and "
    "tests on several sizes or crops.",
    ("input",),
)
_GROUPS = Departure(
    "The paper's two GPUs are two groups of channels in conv2, conv4 and conv5.",
    ("conv2", "conv4", "conv5"),
)
_ZF_CONSTANTS = Departure(
    "The paper gives no constants for its contrast normalisation across maps: those of AlexNet's "
    "local response normalisation are used.",
    ("norm1", "norm2"),
)
_GOOGLE_CONSTANTS = Departure(
    "The constants of its local response normalisation are AlexNet's; the paper gives none.",
    ("norm1", "norm2"),
)
_AUXILIARY = Departure("The auxiliary heads exist for training and are not part of the shown path.")
_OPTION_B = Departure(
    "Shortcuts that change the size are projections (the paper's option B); its main results for "
    "this depth use shortcuts without weights (option A).",
    ("*.downsample.*",),
)

_LENET_DEPARTURES = (
    Departure(
        "Subsampling is a plain average; the paper multiplies it by a trainable coefficient, adds "
        "a trainable bias and squashes the result.",
        ("S2", "S4"),
    ),
    Departure(
        "Every map of C3 sees all six maps of S2; the paper's table I connects only some of them.",
        ("C3",),
    ),
    Departure(
        "The output is a linear layer with softmax; the paper uses radial basis functions.",
        ("output", "softmax"),
    ),
    Departure(
        "Grey levels are scaled by MNIST's mean and deviation instead of to -0.1..1.175.",
        ("input",),
    ),
)

_LENET = ("lenet:paper", _DIGIT, "digits", 61_706, 416_520)

_LENET5 = Architecture(
    id="lenet5",
    family="LeNet",
    title="LeNet-5",
    year=1998,
    authors="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
    paper="Gradient-based learning applied to document recognition",
    link="https://doi.org/10.1109/5.726791",
    idea="Learned convolutions and subsampling, instead of hand-made features, read digits.",
    editions=_editions(
        Edition(
            "compact",
            *_LENET,
            departures=(
                Departure("LeNet-5 is small already: this is the paper edition, trained on MNIST."),
                *_LENET_DEPARTURES,
            ),
        ),
        Edition("paper", *_LENET, departures=_LENET_DEPARTURES),
        Edition(
            "colour",
            "lenet:colour",
            Preprocessing(32, 32, *IMAGENET_COLOURS),
            "tiny-imagenet",
            parameters=78_156,
            multiply_adds=667_680,
            departures=(
                Departure(
                    "It sees colour photographs of 32 × 32 pixels and knows 200 everyday classes, "
                    "to be compared with the younger networks; the paper's network reads grey "
                    "digits.",
                    ("input", "output", "softmax"),
                ),
                *_LENET_DEPARTURES[:3],
            ),
        ),
    ),
)

_ALEXNET = Architecture(
    id="alexnet",
    family="AlexNet",
    title="AlexNet",
    year=2012,
    authors="A. Krizhevsky, I. Sutskever, G. E. Hinton",
    paper="ImageNet classification with deep convolutional neural networks",
    link="https://doi.org/10.1145/3065386",
    idea="ReLU, dropout and two GPUs let a large network learn from 1.2 million photographs.",
    editions=_editions(
        Edition(
            "compact",
            "alexnet:compact",
            _COMPACT,
            "tiny-imagenet",
            parameters=2_767_432,
            multiply_adds=92_802_048,
            departures=(
                _SCALED,
                Departure(
                    "conv1 is 7 × 7 with stride 2 instead of 11 × 11 with stride 4.", ("conv1",)
                ),
                _GROUPS,
            ),
        ),
        Edition(
            "paper",
            "alexnet:paper",
            Preprocessing(227, 256, *IMAGENET_COLOURS),
            "imagenet",
            parameters=60_965_224,
            multiply_adds=724_406_816,
            departures=(
                _GROUPS,
                Departure(
                    "The input is 227 × 227: with the paper's 224 the sizes of its figure 2 do not "
                    "come out.",
                    ("input", "conv1"),
                ),
                _CENTRE_CROP,
            ),
        ),
        Edition(
            "torchvision",
            "from_torchvision:build:alexnet",
            _PAPER,
            "imagenet",
            parameters=61_100_840,
            multiply_adds=714_188_480,
            departures=(
                Departure(
                    "This is the single-GPU variant of 2014 (Krizhevsky, 'One weird trick'): 64, "
                    "192, 384, 256 and 256 channels and no groups.",
                    ("conv?",),
                ),
                Departure(
                    "It has no local response normalisation, and conv1 has a padding of 2.",
                    ("conv1", "pool1", "pool2"),
                ),
                Departure(
                    "An average pooling to 6 × 6 before fc6, which changes nothing here.",
                    ("avgpool",),
                ),
            ),
            published=PUBLISHED["alexnet"],
        ),
    ),
)

_ZFNET = Architecture(
    id="zfnet",
    family="ZFNet",
    title="ZFNet",
    year=2013,
    authors="M. D. Zeiler, R. Fergus",
    paper="Visualizing and understanding convolutional networks",
    link="https://arxiv.org/abs/1311.2901",
    idea="Looking inside AlexNet showed what to mend: smaller first kernels and a smaller stride.",
    editions=_editions(
        Edition(
            "compact",
            "zfnet:compact",
            _COMPACT,
            "tiny-imagenet",
            parameters=2_461_384,
            multiply_adds=156_487_680,
            departures=(
                _SCALED,
                Departure(
                    "conv1 is 5 × 5 with stride 1 instead of 7 × 7 with stride 2; conv2 is padded "
                    "by 2.",
                    ("conv1", "conv2"),
                ),
                _ZF_CONSTANTS,
            ),
        ),
        Edition(
            "paper",
            "zfnet:paper",
            _PAPER,
            "imagenet",
            parameters=62_357_608,
            multiply_adds=1_168_032_896,
            departures=(
                _ZF_CONSTANTS,
                Departure(
                    "Padding and rounding are not in the paper: they are chosen so that its map "
                    "sizes 110, 55, 26, 13 and 6 come out.",
                    ("conv?", "pool?"),
                ),
                _CENTRE_CROP,
            ),
        ),
    ),
)


def _vgg(depth: int, configuration: str, compact: tuple[Edition, ...] = ()) -> Architecture:
    parameters, multiply_adds = {
        11: (132_863_336, 7_609_090_048),
        16: (138_357_544, 15_470_264_320),
        19: (143_667_240, 19_632_062_464),
    }[depth]
    return Architecture(
        id=f"vgg{depth}",
        family="VGGNet",
        title=f"VGG-{depth}",
        year=2014,
        authors="K. Simonyan, A. Zisserman",
        paper="Very deep convolutional networks for large-scale image recognition",
        link="https://arxiv.org/abs/1409.1556",
        idea="Nothing but 3 × 3 convolutions: two see as far as one 5 × 5, with fewer weights. "
        f"This is configuration {configuration}.",
        editions=_editions(
            *compact,
            Edition(
                "paper",
                f"vgg:paper_{depth}",
                _PAPER,
                "imagenet",
                parameters,
                multiply_adds,
                departures=(_DIVIDED,),
            ),
            Edition(
                "torchvision",
                f"from_torchvision:build:vgg{depth}",
                _PAPER,
                "imagenet",
                parameters,
                multiply_adds,
                departures=(
                    Departure(
                        "An average pooling to 7 × 7 before fc6, which changes nothing here.",
                        ("avgpool",),
                    ),
                    _DIVIDED,
                ),
                published=PUBLISHED[f"vgg{depth}"],
            ),
        ),
    )


_VGG11 = _vgg(
    11,
    "A",
    (
        Edition(
            "compact",
            "vgg:compact_11",
            _COMPACT,
            "tiny-imagenet",
            parameters=2_672_104,
            multiply_adds=199_487_488,
            departures=(
                Departure("Scaled to 64 × 64 pixels and 200 classes: fewer channels."),
                _DIVIDED,
            ),
        ),
    ),
)
_VGG16 = _vgg(16, "D")
_VGG19 = _vgg(19, "E")

_GOOGLENET = Architecture(
    id="googlenet",
    family="GoogLeNet",
    title="GoogLeNet",
    year=2014,
    authors="C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, "
    "V. Vanhoucke, A. Rabinovich",
    paper="Going deeper with convolutions",
    link="https://arxiv.org/abs/1409.4842",
    idea="Kernels of several sizes side by side, made cheap by 1 × 1 convolutions before them.",
    editions=_editions(
        Edition(
            "compact",
            "googlenet:compact",
            _COMPACT,
            "tiny-imagenet",
            parameters=2_462_650,
            multiply_adds=199_104_000,
            auxiliary_parameters=198_928,
            departures=(
                _SCALED,
                Departure(
                    "conv1 is 5 × 5 with stride 1 instead of 7 × 7 with stride 2.", ("conv1",)
                ),
                _GOOGLE_CONSTANTS,
                _AUXILIARY,
            ),
        ),
        Edition(
            "paper",
            "googlenet:paper",
            _PAPER,
            "imagenet",
            parameters=6_998_552,
            multiply_adds=1_582_671_872,
            auxiliary_parameters=6_379_728,
            departures=(
                _AUXILIARY,
                _GOOGLE_CONSTANTS,
                Departure(
                    "The paper averages up to 144 crops and seven networks; here one crop and one "
                    "network.",
                    ("input",),
                ),
            ),
        ),
        Edition(
            "torchvision",
            "from_torchvision:build:googlenet",
            Preprocessing(224, 256, *CENTRED_COLOURS),
            "imagenet",
            parameters=6_624_904,
            multiply_adds=1_498_376_192,
            departures=(
                Departure(
                    "Batch normalisation after every convolution; no local response normalisation.",
                    ("*.bn",),
                ),
                Departure(
                    "The '5 × 5' branch has 3 × 3 kernels, and maxpool4 is 2 × 2 instead of 3 × 3.",
                    ("*.branch3.1.conv", "maxpool4"),
                ),
                Departure(
                    "It has no auxiliary heads here, and drops 20 % instead of 40 % in training.",
                    ("dropout",),
                ),
                Departure("Colours are scaled to -1..1, as its weights expect.", ("input",)),
            ),
            published=PUBLISHED["googlenet"],
        ),
    ),
)


def _resnet(
    depth: int,
    parameters: int,
    multiply_adds: tuple[int, int],
    compact: tuple[Edition, ...] = (),
    both: tuple[Departure, ...] = (),
    torchvision: tuple[Departure, ...] = (),
) -> Architecture:
    return Architecture(
        id=f"resnet{depth}",
        family="ResNet",
        title=f"ResNet-{depth}",
        year=2015,
        authors="K. He, X. Zhang, S. Ren, J. Sun",
        paper="Deep residual learning for image recognition",
        link="https://arxiv.org/abs/1512.03385",
        idea="Each block adds its result to what came in, so that very deep networks still learn.",
        editions=_editions(
            *compact,
            Edition(
                "paper",
                f"resnet:paper_{depth}",
                _PAPER,
                "imagenet",
                parameters,
                multiply_adds[0],
                departures=(*both, _DIVIDED),
            ),
            Edition(
                "torchvision",
                f"from_torchvision:build:resnet{depth}",
                _PAPER,
                "imagenet",
                parameters,
                multiply_adds[1],
                departures=(*torchvision, *both, _DIVIDED),
                published=PUBLISHED[f"resnet{depth}"],
            ),
        ),
    )


_RESNET18 = _resnet(
    18,
    11_689_512,
    (1_814_073_344, 1_814_073_344),
    compact=(
        Edition(
            "compact",
            "resnet:compact_18",
            _COMPACT,
            "tiny-imagenet",
            parameters=2_847_976,
            multiply_adds=148_293_632,
            departures=(
                _SCALED,
                Departure(
                    "conv1 is 5 × 5 with stride 1 instead of 7 × 7 with stride 2; every stage has "
                    "half the channels.",
                    ("conv1",),
                ),
                _OPTION_B,
            ),
        ),
    ),
    both=(_OPTION_B,),
)
_RESNET34 = _resnet(34, 21_797_672, (3_663_761_408, 3_663_761_408), both=(_OPTION_B,))
_RESNET50 = _resnet(
    50,
    25_557_032,
    (3_857_973_248, 4_089_184_256),
    torchvision=(
        Departure(
            "The stride of a halving block is in its 3 × 3 convolution, not in its first 1 × 1 "
            "('ResNet v1.5').",
            ("layer[234].0.conv[12]",),
        ),
    ),
)

_CATALOG: Mapping[str, Architecture] = MappingProxyType(
    {
        architecture.id: architecture
        for architecture in (
            _LENET5,
            _ALEXNET,
            _ZFNET,
            _VGG11,
            _VGG16,
            _VGG19,
            _GOOGLENET,
            _RESNET18,
            _RESNET34,
            _RESNET50,
        )
    }
)


def catalog() -> dict[str, Architecture]:
    """Return every architecture by its id, oldest first."""
    return dict(_CATALOG)


def architecture(name: str) -> Architecture:
    """Return one architecture.

    Raises:
        UnknownName: There is no network of that id; offers the nearest one.
    """
    if name not in _CATALOG:
        raise UnknownName("network", name, _CATALOG)
    return _CATALOG[name]
