"""Feature maps and kernels as bytes that a browser can colour.

A wall is every channel of a step, quantised to one byte a pixel, with the `Scale` that turns the
bytes back into values. Colours are chosen where it is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ali5.errors import Ali5Error, UnknownName
from ali5.networks.devices import meets_full_memory
from ali5.tracing.tiles import LEVELS, MINUS_INFINITY, NAN, PLUS_INFINITY
from ali5.tracing.tiles import Scale as Scale
from ali5.tracing.tiles import Wall as Wall
from ali5.tracing.trace import Step, Trace

Scope = Literal["channel", "step", "network"]

MAX_WALL_BYTES = 1_000_000
"""A wall is made of smaller tiles rather than become larger than this."""

MAX_TILE_PX = 112
MIN_TILE_PX = 12


@meets_full_memory
def draw_wall(
    step: Step, scope: Scope = "step", trace: Trace | None = None, tile: int | None = None
) -> Wall:
    """Quantise all channels of a step.

    Args:
        step: Its output is [1, C, H, W], or [1, F], which becomes one map of F cells.
        scope: Whose range the colours span: each channel its own, the step, or the network.
        trace: Needed for scope "network".
        tile: Longest edge of a tile in pixels; chosen by the number of channels if not given.
            Larger maps are shrunk by area averaging; the range is that of the whole maps.

    Raises:
        UnknownName: There is no such scope.
        Ali5Error: Scope "network" without a trace.
    """
    if scope not in get_args(Scope):
        raise UnknownName("scope", scope, get_args(Scope))
    maps = maps_of(step.output)
    bounds = _bounds(maps)
    if scope == "network":
        if trace is None:
            raise Ali5Error("The range of a network needs its trace: give trace=.")
        scales: tuple[Scale, ...] = (network_scale(trace),)
    else:
        scales = _scales(bounds, per_channel=scope == "channel")
    edge = tile or min(
        MAX_TILE_PX, max(MIN_TILE_PX, math.isqrt(MAX_WALL_BYTES // max(1, len(maps))))
    )
    codes = _quantise(_shrink(maps, edge), scales, bounds.all_finite)
    height, width = maps.shape[-2:]
    return Wall(codes, scales, (height, width), _strengths(maps, bounds))


@meets_full_memory
def draw_strongest(step: Step, count: int, edge: int) -> Wall:
    """Quantise the channels of a step that have the largest mean magnitude, strongest first.

    Args:
        step: Its output is [1, C, H, W]; or [1, F] or [1, F, 1, 1], which become one map of F
            cells.
        count: How many channels, if there are as many.
        edge: Longest edge of a tile in pixels.

    Returns:
        A wall with the range of the whole step; it names the channels, but not for the one map of a
            vector.
    """
    maps = maps_of(step.output.flatten(1) if is_vector(step) else step.output)
    bounds = _bounds(maps)
    strengths = _strengths(maps, bounds)
    strongest = _strongest(strengths, count)
    scales = _scales(bounds, per_channel=False)
    codes = _quantise(_shrink(maps[strongest], edge), scales, bounds.all_finite)
    channels = None if is_vector(step) else strongest
    height, width = maps.shape[-2:]
    return Wall(codes, scales, (height, width), strengths[strongest], channels)


@meets_full_memory
def strongest_channels(step: Step, count: int) -> NDArray[np.intp]:
    """Return the numbers of the channels with the largest mean magnitude, strongest first.

    Of a vector, these are the units with the largest magnitude.
    """
    maps = step.output.reshape(-1, 1, 1) if is_vector(step) else step.output[0]
    return _strongest(_strengths(maps, _bounds(maps)), count)


@meets_full_memory
def draw_kernels(step: Step, channel: int) -> Wall | None:
    """Quantise the kernels of a convolution or the weights of a fully connected layer.

    The first layer's filters are shown all: as colour pictures if they see red, green and blue
    together, or as the one kernel that a filter over a grey picture has. Of deeper layers the
    filter of one output channel is shown, a kernel for each input channel. The range is that of the
    whole layer, so that filters can be compared.

    Args:
        step: Any step; None is returned if it has no filters.
        channel: Output channel whose filter is shown, if not all are.
    """
    weight = step.weight
    if weight is None or weight.ndim not in (2, 4):
        return None
    bounds = _bounds(weight)
    scales = _scales(bounds, per_channel=False)
    if shows_colour_kernels(step):
        kernels = weight
        codes = _quantise(weight.flatten(0, 1), scales, bounds.all_finite)
        codes = np.ascontiguousarray(codes.reshape(weight.shape).transpose(0, 2, 3, 1))
    else:
        kernels = weight[:, 0] if shows_all_filters(step) else maps_of(weight[channel][None])
        codes = _quantise(kernels, scales, all_finite=False)  # a vector's map ends in NaN
    height, width = kernels.shape[-2:]
    return Wall(codes, scales, (height, width), _strengths(kernels, _bounds(kernels)))


def shows_colour_kernels(step: Step) -> bool:
    """Tell whether a step's filters look at red, green and blue."""
    return (
        step.weight is not None
        and step.weight.ndim == 4
        and step.weight.shape[1] == 3
        and step.settings.get("groups") == 1
    )


