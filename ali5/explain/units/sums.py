"""Numbers that are sums: every input channel's patch times its kernel, and the bias."""

from __future__ import annotations

import torch
from torch import Tensor

from ali5.explain.units.looking import axes_of, cut_out
from ali5.explain.units.parts import Parts
from ali5.graph.kinds import Operation
from ali5.tracing.trace import Step, Trace


def convolution(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Take one number of a convolution apart: one term for each channel of its group."""
    source, weight = trace[step.inputs[0]], step.weight
    axes = axes_of(step, source.shape)
    groups = step.settings.get("groups", 1)
    if weight is None or weight.ndim != 4 or axes is None:
        return None
    width = weight.shape[1]
    if width * groups != source.shape[1] or len(weight) != step.shape[1]:
        return None
    first = channel // (len(weight) // groups) * width
    rows, columns = axes[0].positions(row), axes[1].positions(column)
    mode = step.settings.get("padding_mode", "zeros")
    patches = cut_out(source.output[0, first : first + width], rows, columns, mode)
    bias = None if step.bias is None else float(step.bias[channel])
    return weighted(
        source.name, range(first, first + width), patches, weight[channel], bias, (rows, columns)
    )


def weighted(
    source: str,
    channels: range,
    patches: Tensor,
    weights: Tensor,
    bias: float | None,
    places: tuple[tuple[int, ...], tuple[int, ...]],
) -> Parts:
    """Multiply patches with weights, [T, h, w], and add everything up."""
    weights = weights.detach().cpu().double()
    contributions = (patches * weights).sum((1, 2))
    return Parts(
        kind="sum",
        total=float(contributions.sum()) + (bias or 0.0),
        sources=(source,) * len(channels),
        channels=tuple(channels),
        patches=patches,
        weights=weights,
        contributions=contributions,
        rows=places[:1] * len(channels),
        columns=places[1:] * len(channels),
        bias=bias,
    )


def linear(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Take one number of a fully connected layer apart.

    If its input was written out from maps, there is one term for each map: the whole map and the
    weight of each of its pixels. Otherwise there is one for each unit of the vector.
    """
    source, weight = trace[step.inputs[0]], step.weight
    if weight is None or weight.ndim != 2 or source.shape != (1, weight.shape[1]):
        return None
    if step.output.ndim != 2 or len(weight) != step.shape[1]:
        return None
    source = _maps_behind(trace, source)
    shape = (*source.shape[1:], 1, 1)[:3]
    places = tuple(range(shape[1])), tuple(range(shape[2]))
    bias = None if step.bias is None else float(step.bias[channel])
    patches = source.output.reshape(shape).cpu().double()
    weights = weight[channel].reshape(shape)
    return weighted(source.name, range(shape[0]), patches, weights, bias, places)


def _maps_behind(trace: Trace, vector: Step) -> Step:
    """Return the maps that a vector was written out from; the vector itself if there are none."""
    step = vector
    while step.output.ndim == 2 and len(step.inputs) == 1 and hands_on(trace, step):
        step = trace[step.inputs[0]]
    return step if step.output.ndim == 4 and step.shape[2:] != (1, 1) else vector


def hands_on(trace: Trace, step: Step) -> bool:
    """Tell whether a step only writes its one input down in another shape, or not even that."""
    kinds = (Operation.FLATTEN, Operation.DROPOUT, Operation.OTHER)
    if step.operation not in kinds or len(step.inputs) != 1:
        return False
    before, after = trace[step.inputs[0]].output, step.output
    return before.numel() == after.numel() and bool(
        torch.isclose(before.flatten(), after.flatten(), rtol=0, atol=0, equal_nan=True).all()
    )


def addition(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Take one number of an addition apart: one term for each input."""
    places, patches, channels = [], [], []
    for name in step.inputs:
        shape = trace[name].shape
        if len(shape) != step.output.ndim or any(
            edge not in (1, whole) for edge, whole in zip(shape, step.shape, strict=True)
        ):
            return None
        place = [
            at if edge > 1 else 0
            for at, edge in zip((channel, row, column), shape[1:], strict=False)
        ]
        patches.append(float(trace[name].output[(0, *place)]))
        channels.append(place[0])
        places.append((*place[1:], 0, 0)[:2])
    alpha = float(step.settings.get("alpha", 1))
    weights = torch.ones(len(patches), 1, 1, dtype=torch.float64)
    bias = _constant(step, channel)
    if alpha != 1 and len(patches) > 1:
        weights[1:] = alpha
    elif bias is not None:
        bias *= alpha
    values = torch.tensor(patches, dtype=torch.float64)[:, None, None]
    contributions = (values * weights).flatten()
    return Parts(
        kind="sum",
        total=float(contributions.sum()) + (bias or 0.0),
        sources=step.inputs,
        channels=tuple(channels),
        patches=values,
        weights=weights if alpha != 1 else None,
        contributions=contributions,
        rows=tuple((place[0],) for place in places),
        columns=tuple((place[1],) for place in places),
        bias=bias,
    )


def _constant(step: Step, channel: int) -> float | None:
    """Return what an addition adds beside its inputs: a number, or a parameter of the module."""
    if step.bias is not None:
        return float(step.bias[channel])
    constant = step.settings.get("constant")
    return None if constant is None else float(constant)


def average_pooling(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Take one number of an average pooling apart: the window and the share of each pixel."""
    source = trace[step.inputs[0]]
    axes = axes_of(step, source.shape)
    if axes is None:
        return None
    places = axes[0].positions(row), axes[1].positions(column)
    divisor = axes[0].counted(row) * axes[1].counted(column)
    if not step.settings.get("count_include_pad", True):
        divisor = _inside(places[0], source.shape[2]) * _inside(places[1], source.shape[3])
    divisor = step.settings.get("divisor_override") or divisor
    return average(source, channel, places, divisor)


def _inside(places: tuple[int, ...], size: int) -> int:
    return sum(0 <= place < size for place in places)


def average(
    source: Step, channel: int, places: tuple[tuple[int, ...], tuple[int, ...]], divisor: int
) -> Parts:
    """Add the numbers at these rows and columns of one map up and divide them."""
    patch = cut_out(source.output[0, channel : channel + 1], *places)
    contribution = patch.sum() / divisor
    return Parts(
        kind="average",
        total=float(contribution),
        sources=(source.name,),
        channels=(channel,),
        patches=patch,
        weights=torch.full_like(patch, 1 / divisor),
        contributions=contribution[None],
        rows=places[:1],
        columns=places[1:],
    )
