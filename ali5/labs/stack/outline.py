"""Along a stack: how large its maps are, what they cost, and how far they see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ali5.errors import StackBroken
from ali5.graph.costs import multiply_adds
from ali5.graph.geometry import PIXEL, ReceptiveField, field_after, move_along
from ali5.graph.kinds import Operation, Settings
from ali5.labs.arithmetic import pool
from ali5.labs.stack.borrowed import Networks, part_of
from ali5.labs.stack.layers import (
    Convolution,
    FirstBatchNorm,
    FirstConvolution,
    Layer,
    Pooling,
    Rectifier,
    ResponseNorm,
    Squashing,
)


@dataclass(frozen=True)
class Outline:
    """What can be said of a layer of a stack before it has computed anything.

    Attributes:
        name: Its kind and number: "conv1", "relu1", "pool1", "conv2".
        operation: What it does.
        settings: Kernel size, stride and padding, as PyTorch names them.
        shape: Of its maps, [1, C, H, W].
        formula: The edge of its maps as an equation with the numbers filled in; "" if it stays.
        parameters: How many numbers it has learned, or would learn.
        multiply_adds: Multiplications with additions for one picture.
        receptive_field: What one number sees of the photograph, in its pixels.
    """

    name: str
    operation: Operation
    settings: Settings
    shape: tuple[int, int, int, int]
    formula: str
    parameters: int
    multiply_adds: int
    receptive_field: ReceptiveField


_OPERATIONS: dict[type, Operation] = {
    Convolution: Operation.CONVOLUTION,
    FirstConvolution: Operation.CONVOLUTION,
    Rectifier: Operation.RELU,
    Squashing: Operation.TANH,
    ResponseNorm: Operation.LOCAL_RESPONSE_NORM,
    FirstBatchNorm: Operation.BATCH_NORM,
}
_SHORT = {
    Operation.CONVOLUTION: "conv",
    Operation.RELU: "relu",
    Operation.TANH: "tanh",
    Operation.LOCAL_RESPONSE_NORM: "norm",
    Operation.BATCH_NORM: "bn",
    Operation.MAX_POOLING: "pool",
    Operation.AVERAGE_POOLING: "pool",
}


def outline_stack(
    layers: Sequence[Layer], channels: int, size: int, networks: Networks | None = None
) -> tuple[Outline, ...]:
    """Work out sizes, parameters, cost and receptive field along a stack.

    Args:
        layers: The stack.
        channels: Of what goes in.
        size: Its edge in pixels; it is square.
        networks: Those whose parts stand in the stack.

    Raises:
        StackBroken: What comes into a layer does not fit it, or nothing would come out; its `layer`
            tells which one, its message why and what is possible.
    """
    picture = shape = (1, channels, size, size)
    field = PIXEL
    counts: dict[str, int] = {}
    found = []
    for index, layer in enumerate(layers):
        operation = _operation_of(layer)
        short = _SHORT[operation]
        counts[short] = counts.get(short, 0) + 1
        name = f"{short}{counts[short]}"
        before = shape
        weight, parameters = _weights_of(layer, before[1], networks or {})
        _check_channels(layer, index, name, before[1], weight, networks or {})
        settings, count, formula = _window_of(layer, index, name, before, weight)
        shape = (1, before[1] if weight is None else weight[0], count, count)
        field = field_after(operation, settings, [(field, before)], shape, picture)
        found.append(
            Outline(
                name=name,
                operation=operation,
                settings=settings,
                shape=shape,
                formula=formula,
                parameters=parameters,
                multiply_adds=multiply_adds(operation, weight, shape),
                receptive_field=field,
            )
        )
    return tuple(found)


def _operation_of(layer: Layer) -> Operation:
    if isinstance(layer, Pooling):
        return Operation.MAX_POOLING if layer.kind == "max" else Operation.AVERAGE_POOLING
    return _OPERATIONS[type(layer)]


def _weights_of(
    layer: Layer, channels: int, networks: Networks
) -> tuple[tuple[int, ...] | None, int]:
    """Return the shape of a layer's filters, if it has any, and how many parameters it has."""
    if isinstance(layer, Convolution):
        weight = (layer.channels, channels, layer.kernel, layer.kernel)
        return weight, math.prod(weight) + layer.channels
    if isinstance(layer, FirstConvolution | FirstBatchNorm):
        module = part_of(layer, networks)
        parameters = sum(part.numel() for part in module.parameters())
        own = module.weight.shape if isinstance(module, nn.Conv2d) else None
        return None if own is None else tuple(own), parameters
    return None, 0


def _check_channels(
    layer: Layer,
    index: int,
    name: str,
    channels: int,
    weight: tuple[int, ...] | None,
    networks: Networks,
) -> None:
    """Refuse a network's part that looks at another number of channels than comes in."""
    if not isinstance(layer, FirstConvolution | FirstBatchNorm):
        return
    module = part_of(layer, networks)
    wanted = weight[1] if weight is not None else int(module.num_features)  # type: ignore[arg-type]
    if wanted == channels:
        return
    title = networks[layer.network].architecture.title
    place = f"directly behind the first convolution of {title}"
    if weight is not None:
        place = "in front of all other convolutions"
    raise StackBroken(
        f"{name} is a part of {title} and looks at {_counted(wanted, 'channel')}, but "
        f"{_counted(channels, 'channel')} {'comes' if channels == 1 else 'come'} in. "
        f"Move it {place}, or take it out.",
        index,
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _window_of(
    layer: Layer,
    index: int,
    name: str,
    before: tuple[int, ...],
    weight: tuple[int, ...] | None,
) -> tuple[Settings, int, str]:
    """Return the settings of a layer's window, the edge of its maps, and how that comes about."""
    if not isinstance(layer, Convolution | FirstConvolution | Pooling):
        return {}, before[2], ""
    kernel = layer.kernel if isinstance(layer, Pooling) else weight[2] if weight else 0
    size, padding, stride = before[2], layer.padding, layer.stride
    if kernel > size + 2 * padding:
        raise StackBroken(_vanishing(layer, name, size, kernel), index)
    settings: dict[str, Any] = {
        "kernel_size": (kernel,) * 2,
        "stride": (stride,) * 2,
        "padding": (padding,) * 2,
    }
    if isinstance(layer, Pooling):
        nothing = torch.zeros(1, *before[2:])  # PyTorch's "meta" loads its compiler
        rows = pool(
            nothing, layer.kind, kernel=kernel, stride=stride, padding=padding, ceil_mode=layer.over
        ).rows
        settings["ceil_mode"] = layer.over
    else:
        rows = move_along("H", size, kernel, stride, 1, padding, "zeros")
        settings["groups"] = 1
    return settings, rows.count, rows.formula


def _vanishing(
    layer: Convolution | FirstConvolution | Pooling, name: str, size: int, kernel: int
) -> str:
    """Say why a window does not fit, and what is possible."""
    border = f" with a border of {layer.padding}" if layer.padding else ""
    ways = []
    if not isinstance(layer, FirstConvolution):
        ways.append(f"take a window of at most {size + 2 * layer.padding}")
    needed = -(-(kernel - size) // 2)
    most = kernel // 2 if isinstance(layer, Pooling) else kernel - 1
    if needed <= most:
        ways.append(f"a padding of at least {needed}")
    ways.append("a larger photo, or layers before it that shrink less")
    return (
        f"The map vanishes at {name}: maps of {size} × {size} come in{border}, and a window of "
        f"{kernel} × {kernel} does not fit into them even once, so that there is nothing left to "
        f"compute. Possible: {', '.join(ways)}."
    )
