"""Convolution and pooling of one picture, with the whole sum behind every number.

`convolve` and `pool` give what `torch.nn.functional` gives, and `window` of the result tells how:
what lay under the kernel, what it was multiplied with, and what that adds up to. As in every deep
learning library, "convolution" is cross-correlation: the kernel is not flipped.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from ali5.errors import Ali5Error
from ali5.graph.geometry import Axis, Padding, PaddingMode, Shares, Window, move_along

PoolKind = Literal["max", "average", "l2"]

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Sum:
    """One number of a convolution, taken apart.

    Attributes:
        patch: What lay under the kernel, padding included, [C, h, w].
        weights: What it was multiplied with, [C, h, w].
        bias: What was added at the end; 0 without a bias.
        rows: Rows of the picture under the kernel, [h]; those outside 0..H-1 are padding.
        columns: Columns likewise, [w].
        total: The value in the result.
    """

    patch: Tensor
    weights: Tensor
    bias: float
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    total: float

    @property
    def products(self) -> Tensor:
        """Every pixel times its weight, [C, h, w]; they and the bias add up to the total."""
        return self.patch * self.weights

    @property
    def by_channel(self) -> Tensor:
        """What each input channel contributes, [C]."""
        return self.products.sum((1, 2))


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution of one picture.

    Attributes:
        pixels: The picture, [C, H, W].
        kernel: The filters, [O, C, h, w].
        bias: One number for each filter, [O], or None.
        rows: How the window moves down.
        columns: How it moves to the right.
        padding_mode: What lies outside the picture.
        output: The feature maps, [O, H', W'].
    """

    pixels: Tensor
    kernel: Tensor
    bias: Tensor | None
    rows: Axis
    columns: Axis
    padding_mode: PaddingMode
    output: Tensor

    @functools.cached_property
    def padded(self) -> Tensor:
        """The picture with its border, [C, H + padding, W + padding]."""
        return _pad(self.pixels, self.rows, self.columns, self.padding_mode)

    def window(self, channel: int, row: int, column: int) -> Sum:
        """Take one number of the result apart.

        Raises:
            Ali5Error: There is no such number; names the valid range.
        """
        _check_place(self.output, channel, row, column)
        patch = _patch(self.padded, self.rows, self.columns, row, column)
        return Sum(
            patch=patch,
            weights=self.kernel[channel],
            bias=0.0 if self.bias is None else float(self.bias[channel]),
            rows=self.rows.positions(row),
            columns=self.columns.positions(column),
            total=float(self.output[channel, row, column]),
        )


@dataclass(frozen=True, eq=False)
class Choice:
    """One number of a pooling, taken apart.

    Attributes:
        patch: What lay under the window, [h, w]; what is outside the picture counts as -inf for the
            maximum and as 0 otherwise, or is left out where the window hangs over the border that
            `ceil_mode` adds.
        rows: Rows of the picture under the window, [h]; those outside 0..H-1 are padding.
        columns: Columns likewise, [w].
        divisor: By what the sum was divided; 1 for the maximum and the L2 norm.
        winner: Row and column of the picture that the maximum came from, the first one if there are
            several; None for the others.
        total: The value in the result.
    """

    patch: Tensor
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    divisor: int
    winner: Pair | None
    total: float


