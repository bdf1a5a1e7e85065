"""The convolution lab: its settings in the address, its numbers by the engine, its code."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ali5.errors import Ali5Error
from ali5.labs.kernels import KERNELS, named_kernel
from ali5.pictures.preparation import BRIGHTNESS

from ... import address
from ...address import plain_choices, read_plain
from ...engine import Picture
from ..photo import opening_code, reduced
from ..questions import Question, options_around

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.graph.geometry import Axis
    from ali5.labs.arithmetic import Convolution

MAX_PHOTO_PX = 512
"""Longest edge of the photograph in the lab."""

TOY_EDGE = 16
LARGEST_KERNEL = 11
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

_RANGES = {
    "size": (3, TOY_EDGE),
    "channels": (1, 3),
    "filter": (0, 31),
    "kernel": (1, LARGEST_KERNEL),
    "stride": (1, 4),
    "border": (0, 10),
    "dilation": (1, 3),
    "moved": (0, 1),
}
_WORDS = {
    "input": ("toy", "photo"),
    "padding": PADDINGS,
    "mode": MODES,
    "preset": (*KERNELS, "layer0", "layer1", "custom"),
}


def toy_cells() -> NDArray[np.int64]:
    """Return the numbers of the toy picture, [3, 16, 16], 0..9; smaller ones are its corner."""
    channel, row, column = np.indices((3, TOY_EDGE, TOY_EDGE))
    ring = np.hypot(row - 2, column - 2).round().astype(int)
    cells: NDArray[np.int64] = (7 - 2 * ring + 3 * channel + (row * column) % 3) % 10
    return cells


def read_settings(photo: tuple[int, ...] = ()) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        photo: Height and width of the photograph.
    """
    found = replace(
        Settings(),
        **read_plain(Settings(), _RANGES, _WORDS),
        bias=_read_bias(address.text("bias")),
        cells=_read_cells(address.text("cells")),
    )
    if found.preset == "custom":
        weights = _read_weights(address.text("weights"), found.channels, found.kernel)
        found = replace(found, weights=weights, preset="custom" if weights else "identity")
    return made_possible(found, photo)


def made_possible(settings: Settings, photo: tuple[int, ...] = ()) -> Settings:
    """Return settings of which none contradicts another or the size of the photograph."""
    if settings.preset in _LAYER_SHAPES:
        filters, channels, kernel = _LAYER_SHAPES[settings.preset]
        number = min(settings.filter, filters - 1)
        settings = replace(settings, filter=number, channels=channels, kernel=kernel)
    if settings.preset in KERNELS and settings.kernel < least_size(settings.preset):
        settings = replace(settings, preset="identity")
    edges = (settings.size,) if settings.input == "toy" else photo
    if not all(_fits(settings, edge) for edge in edges):
        settings = replace(settings, padding="same", mode="zeros")
    return settings


def _fits(settings: Settings, size: int) -> bool:
    try:
        _axis(settings, size)
    except Ali5Error:
        return False
    return True


def _axis(settings: Settings, size: int) -> Axis:
    from ali5.graph.geometry import move_along

    return move_along(
        "H",
        size,
        settings.kernel,
        settings.stride,
        settings.dilation,
        _padding(settings),
        settings.mode,  # type: ignore[arg-type]
    )


def _padding(settings: Settings) -> Any:
    return settings.border if settings.padding == "number" else settings.padding


def write_settings(text: str) -> None:
    """Put the settings that the lab has sent, as JSON, into the address."""
    sent, choices = plain_choices(text, Settings(), _RANGES, _WORDS)
    choices["bias"] = f"{float(sent['bias']):g}" if sent["bias"] else None
    cells = sent.get("cells") or {}
    parts = (f"{place.replace(',', '.')}:{_shortest(value)}" for place, value in cells.items())
    choices["cells"] = ",".join(parts) or None
    weights = sent.get("weights")
    flat = np.asarray(weights, float).ravel() if weights else ()
    choices["weights"] = ",".join(_shortest(value) for value in flat) or None
    address.write(**choices)


