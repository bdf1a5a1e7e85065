"""Which pixels of its input one pixel of a convolution or pooling looks at."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ali5.graph.geometry import Axis, Shares, windows
from ali5.graph.kinds import POOLING
from ali5.tracing.trace import Step

Axes = tuple[Axis | Shares, Axis | Shares]


def axes_of(step: Step, before: Sequence[int]) -> Axes | None:
    """Return how the window of a convolution or pooling moves down and to the right.

    Args:
        step: Any step.
        before: Shape of its input.

    Returns:
        None if it has no window, or one that does not fit its maps.
    """
    after = step.shape
    pooling = step.operation in POOLING
    if len(before) != 4 or len(after) != 4 or (pooling and before[1] != after[1]):
        return None
    if pooling and "output_size" in step.settings:
        return Shares(before[2], after[2]), Shares(before[3], after[3])
    found = windows(step.operation, step.settings, before, after)
    if found[0] is None:
        return None
    axes = []
    for window, size, count in zip(found, before[2:], after[2:], strict=True):
        padding = window.padding
        if step.settings.get("padding") == "same":  # the odd one is at the end
            padding = window.extent - 1 - padding
        free = size + window.padding + padding - window.extent
        if not 0 <= count - free // window.stride - 1 <= bool(step.settings.get("ceil_mode")):
            return None
        axes.append(Axis(size, window, padding, count))
    return axes[0], axes[1]


def cut_out(
    maps: Tensor,
    rows: Sequence[int],
    columns: Sequence[int],
    mode: str = "zeros",
    outside: float = 0.0,
) -> Tensor:
    """Return what lies at these rows and columns of maps, [C, H, W], as [C, h, w].

    Args:
        maps: Of any kind and on any device; the result is float64 on the CPU.
        rows: Those outside 0..H-1 are padding.
        columns: Likewise.
        mode: What the padding holds: "zeros", or the map continued as "reflect", "replicate" or
            "circular".
        outside: With "zeros", what stands there instead of zero.
    """
    down, right = _indices(rows, maps.shape[1], mode), _indices(columns, maps.shape[2], mode)
    kept = maps.index_select(1, down.clamp(min=0).to(maps.device))
    patch = kept.index_select(2, right.clamp(min=0).to(maps.device)).cpu().double()
    beyond = (down < 0)[:, None] | (right < 0)
    return patch.masked_fill_(beyond, outside) if beyond.any() else patch


def _indices(places: Sequence[int], size: int, mode: str) -> Tensor:
    """Return where the numbers at these places are in the map; -1 for those of the padding."""
    index = torch.tensor(places)
    if mode == "replicate":
        return index.clamp(0, size - 1)
    if mode == "circular":
        return index % size
    if mode == "reflect":
        return size - 1 - (size - 1 - index.abs()).abs()
    return index.masked_fill_((index < 0) | (index >= size), -1)