def shows_all_filters(step: Step) -> bool:
    """Tell whether `draw_kernels` shows every filter of a step, not only one."""
    weight = step.weight
    one_kernel_each = weight is not None and weight.ndim == 4 and weight.shape[1] == 1
    return one_kernel_each or shows_colour_kernels(step)


def maps_of(output: Tensor) -> Tensor:
    """Return the maps of one picture, [C, H, W]; a vector becomes one map, filled row by row.

    The last row of such a map is filled up with NaN.
    """
    if output.ndim == 4:
        return output[0]
    vector = output.reshape(-1)
    columns = vector_columns(len(vector))
    missing = -len(vector) % columns
    return F.pad(vector, (0, missing), value=math.nan).reshape(1, -1, columns)


def is_vector(step: Step) -> bool:
    """Tell whether a step gives one number per channel, not a map."""
    return math.prod(step.shape[2:]) == 1


def vector_columns(count: int) -> int:
    """Return how many cells of a vector of `count` numbers go into one row of its map."""
    return count if count <= 16 else 2 ** math.ceil(math.log2(count) / 2)


@meets_full_memory
def step_scale(step: Step) -> Scale:
    """Return the range of a step's finite values."""
    return _scales(_bounds(maps_of(step.output)), per_channel=False)[0]


@meets_full_memory
def network_scale(trace: Trace) -> Scale:
    """Return the range of all steps, the picture and the softmax included."""
    ranges = [step_scale(step) for step in trace.steps]
    return Scale(min(s.minimum for s in ranges), max(s.maximum for s in ranges))


class _Bounds(NamedTuple):
    """Smallest and largest finite value of every channel, and whether all values are finite.

    They are on the CPU: an accelerator is waited for once, not for each number that is asked for.
    """

    low: Tensor
    high: Tensor
    all_finite: bool


def _bounds(maps: Tensor) -> _Bounds:
    flat = maps.flatten(1)
    # amin and amax one after the other: on the CPU forty times faster than aminmax over rows.
    low, high = _to_cpu(flat.amin(1), flat.amax(1))
    if torch.isfinite(low + high).all():
        return _Bounds(low, high, True)
    finite = torch.isfinite(flat)
    low = torch.where(finite, flat, math.inf).amin(1)
    high = torch.where(finite, flat, -math.inf).amax(1)
    return _Bounds(*_to_cpu(low, high), False)


def _to_cpu(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Copy both at once."""
    if low.device.type == "cpu":
        return low, high
    low, high = torch.stack((low, high)).cpu()
    return low, high


def _scales(bounds: _Bounds, per_channel: bool) -> tuple[Scale, ...]:
    low, high = bounds.low, bounds.high
    if not per_channel:
        low, high = low.min()[None], high.max()[None]
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    # A map without any finite value has its bounds the wrong way round.
    return tuple(Scale(*pair) if pair[0] <= pair[1] else Scale(0.0, 0.0) for pair in pairs)


def _shrink(maps: Tensor, edge: int) -> Tensor:
    """Average areas until the longer edge fits.

    Areas are blocks of whole pixels; where these do not go up evenly, neighbours share a row or
    column: pixels floor(i * n / m) up to ceil((i + 1) * n / m) - 1 become pixel i of m.
    """
    height, width = maps.shape[-2:]
    block = math.ceil(max(height, width) / edge)
    if block == 1:
        return maps
    return F.adaptive_avg_pool2d(maps[None], (-(-height // block), -(-width // block)))[0]


def _quantise(maps: Tensor, scales: Sequence[Scale], all_finite: bool) -> NDArray[np.uint8]:
    # value -> value * factor + shift, rounded by cutting off after adding a half. A constant map
    # is multiplied by nothing and put in the middle.
    factors = [0 if s.is_constant else LEVELS / (s.high - s.low) for s in scales]
    shifts = [
        LEVELS / 2 if s.is_constant else -s.low * factor
        for s, factor in zip(scales, factors, strict=True)
    ]
    if max(factors) > 1e30:  # values so small that their factors leave the range of 32 bits
        maps = maps.cpu().double()  # Apple's accelerators have no 64 bits
    factor, shift = (
        torch.tensor(values, device=maps.device, dtype=maps.dtype)[:, None, None]
        for values in (factors, shifts)
    )
    codes = (maps * factor).add_(shift + 0.5)
    if not all_finite:
        codes = torch.where(maps.isnan(), NAN, codes)
        codes = torch.where(maps == math.inf, PLUS_INFINITY, codes)
        codes = torch.where(maps == -math.inf, MINUS_INFINITY, codes)
    return codes.to(torch.uint8).cpu().numpy()


def _strongest(strengths: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    return np.argsort(-strengths, kind="stable")[:count].copy()


def _strengths(maps: Tensor, bounds: _Bounds) -> NDArray[np.float32]:
    flat = maps.flatten(1)
    if not bounds.all_finite:
        finite = torch.where(torch.isfinite(flat), flat, math.nan)
        strengths = finite.abs().nanmean(1).nan_to_num(0)
    elif bounds.low.min() >= 0:
        strengths = flat.mean(1)
    else:
        strengths = torch.linalg.vector_norm(flat, 1, dim=1) / flat.shape[1]
    return strengths.float().cpu().numpy()
