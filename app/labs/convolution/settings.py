"""What can be set in the convolution lab, and what of it is possible. No Streamlit, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ali5 import door
from ali5.errors import Ali5Error
from ali5.graph.geometry import Axis, move_along
from ali5.labs.kernels import KERNELS

from ..toy import TOY_EDGE

LARGEST_KERNEL = 11
LARGEST_BIAS = 10
"""Up or down, in halves."""

LARGEST_NUMBER = 1e6
"""Of a cell or a weight, up or down: what is larger cannot be added exactly in 32 bits."""

MODES = ("zeros", "reflect", "replicate", "circular")
PADDINGS = ("valid", "same", "full", "number")
LAYERS = (("resnet18", "compact", "conv1"), ("lenet5", "compact", "C1"))
"""Trained layers whose filters can be taken: network, edition, step."""

_LAYER_SHAPES = {"layer0": (32, 3, 5), "layer1": (6, 1, 5)}
"""Filters, channels and kernel size of each of them."""


@dataclass(frozen=True)
class Settings:
    """What is set in the lab.

    Attributes:
        input: "toy" for cells, "photo" for the chosen picture.
        size: Rows and columns of cells.
        channels: 1 to 3.
        preset: Name of a kernel, "layer0" or "layer1" for a trained layer, or "custom".
        filter: Which filter of the trained layer.
        kernel: Edge of the window.
        stride: Pixels between two positions.
        padding: "valid", "same", "full", or "number" for `border`.
        border: Pixels on each side.
        mode: What the border holds.
        dilation: Pixels between two taps.
        bias: Added to every result.
        moved: 0 or 1, pixels that the picture is moved to the left in the story of stride 2.
        cells: Cells that were changed, by "channel,row,column".
        weights: A kernel of the visitor's own, [channels][kernel][kernel], or None.
    """

    input: str = "toy"
    size: int = 5
    channels: int = 1
    preset: str = "edge"
    filter: int = 0
    kernel: int = 3
    stride: int = 1
    padding: str = "valid"
    border: int = 1
    mode: str = "zeros"
    dilation: int = 1
    bias: float = 0.0
    moved: int = 0
    cells: Mapping[str, float] | None = None
    weights: Any = None

    @property
    def border_wanted(self) -> Any:
        """The padding as `ali5.labs.arithmetic` takes it: a word, or pixels on each side."""
        return self.border if self.padding == "number" else self.padding


EXAMPLES = {
    "No padding": Settings(size=4),
    "Arbitrary padding": Settings(size=5, kernel=4, padding="number", border=2),
    "Half padding": Settings(padding="same"),
    "Full padding": Settings(padding="full"),
    "Strides": Settings(stride=2),
    "Padding and strides": Settings(stride=2, padding="number"),
    "Strides, one column unused": Settings(size=6, stride=2, padding="number"),
    "Dilation": Settings(size=7, dilation=2),
}
"""The figures of Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning",
https://arxiv.org/abs/1603.07285: 2.1 to 2.7 and 5.1."""

RANGES = {
    "size": (3, TOY_EDGE),
    "channels": (1, 3),
    "filter": (0, 31),
    "kernel": (1, LARGEST_KERNEL),
    "stride": (1, 4),
    "border": (0, 10),
    "dilation": (1, 3),
    "moved": (0, 1),
}
WORDS = {
    "input": ("toy", "photo"),
    "padding": PADDINGS,
    "mode": MODES,
    "preset": (*KERNELS, "layer0", "layer1", "custom"),
}

BIAS = door.number(-LARGEST_BIAS, LARGEST_BIAS, 0.5)
NUMBER = door.number(-LARGEST_NUMBER, LARGEST_NUMBER)
_CHANNELS = RANGES["channels"][1]
_ROW = door.list_of(NUMBER, LARGEST_KERNEL, 1)
_KERNELS = door.list_of(door.list_of(_ROW, LARGEST_KERNEL, 1), _CHANNELS, 1)
SENT = door.json_of(
    door.record(
        door.fields(RANGES, WORDS)
        | {
            "bias": BIAS,
            "cells": door.map_of(door.text(5, r"\d,\d,\d"), NUMBER, _CHANNELS * TOY_EDGE**2),
            "weights": door.either(door.one_of((None,)), _KERNELS),
        }
    )
)
"""What the browser may send."""


def made_possible(settings: Settings, photo: tuple[int, ...] = ()) -> Settings:
    """Return settings of which none contradicts another or the size of the photograph.

    Args:
        settings: Each within its own range.
        photo: Height and width of the photograph.
    """
    if settings.preset in _LAYER_SHAPES:
        filters, channels, kernel = _LAYER_SHAPES[settings.preset]
        number = min(settings.filter, filters - 1)
        settings = replace(settings, filter=number, channels=channels, kernel=kernel)
    if settings.preset in KERNELS and settings.kernel < least_size(settings.preset):
        settings = replace(settings, preset="identity")
    edges = (settings.size,) if settings.input == "toy" else photo
    if not all(fits(settings, edge) for edge in edges):
        settings = replace(settings, padding="same", mode="zeros")
    return settings


def fits(settings: Settings, size: int) -> bool:
    """Tell whether the window can move along so many pixels."""
    try:
        axis_of(settings, size)
    except Ali5Error:
        return False
    return True


def axis_of(settings: Settings, size: int) -> Axis:
    """Return how the window moves along so many pixels.

    Raises:
        Ali5Error: It does not fit.
    """
    return move_along(
        "H",
        size,
        settings.kernel,
        settings.stride,
        settings.dilation,
        settings.border_wanted,
        settings.mode,  # type: ignore[arg-type]
    )


def least_size(preset: str) -> int:
    """Return the smallest window that a named kernel fits."""
    core = KERNELS[preset].core
    return 1 if core is None else len(core)


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    return asdict(settings) | {"cells": dict(settings.cells or {})}


def limits_as_sent() -> dict[str, Any]:
    """Return the smallest and largest value of every number, as the browser takes them."""
    return RANGES | {
        "bias": (-LARGEST_BIAS, LARGEST_BIAS),
        "number": (-LARGEST_NUMBER, LARGEST_NUMBER),
    }
