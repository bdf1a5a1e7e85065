"""The kernels of a step, with exact numbers, as the browser is sent them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ali5.tracing.trace import Step, Trace
from ali5.tracing.walls import shows_colour_kernels, vector_columns

from ...canvas.component import answer, component
from ...canvas.packing import pack

_kernels = component(__file__, "kernels")


def show_filters(step: Step, colours: str, choose: Callable[[int], None]) -> None:
    """Show every filter of a step whose filters can be shown as one tile each.

    Args:
        step: One for which `shows_all_filters` is true.
        colours: Name of the colour map.
        choose: Called with the number of one that is clicked.
    """
    weight = step.weight
    assert weight is not None
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
    _send(step, header, count, (height, width), colours, choose, np.arange(count), weight)


def show_kernels(
    step: Step,
    channel: int,
    adds: Tensor | None,
    ranked: bool,
    colours: str,
    choose: Callable[[int], None],
) -> None:
    """Show all kernels of one filter.

    Args:
        step: A convolution.
        channel: Its output channel.
        adds: What each kernel adds to the mean of the map, [I]; None if that is not known.
        ranked: Whether those that add most come first, and those that take most away last.
        colours: Name of the colour map.
        choose: Called with the number of the input channel whose kernel is clicked.
    """
    assert step.weight is not None
    weight = step.weight[channel]
    count, height, width = weight.shape
    header = {
        "kind": "kernels",
        "depth": 1,
        "noun": "kernel for input channel",
        "first": _first_input(step, channel),
        "ranked": ranked,
        "adds": adds is not None,
        "channel": channel,
        "label": f"{count:,} kernels of filter {channel} of {step.name}, {height} by {width} "
        "weights each",
    }
    order = np.arange(count)
    if ranked and adds is not None:
        order = np.argsort(-adds.numpy(), kind="stable")
    _send(step, header, count, (height, width), colours, choose, order, weight, adds)


def show_weights(
    trace: Trace,
    step: Step,
    unit: int,
    adds: Tensor | None,
    as_products: bool,
    colours: str,
    choose: Callable[[int], None],
) -> None:
    """Show the weights of one unit of a fully connected layer, or its weights times its inputs.

    Args:
        trace: The picture's way through the network.
        step: The layer.
        unit: Its number.
        adds: Each weight times its input, [F]; None if that is not known.
        as_products: Whether these are coloured, not the weights.
        colours: Name of the colour map.
        choose: Called with the number of the input that is clicked.
    """
    assert step.weight is not None
    weight = step.weight[unit]
    count = len(weight)
    columns = vector_columns(count)
    products = as_products and adds is not None
    header = {
        "kind": "weights",
        "depth": 1,
        "noun": "input",
        "first": 0,
        "ranked": products,
        "adds": adds is not None,
        "inputs": adds is not None,
        "cells": count,
        "channel": unit,
        "label": f"{count:,} weights of unit {unit} of {step.name}",
    }
    shown = adds if products and adds is not None else step.weight
    inputs = None if adds is None else trace[step.inputs[0]].output.reshape(-1)
    size = (-(-count // columns), columns)
    _send(step, header, 1, size, colours, choose, np.arange(1), weight, adds, inputs, shown=shown)


def _send(
    step: Step,
    header: dict[str, Any],
    count: int,
    size: tuple[int, int],
    colours: str,
    choose: Callable[[int], None],
    order: np.ndarray,
    *numbers: Tensor | None,
    shown: Tensor | None = None,
) -> None:
    low, high = _range(step.weight if shown is None else shown)
    words = "one range for all kernels of this step"
    if header["kind"] == "weights":
        words = "weight × input" if header["ranked"] else "one range for all weights of this step"
    header = header | {
        "count": count,
        "height": size[0],
        "width": size[1],
        "scale": [low, high],
        "colour": shows_colour_kernels(step),
        "name": f"{step.name} kernels",
        "scopeWords": words,
        "colours": colours,
        "selectable": header.get("cells", 0) > 1 or count > 1,
    }
    packed = pack(
        header,
        order.astype(np.int32).tobytes(),
        *(each.detach().float().cpu().numpy().tobytes() for each in numbers if each is not None),
    )
    _kernels(key="kernels", data=packed, on_select_change=answer("kernels", "select", choose))


def _range(values: Tensor | None) -> tuple[float, float]:
    assert values is not None
    finite = values[torch.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.numel() else (0.0, 0.0)


def _first_input(step: Step, channel: int) -> int:
    """Return the first input channel that a filter sees: with groups, each sees its own share."""
    groups: int = step.settings.get("groups", 1)
    if step.weight is None or groups == 1:
        return 0
    group = channel // (step.weight.shape[0] // groups)
    return group * step.weight.shape[1]
