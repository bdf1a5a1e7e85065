"""ZFNet, 2013."""

from __future__ import annotations

from ali5.known.inputs import COMPACT, PAPER
from ali5.known.papers.shared import CENTRE_CROP, SCALED, editions
from ali5.known.records import Architecture, Departure, Edition

_ZF_CONSTANTS = Departure(
    "The paper gives no constants for its contrast normalisation across maps: those of AlexNet's "
    "local response normalisation are used.",
    ("norm1", "norm2"),
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
    editions=editions(
        Edition(
            "compact",
            "zfnet:compact",
            COMPACT,
            "tiny-imagenet",
            parameters=2_461_384,
            multiply_adds=156_487_680,
            departures=(
                SCALED,
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
            PAPER,
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
                CENTRE_CROP,
            ),
        ),
    ),
)

NETWORKS = (_ZFNET,)
