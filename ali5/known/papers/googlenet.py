"""GoogLeNet, 2014."""

from __future__ import annotations

from ali5.known.inputs import CENTRED_COLOURS, COMPACT, PAPER
from ali5.known.papers.shared import SCALED, editions
from ali5.known.published import PUBLISHED
from ali5.known.records import Architecture, Departure, Edition, Preprocessing

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
    editions=editions(
        Edition(
            "compact",
            "googlenet:compact",
            COMPACT,
            "tiny-imagenet",
            parameters=2_462_650,
            multiply_adds=199_104_000,
            auxiliary_parameters=198_928,
            departures=(
                SCALED,
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
            PAPER,
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
            batch_norm=True,
        ),
    ),
)

NETWORKS = (_GOOGLENET,)
