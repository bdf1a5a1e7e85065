"""What the learning lab is sent: its controls, and what the network has become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...canvas.packing import pack
from .settings import BATCHES, RANGES, RATES, Settings, settings_as_sent

if TYPE_CHECKING:
    from numpy.typing import NDArray


def pack_controls(settings: Settings, begun: dict[str, Any] | None) -> bytes:
    """Return what the controls take.

    Args:
        settings: What is set.
        begun: What the training that has begun was set to, None if nothing has been learned yet.
    """
    return pack(
        {
            "settings": settings_as_sent(settings),
            "begun": begun,
            "rates": RATES,
            "batches": BATCHES,
            "limits": RANGES,
        }
    )


@dataclass(frozen=True, eq=False)
class Inside:
    """What a network is at one moment of its training.

    Attributes:
        classes: What it tells apart.
        watch: The class whose picture is shown.
        stages: Names of the layers whose maps can be shown.
        stage: Which of them it is, 1 for the first.
        layer: Its name.
        answer: What the network makes of the picture, in words.
        seen: Pictures that it has learned from.
        kernels: Of its first layer, [K, h, w].
        maps: Of the picture, [C, H, W].
        picture: As the network sees it, [32, 32].
    """

    classes: Sequence[str]
    watch: int
    stages: Sequence[str]
    stage: int
    layer: str
    answer: str
    seen: int
    kernels: NDArray[np.float32]
    maps: NDArray[np.float32]
    picture: NDArray[np.float32]


def pack_inside(inside: Inside, colours: str) -> bytes:
    """Return what the view of a network's kernels and maps takes, in the visitor's colours."""
    words = ("classes", "watch", "stages", "stage", "layer", "answer", "seen")
    arrays = {name: getattr(inside, name) for name in ("kernels", "maps", "picture")}
    return pack(
        {
            **{name: getattr(inside, name) for name in words},
            **{name: array.shape for name, array in arrays.items()},
            "colours": colours,
        },
        *(np.ascontiguousarray(array, np.float32).tobytes() for array in arrays.values()),
    )