def show_example() -> None:
    """Put the settings of the chosen example into the address."""
    chosen = st.session_state.get("example")
    if chosen is not None:
        write_settings(json.dumps(settings_as_sent(EXAMPLES[chosen])))


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    return asdict(settings) | {"cells": dict(settings.cells or {})}


def least_size(preset: str) -> int:
    """Return the smallest window that a named kernel fits."""
    core = KERNELS[preset].core
    return 1 if core is None else len(core)


def photo_of(picture: Picture) -> NDArray[np.uint8]:
    """Return the chosen picture as the lab shows it: RGB, [H, W, 3], at most 512 pixels long."""
    return np.asarray(reduced(picture, MAX_PHOTO_PX).convert("RGB"))


def planes_of(settings: Settings, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the numbers under the window, [C, H, W].

    One channel of a photograph is its brightness, two are red and green.
    """
    if settings.input == "toy":
        edge = settings.size
        cells = toy_cells()[: settings.channels, :edge, :edge].astype(np.float32)
        for place, value in (settings.cells or {}).items():
            channel, row, column = (int(part) for part in place.split(","))
            if channel < settings.channels and row < edge and column < edge:
                cells[channel, row, column] = value
        return cells
    levels = (photo / 255).astype(np.float32)
    if settings.channels == 1:
        return (levels @ np.array(BRIGHTNESS, np.float32))[None]
    return levels.transpose(2, 0, 1)[: settings.channels]


def weights_of(settings: Settings, layers: list[dict[str, Any]]) -> NDArray[np.float32]:
    """Return the kernels, [C, k, k]."""
    if settings.preset.startswith("layer"):
        layer = layers[int(settings.preset[5:])]
        return np.asarray(layer["filters"][settings.filter], np.float32)
    if settings.weights is not None:
        return np.asarray(settings.weights, np.float32)
    return np.stack([named_kernel(settings.preset, settings.kernel)] * settings.channels)


def convolved(
    settings: Settings, pixels: NDArray[np.float32], kernels: NDArray[np.float32]
) -> Convolution:
    """Return the result by the engine."""
    import torch

    from ali5.labs.arithmetic import convolve

    return convolve(
        torch.from_numpy(np.ascontiguousarray(pixels)),
        torch.from_numpy(np.ascontiguousarray(kernels))[None],
        torch.tensor([settings.bias]),
        stride=settings.stride,
        padding=_padding(settings),
        dilation=settings.dilation,
        padding_mode=settings.mode,  # type: ignore[arg-type]
    )


@functools.cache
def trained_layers() -> list[dict[str, Any]]:
    """Return the filters of some trained first layers, as the browser takes them."""
    from ... import engine

    found = []
    for name, edition, step in LAYERS:
        network = engine.network(name, edition, "bundled")
        weight = network.module.get_parameter(f"{step}.weight")
        filters = np.round(weight.cpu().numpy().astype(float), 4)
        title = f"{step} of {network.architecture.title}"
        found.append(
            {
                "title": title,
                "size": filters.shape[2],
                "channels": filters.shape[1],
                "filters": filters.tolist(),
            }
        )
    return found


def code_of(settings: Settings, result: Convolution, picture: Picture) -> str:
    """Return PyTorch code that gives what is on the screen."""
    lines = ["import torch", "import torch.nn.functional as F"]
    if settings.input == "toy":
        lines += ["", f"pixels = torch.tensor({_numbers(result.pixels)})  # [C, H, W]"]
    else:
        lines += [
            "from torchvision.transforms.functional import to_tensor",
            *opening_code(picture, MAX_PHOTO_PX),
            "pixels = to_tensor(image)  # [3, H, W], 0..1",
        ]
        if settings.channels == 1:
            lines.append(
                f"pixels = torch.tensordot(torch.tensor({list(BRIGHTNESS)}), pixels, 1)[None]"
            )
        elif settings.channels == 2:
            lines.append("pixels = pixels[:2]")
    lines.append(f"kernel = torch.tensor({_numbers(result.kernel)})  # [1, C, h, w]")
    rows, columns = result.rows, result.columns
    border = (columns.window.padding, columns.after, rows.window.padding, rows.after)
    even = len(set(border)) == 1
    arguments = ["kernel"]
    if settings.bias:
        arguments.append(f"torch.tensor([{settings.bias}])")
    if settings.stride > 1:
        arguments.append(f"stride={settings.stride}")
    if any(border) and even and settings.mode == "zeros":
        arguments.append(f"padding={border[0]}")
    if settings.dilation > 1:
        arguments.append(f"dilation={settings.dilation}")
    source = "pixels[None]"
    if any(border) and not (even and settings.mode == "zeros"):
        mode = "" if settings.mode == "zeros" else f', mode="{settings.mode}"'
        source = f"F.pad(pixels[None], {border}{mode})"
    lines.append(f"output = F.conv2d({source}, {', '.join(arguments)})[0]  # [1, H', W']")
    return "\n".join(lines)


def _numbers(values: Tensor) -> str:
    """Write a tensor as nested lists, with as many digits as 32 bits hold."""
    shortest = np.vectorize(lambda value: float(f"{value:.8g}"))
    return json.dumps(shortest(values.numpy()).tolist())


def _shortest(value: float) -> str:
    """Write a number as short as it can be read back exactly."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _read_bias(text: str) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if -10 <= value <= 10 and value * 2 == round(value * 2) else 0.0


def _read_cells(text: str) -> dict[str, float]:
    cells = {}
    for part in text.split(",")[: 3 * TOY_EDGE**2]:
        place, _, value = part.partition(":")
        try:
            channel, row, column = (int(each) for each in place.split("."))
            number = float(value)
        except ValueError:
            continue
        inside = 0 <= channel < 3 and 0 <= row < TOY_EDGE and 0 <= column < TOY_EDGE
        if inside and abs(number) <= LARGEST_NUMBER:
            cells[f"{channel},{row},{column}"] = number
    return cells


def _read_weights(text: str, channels: int, size: int) -> list[Any] | None:
    try:
        values = np.array([float(part) for part in text.split(",")])
    except ValueError:
        return None
    if len(values) != channels * size**2 or not (np.abs(values) <= LARGEST_NUMBER).all():
        return None
    shaped: list[Any] = values.reshape(channels, size, size).tolist()
    return shaped


def questions_of(settings: Settings, result: Convolution) -> list[Question]:
    """Return three questions about what is on the screen."""
    rows, kernel = result.rows, result.kernel
    count = rows.count
    extent = rows.window.extent
    stride = settings.stride % 4 + 1
    after = _axis(replace(settings, stride=stride), rows.size).count
    products = result.output.numel() * kernel[0].numel()
    place = (count // 2, result.columns.count // 2)
    uses = _uses(result)
    window = result.window(0, *place)
    sign = "positive" if window.total > 1e-6 else "negative" if window.total < -1e-6 else "zero"
    return [
        Question(
            f"If the stride were {stride}, how many rows would the result have?",
            options_around(after, rows.size // stride, count, after + 1, after - 1),
            f"{after:,}",
            f"The window of {extent} fits {after:,} times with a stride of {stride}.",
        ),
        Question(
            "How many multiplications does the whole result take?",
            options_around(
                products, result.output.numel(), result.pixels.numel() * kernel[0, 0].numel() * 2
            ),
            f"{products:,}",
            f"{result.output.numel():,} numbers, each a sum of {kernel[0].numel()} products.",
        ),
        Question(
            f"Is the number in row {place[0]}, column {place[1]} of the result positive, negative "
            "or zero?",
            ("positive", "negative", "zero"),
            sign,
            f"Its {window.products.numel()} products and the bias add up to {window.total:.4g}. "
            f"The middle pixel of the picture is used {uses} times in all.",
        ),
    ]


def _uses(result: Convolution) -> int:
    """Count the numbers of the result that look at the middle pixel of the picture."""

    def along(axis: Any) -> int:
        middle = axis.size // 2
        return sum(middle in axis.positions(index) for index in range(axis.count))

    return along(result.rows) * along(result.columns)
