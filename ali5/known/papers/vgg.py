"""VGG-11, VGG-16 and VGG-19, 2014."""

from __future__ import annotations

from ali5.known.inputs import COMPACT, PAPER
from ali5.known.papers.shared import DIVIDED, editions
from ali5.known.published import PUBLISHED
from ali5.known.records import Architecture, Departure, Edition


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
        editions=editions(
            *compact,
            Edition(
                "paper",
                f"vgg:paper_{depth}",
                PAPER,
                "imagenet",
                parameters,
                multiply_adds,
                departures=(DIVIDED,),
            ),
            Edition(
                "torchvision",
                f"from_torchvision:build:vgg{depth}",
                PAPER,
                "imagenet",
                parameters,
                multiply_adds,
                departures=(
                    Departure(
                        "An average pooling to 7 × 7 before fc6, which changes nothing here.",
                        ("avgpool",),
                    ),
                    DIVIDED,
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
            COMPACT,
            "tiny-imagenet",
            parameters=2_672_104,
            multiply_adds=199_487_488,
            departures=(
                Departure("Scaled to 64 × 64 pixels and 200 classes: fewer channels."),
                DIVIDED,
            ),
        ),
    ),
)
_VGG16 = _vgg(16, "D")
_VGG19 = _vgg(19, "E")

NETWORKS = (
    _VGG11,
    _VGG16,
    _VGG19,
)
