"""ResNet-18, ResNet-34 and ResNet-50, 2015."""

from __future__ import annotations

from ali5.known.inputs import COMPACT, PAPER
from ali5.known.papers.shared import DIVIDED, SCALED, editions
from ali5.known.published import PUBLISHED
from ali5.known.records import Architecture, Departure, Edition

_OPTION_B = Departure(
    "Shortcuts that change the size are projections (the paper's option B); its main results for "
    "this depth use shortcuts without weights (option A).",
    ("*.downsample.*",),
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
        editions=editions(
            *compact,
            Edition(
                "paper",
                f"resnet:paper_{depth}",
                PAPER,
                "imagenet",
                parameters,
                multiply_adds[0],
                departures=(*both, DIVIDED),
                batch_norm=True,
            ),
            Edition(
                "torchvision",
                f"from_torchvision:build:resnet{depth}",
                PAPER,
                "imagenet",
                parameters,
                multiply_adds[1],
                departures=(*torchvision, *both, DIVIDED),
                published=PUBLISHED[f"resnet{depth}"],
                batch_norm=True,
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
            COMPACT,
            "tiny-imagenet",
            parameters=2_847_976,
            multiply_adds=148_293_632,
            departures=(
                SCALED,
                Departure(
                    "conv1 is 5 × 5 with stride 1 instead of 7 × 7 with stride 2; every stage has "
                    "half the channels.",
                    ("conv1",),
                ),
                _OPTION_B,
            ),
            batch_norm=True,
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

NETWORKS = (
    _RESNET18,
    _RESNET34,
    _RESNET50,
)
