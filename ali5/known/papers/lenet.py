"""LeNet-5, 1998."""

from __future__ import annotations

from ali5.known.inputs import DIGIT, IMAGENET_COLOURS
from ali5.known.papers.shared import editions
from ali5.known.records import Architecture, Departure, Edition, Preprocessing

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

_LENET = ("lenet:paper", DIGIT, "digits", 61_706, 416_520)

_LENET5 = Architecture(
    id="lenet5",
    family="LeNet",
    title="LeNet-5",
    year=1998,
    authors="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
    paper="Gradient-based learning applied to document recognition",
    link="https://doi.org/10.1109/5.726791",
    idea="Learned convolutions and subsampling, instead of hand-made features, read digits.",
    editions=editions(
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

NETWORKS = (_LENET5,)
