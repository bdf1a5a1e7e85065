"""AlexNet, 2012."""

from __future__ import annotations

from ali5.known.inputs import COMPACT, IMAGENET_COLOURS, PAPER
from ali5.known.papers.shared import CENTRE_CROP, SCALED, editions
from ali5.known.published import PUBLISHED
from ali5.known.records import Architecture, Departure, Edition, Preprocessing

_GROUPS = Departure(
    "The paper's two GPUs are two groups of channels in conv2, conv4 and conv5.",
    ("conv2", "conv4", "conv5"),
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
    editions=editions(
        Edition(
            "compact",
            "alexnet:compact",
            COMPACT,
            "tiny-imagenet",
            parameters=2_767_432,
            multiply_adds=92_802_048,
            departures=(
                SCALED,
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
                CENTRE_CROP,
            ),
        ),
        Edition(
            "torchvision",
            "from_torchvision:build:alexnet",
            PAPER,
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

NETWORKS = (_ALEXNET,)