@dataclass(frozen=True, eq=False)
class Pooling:
    """A pooling of one picture.

    Attributes:
        pixels: The picture, [C, H, W].
        kind: "max", "average" or "l2".
        rows: How the window moves down.
        columns: How it moves to the right.
        output: The smaller maps, [C, H', W'].
    """

    pixels: Tensor
    kind: PoolKind
    rows: Axis | Shares
    columns: Axis | Shares
    output: Tensor

    def window(self, channel: int, row: int, column: int) -> Choice:
        """Take one number of the result apart.

        Raises:
            Ali5Error: There is no such number; names the valid range.
        """
        _check_place(self.output, channel, row, column)
        rows, columns = self.rows.positions(row), self.columns.positions(column)
        outside = float("-inf") if self.kind == "max" else 0.0
        pixels = self.pixels[channel].cpu()  # at once, not number by number
        patch = torch.full((len(rows), len(columns)), outside, dtype=pixels.dtype)
        for i, y in enumerate(rows):
            for j, x in enumerate(columns):
                if 0 <= y < self.rows.size and 0 <= x < self.columns.size:
                    patch[i, j] = pixels[y, x]
        winner, divisor = None, 1
        if self.kind == "max":
            best = int(patch.flatten().argmax())
            winner = rows[best // len(columns)], columns[best % len(columns)]
        elif self.kind == "average":
            divisor = self.rows.counted(row) * self.columns.counted(column)
        total = float(self.output[channel, row, column])
        return Choice(patch, rows, columns, divisor, winner, total)


def convolve(
    pixels: Tensor,
    kernel: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int | Pair = 1,
    padding: Padding | Pair = "valid",
    dilation: int | Pair = 1,
    padding_mode: PaddingMode = "zeros",
) -> Convolution:
    """Move kernels over a picture.

    Args:
        pixels: [C, H, W].
        kernel: Filters, [O, C, h, w].
        bias: Added to each feature map, [O].
        stride: Pixels between two positions of the window.
        padding: "valid" adds no border and shrinks the picture; "same" adds as much as gives
            ceil(size / stride) pixels, the odd one at the end; "full" adds so much that every pixel
            meets every weight; a number adds as many pixels on each side.
        dilation: Pixels between two taps of the kernel.
        padding_mode: What the border holds: "zeros", the picture mirrored at its edge ("reflect"),
            its edge repeated ("replicate"), or its other side ("circular").

    Raises:
        Ali5Error: A setting is not possible; names it and its valid range.
    """
    pixels = _check_pixels(pixels)
    if not isinstance(kernel, Tensor) or kernel.ndim != 4 or 0 in kernel.shape:
        raise Ali5Error("kernel must be filters of shape [O, C, h, w] with nothing empty.")
    if kernel.shape[1] != pixels.shape[0]:
        raise Ali5Error(
            f"kernel is for {kernel.shape[1]} channels, the picture has {pixels.shape[0]}. "
            "Every filter needs one kernel for each channel."
        )
    kernel = kernel.to(pixels.dtype)
    if bias is not None:
        if bias.shape != kernel.shape[:1]:
            raise Ali5Error(f"bias must hold one number for each of {len(kernel)} filters.")
        bias = bias.to(pixels.dtype)
    if padding_mode not in get_args(PaddingMode):
        raise Ali5Error(f"padding_mode must be one of {', '.join(get_args(PaddingMode))}.")
    strides, dilations = _pair("stride", stride, 1), _pair("dilation", dilation, 1)
    rows, columns = (
        move_along(
            "HW"[axis],
            pixels.shape[1 + axis],
            kernel.shape[2 + axis],
            strides[axis],
            dilations[axis],
            padding[axis] if isinstance(padding, tuple) else padding,
            padding_mode,
        )
        for axis in (0, 1)
    )
    output = F.conv2d(
        _pad(pixels, rows, columns, padding_mode)[None], kernel, bias, strides, 0, dilations
    )[0]
    return Convolution(pixels, kernel, bias, rows, columns, padding_mode, output)


def pool(
    pixels: Tensor,
    kind: PoolKind = "max",
    *,
    kernel: int | Pair,
    stride: int | Pair | None = None,
    padding: int | Pair = 0,
    ceil_mode: bool = False,
) -> Pooling:
    """Move a window over every channel of a picture and keep one number of each.

    Args:
        pixels: [C, H, W].
        kind: "max", "average", or "l2", the root of the sum of squares. `torch`'s `lp_pool2d` gives
            the same where no window hangs over; there it makes up for what is missing, we do not.
        kernel: Edge of the window.
        stride: Pixels between two positions of the window; its edge if not given.
        padding: Border on each side, at most half the window: -inf for the maximum, zeros
            otherwise, which count for the average.
        ceil_mode: Whether a window may hang over the border at the end.

    Raises:
        Ali5Error: A setting is not possible; names it and its valid range.
    """
    pixels = _check_pixels(pixels)
    if kind not in get_args(PoolKind):
        raise Ali5Error(f"kind must be one of {', '.join(get_args(PoolKind))}.")
    kernels = _pair("kernel", kernel, 1)
    strides = _pair("stride", kernels if stride is None else stride, 1)
    paddings = _pair("padding", padding, 0)
    axes = []
    for axis in (0, 1):
        size, edge, border = pixels.shape[1 + axis], kernels[axis], paddings[axis]
        if border > edge // 2:
            raise Ali5Error(
                f"padding may be 0 to {edge // 2}, half the window, not {border}: more would make "
                "windows that see nothing of the picture."
            )
        if edge > size + 2 * border:
            raise Ali5Error(
                f"kernel may be 1 to {size + 2 * border} along {'HW'[axis]}, not {edge}: the "
                "window must fit into the picture."
            )
        free = size + 2 * border - edge
        count = free // strides[axis] + 1
        if ceil_mode and free % strides[axis] and count * strides[axis] < size + border:
            count += 1  # the last window must begin inside the picture or its first border
        axes.append(Axis(size, Window(edge, strides[axis], border), border, count, ceil_mode))
    how = (kernels, strides, paddings)
    if kind == "max":
        output = F.max_pool2d(pixels[None], *how, ceil_mode=ceil_mode)[0]
    elif kind == "average":
        output = F.avg_pool2d(pixels[None], *how, ceil_mode=ceil_mode)[0]
    else:
        squares = pixels[None].square()
        output = F.avg_pool2d(squares, *how, ceil_mode=ceil_mode, divisor_override=1)[0].sqrt()
    return Pooling(pixels, kind, axes[0], axes[1], output)


def pool_adaptively(
    pixels: Tensor, kind: Literal["max", "average"] = "average", *, size: int | Pair = 1
) -> Pooling:
    """Divide every channel among so many windows that the result has a given size.

    With `size` 1, one window covers the whole map: global pooling (Lin, Chen, Yan 2014, "Network in
    network", section 3.2), with which GoogLeNet and ResNet end.

    Args:
        pixels: [C, H, W].
        kind: "max" or "average".
        size: Rows and columns of the result, at most those of the picture.

    Raises:
        Ali5Error: A setting is not possible; names it and its valid range.
    """
    pixels = _check_pixels(pixels)
    if kind not in ("max", "average"):
        raise Ali5Error("kind must be max or average.")
    sizes = _pair("size", size, 1)
    for letter, wanted, edge in zip("HW", sizes, pixels.shape[1:], strict=True):
        if wanted > edge:
            raise Ali5Error(
                f"size may be 1 to {edge} along {letter}, not {wanted}: every window needs a pixel "
                "of its own."
            )
    rows, columns = (Shares(pixels.shape[1 + axis], sizes[axis]) for axis in (0, 1))
    function = F.adaptive_max_pool2d if kind == "max" else F.adaptive_avg_pool2d
    output = function(pixels[None], sizes)[0]
    return Pooling(pixels, kind, rows, columns, output)


def _check_pixels(pixels: Tensor) -> Tensor:
    if not isinstance(pixels, Tensor) or pixels.ndim != 3 or 0 in pixels.shape:
        raise Ali5Error("pixels must be a picture of shape [C, H, W] with nothing empty.")
    return pixels if pixels.is_floating_point() else pixels.float()


def _pair(name: str, value: int | Pair, least: int) -> Pair:
    first, second = value if isinstance(value, tuple) and len(value) == 2 else (value, value)
    return _whole_number(name, first, least), _whole_number(name, second, least)


def _whole_number(name: str, value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Ali5Error(f"{name} must be a whole number from {least}, not {value!r}.")
    return value


def _pad(pixels: Tensor, rows: Axis, columns: Axis, mode: PaddingMode) -> Tensor:
    border = (columns.window.padding, columns.after, rows.window.padding, rows.after)
    if not any(border):
        return pixels
    return F.pad(pixels[None], border, "constant" if mode == "zeros" else mode)[0]


def _patch(padded: Tensor, rows: Axis, columns: Axis, row: int, column: int) -> Tensor:
    down = [each + rows.window.padding for each in rows.positions(row)]
    right = [each + columns.window.padding for each in columns.positions(column)]
    return padded[:, down][:, :, right]


def _check_place(output: Tensor, channel: int, row: int, column: int) -> None:
    for name, value, count in zip(
        ("channel", "row", "column"), (channel, row, column), output.shape, strict=True
    ):
        if not 0 <= value < count:
            raise Ali5Error(f"{name} may be 0 to {count - 1}, not {value}.")
