"""The layers of a stack as records, and as text short enough for an address. No torch.

A stack is written as its layers, first to last, with commas between them:
`conv8k5p2,relu,max2,conv16k3s2,relu,avg3s2`. What follows a letter is a number: k kernel, s stride,
p padding; c lets the last window of a pooling hang over the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ali5.known.catalog import landmarks

MAX_LAYERS = 12

CHANNELS = (1, 32)
KERNEL = (1, 11)
POOL = (1, 8)
STRIDE = (1, 4)
"""Smallest and largest setting of a layer."""


def first_networks() -> tuple[str, ...]:
    """Return the ids of the networks, oldest first, whose first convolution can be in a stack."""
    return tuple(landmarks())


def normalised_networks() -> tuple[str, ...]:
    """Return the ids of those of them that have a batch normalisation behind it."""
    return tuple(name for name, known in landmarks().items() if known.edition("compact").batch_norm)


@dataclass(frozen=True)
class Convolution:
    """A convolution with a bias.

    Attributes:
        channels: Feature maps that it makes, 1 to 32.
        kernel: Edge of its kernels, 1 to 11.
        stride: Pixels between two positions, 1 to 4.
        padding: Zeros on each side, 0 to kernel - 1.
    """

    channels: int = 8
    kernel: int = 3
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class FirstConvolution:
    """The first convolution of a network's compact edition, with its own weights.

    Attributes:
        network: Id of the network.
        stride: As for `Convolution`; the network's own or another one.
        padding: As for `Convolution`, 0 to 10.
    """

    network: str
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class Rectifier:
    """ReLU: max(0, x)."""


@dataclass(frozen=True)
class Squashing:
    """LeNet-5's scaled tanh."""


@dataclass(frozen=True)
class ResponseNorm:
    """Local response normalisation with the constants of AlexNet."""


@dataclass(frozen=True)
class FirstBatchNorm:
    """The first batch normalisation of a network's compact edition, with what it has learned.

    Attributes:
        network: Id of the network.
    """

    network: str


@dataclass(frozen=True)
class Pooling:
    """A pooling.

    Attributes:
        kind: "max" or "average".
        kernel: Edge of its window, 1 to 8.
        stride: Pixels between two positions, 1 to 4.
        padding: Border on each side, 0 to half the window.
        over: Whether a last window may hang over the end.
    """

    kind: Literal["max", "average"] = "max"
    kernel: int = 2
    stride: int = 2
    padding: int = 0
    over: bool = False


Layer = (
    Convolution | FirstConvolution | Rectifier | Squashing | ResponseNorm | FirstBatchNorm | Pooling
)

_WINDOW = r"(?:s(?P<stride>\d{1,2}))?(?:p(?P<padding>\d{1,2}))?"
_CONVOLUTION = re.compile(rf"conv(?P<channels>\d{{1,3}})k(?P<kernel>\d{{1,2}}){_WINDOW}")
_POOLING = re.compile(rf"(?P<kind>max|avg)(?P<kernel>\d){_WINDOW}(?P<over>c)?")
_PLAIN: dict[str, Layer] = {"relu": Rectifier(), "tanh": Squashing(), "lrn": ResponseNorm()}

NOTHING = "nothing"
"""A stack without layers as text."""


def write_stack(layers: Iterable[Layer]) -> str:
    """Return a stack as text."""
    return ",".join(_write(layer) for layer in layers) or NOTHING


def _write(layer: Layer) -> str:
    if isinstance(layer, Convolution):
        return f"conv{layer.channels}k{layer.kernel}{_window(layer.stride, layer.padding)}"
    if isinstance(layer, FirstConvolution):
        return f"{layer.network}{_window(layer.stride, layer.padding)}"
    if isinstance(layer, FirstBatchNorm):
        return f"bn{layer.network}"
    if isinstance(layer, Pooling):
        kind = "max" if layer.kind == "max" else "avg"
        stride = "" if layer.stride == layer.kernel else f"s{layer.stride}"
        padding = f"p{layer.padding}" if layer.padding else ""
        return f"{kind}{layer.kernel}{stride}{padding}{'c' if layer.over else ''}"
    return next(text for text, plain in _PLAIN.items() if plain == layer)


def _window(stride: int, padding: int) -> str:
    return (f"s{stride}" if stride != 1 else "") + (f"p{padding}" if padding else "")


def read_stack(text: str) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """Read a stack that somebody has written.

    Returns:
        Its layers, at most 12; and the parts that are no layer or whose numbers are out of range.
    """
    layers: list[Layer] = []
    dropped: list[str] = []
    for part in [] if text.strip() in ("", NOTHING) else text.split(","):
        layer = _read(part.strip().lower())
        if layer is None or len(layers) == MAX_LAYERS:
            dropped.append(part.strip())
        else:
            layers.append(layer)
    return tuple(layers), tuple(dropped)


def _read(part: str) -> Layer | None:
    if part in _PLAIN:
        return _PLAIN[part]
    layer: Layer
    if found := _CONVOLUTION.fullmatch(part):
        stride, padding = _stride_and_padding(found)
        layer = Convolution(int(found["channels"]), int(found["kernel"]), stride, padding)
    elif found := re.fullmatch(rf"(?P<network>{_any_of(first_networks())}){_WINDOW}", part):
        layer = FirstConvolution(found["network"], *_stride_and_padding(found))
    elif found := re.fullmatch(rf"bn(?P<network>{_any_of(normalised_networks())})", part):
        layer = FirstBatchNorm(found["network"])
    elif found := _POOLING.fullmatch(part):
        stride, padding = _stride_and_padding(found, int(found["kernel"]))
        kind: Literal["max", "average"] = "max" if found["kind"] == "max" else "average"
        layer = Pooling(kind, int(found["kernel"]), stride, padding, bool(found["over"]))
    else:
        return None
    return layer if is_possible(layer) else None


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


def _stride_and_padding(found: re.Match[str], stride: int = 1) -> tuple[int, int]:
    return int(found["stride"] or stride), int(found["padding"] or 0)


def is_possible(layer: Layer) -> bool:
    """Tell whether the numbers of a layer are in their ranges, whatever comes in."""
    if isinstance(layer, Convolution):
        return (
            _within(layer.channels, CHANNELS)
            and _within(layer.kernel, KERNEL)
            and _within(layer.stride, STRIDE)
            and _within(layer.padding, (0, layer.kernel - 1))
        )
    if isinstance(layer, FirstConvolution):
        return _within(layer.stride, STRIDE) and _within(layer.padding, (0, KERNEL[1] - 1))
    if isinstance(layer, Pooling):
        return (
            _within(layer.kernel, POOL)
            and _within(layer.stride, POOL)
            and _within(layer.padding, (0, layer.kernel // 2))
        )
    return True


def _within(value: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= value <= bounds[1]
