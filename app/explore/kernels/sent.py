"""The kernels of a step, with exact numbers, as the browser is sent them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ali5.errors import Ali5Error

from ... import engine
from ...canvas.packing import pack

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.tracing.trace import Step, Trace


def pack_kernels(trace: Trace, name: str, channel: int | None, by: str, colours: str) -> bytes:
    """Return all filters of a step, all kernels of one filter, or all weights of one unit.

    Args:
        trace: The picture's way through the network.
        name: Of a convolution or a fully connected layer.
        channel: Its output channel or unit; None for all filters, of a step for which
            `shows_all_filters` is true.
        by: "contribution": the kernels that add most come first, those that take most away last.
            "products": not the weights of a unit are coloured, but weight times input. Where that
            is not known, as anything else: the weights, in their order.
        colours: Name of the colour map.
    """
    step = trace[name]
    assert step.weight is not None
    if channel is None:
        return _filters(step, step.weight, colours)
    adds, _ = _adds_of(trace, step, channel)
    if step.weight.ndim == 2:
        return _weights(trace, step, channel, adds, by == "products", colours)
    return _kernels(step, channel, adds, by == "contribution", colours)


@dataclass(frozen=True)
class Sum:
    """What the kernels of a filter, or the weights of a unit, add up to.

    Attributes:
        refusal: Why it is not known what each of them adds; "" if it is.
        bias: What is added once; None if nothing is.
        total: The mean of the map, or the value of the unit.
    """

    refusal: str
    bias: float | None
    total: float


def sum_of(trace: Trace, name: str, channel: int) -> Sum:
    """Return what the kernels of a filter, or the weights of a unit, add up to."""
    step = trace[name]
    return Sum(
        _adds_of(trace, step, channel)[1],
        None if step.bias is None else float(step.bias[channel]),
        float(step.output[0, channel].cpu().double().mean()),
    )


def _adds_of(trace: Trace, step: Step, channel: int) -> tuple[Tensor | None, str]:
    """Return what each kernel of a filter adds to the mean of its map, [I]; or why none is known.

    Of a fully connected layer, it is each weight of a unit times its input.
    """
    from ali5.tracing.filters import input_contributions

    def work() -> tuple[Tensor | None, str]:
        try:
            return input_contributions(trace, step, channel), ""
        except Ali5Error as error:
            return None, str(error)

    return engine.once(trace, (step.name, channel, "adds"), work)


def _filters(step: Step, weight: Tensor, colours: str) -> bytes:
    count, depth, height, width = weight.shape
    header = {
        "kind": "filters",
        "depth": depth,
        "noun": "filter",
        "first": 0,
        "ranked": False,
        "adds": False,
        "label": f"{count:,} filters of {step.name}, {height} by {width} weights each",
    }
    return _pack(step, header, (count, height, width), colours, np.arange(count), weight)


def _kernels(
    step: Step, channel: int, adds: Tensor | None, by_contribution: bool, colours: str
) -> bytes:
    assert step.weight is not None
    weight = step.weight[channel]
    count, height, width = weight.shape
    header = {
        "kind": "kernels",
        "depth": 1,
        "noun": "kernel for input channel",
        "first": _first_input(step, channel),
        "ranked": by_contribution and adds is not None,
        "adds": adds is not None,
        "channel": channel,
        "label": f"{count:,} kernels of filter {channel} of {step.name}, {height} by {width} "
        "weights each",
    }
    order = np.arange(count)
    if by_contribution and adds is not None:
        order = np.argsort(-adds.numpy(), kind="stable")
    return _pack(step, header, (count, height, width), colours, order, weight, adds)


def _weights(
    trace: Trace, step: Step, unit: int, adds: Tensor | None, as_products: bool, colours: str
) -> bytes:
    from ali5.tracing.walls import vector_columns

    assert step.weight is not None
    weight = step.weight[unit]
    count = len(weight)
    columns = vector_columns(count)
    products = adds if as_products else None
    header = {
        "kind": "weights",
        "depth": 1,
        "noun": "input",
        "first": 0,
        "ranked": products is not None,
        "adds": adds is not None,
        "inputs": adds is not None,
        "cells": count,
        "channel": unit,
        "label": f"{count:,} weights of unit {unit} of {step.name}",
    }
    inputs = None if adds is None else trace[step.inputs[0]].output.reshape(-1)
    size = (1, -(-count // columns), columns)
    numbers = (weight, adds, inputs)
    return _pack(step, header, size, colours, np.arange(1), *numbers, shown=products)


def _pack(
    step: Step,
    header: dict[str, Any],
    size: tuple[int, int, int],
    colours: str,
    order: NDArray[np.intp],
    *numbers: Tensor | None,
    shown: Tensor | None = None,
) -> bytes:
    """Return a header with what all kinds have, the order, and those numbers that are known."""
    from ali5.tracing.walls import shows_colour_kernels

    count, height, width = size
    words = "one range for all kernels of this step"
    if header["kind"] == "weights":
        words = "weight × input" if header["ranked"] else "one range for all weights of this step"
    header = header | {
        "count": count,
        "height": height,
        "width": width,
        "scale": _range(step.weight if shown is None else shown),
        "colour": shows_colour_kernels(step),
        "name": f"{step.name} kernels",
        "scopeWords": words,
        "colours": colours,
        "selectable": header.get("cells", 0) > 1 or count > 1,
    }
    known = (each.detach().float().cpu().numpy() for each in numbers if each is not None)
    return pack(header, order.astype(np.int32).tobytes(), *(each.tobytes() for each in known))


def _range(values: Tensor | None) -> list[float]:
    import torch

    assert values is not None
    finite = values[torch.isfinite(values)]
    return [float(finite.min()), float(finite.max())] if finite.numel() else [0.0, 0.0]


def _first_input(step: Step, channel: int) -> int:
    """Return the first input channel that a filter sees: with groups, each sees its own share."""
    groups: int = step.settings.get("groups", 1)
    if step.weight is None or groups == 1:
        return 0
    group = channel // (step.weight.shape[0] // groups)
    return group * step.weight.shape[1]
