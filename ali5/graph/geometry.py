"""How windows move over maps, and where a unit looks: its field, from the windows along the way.

The recursions are those of Araujo, Norris, Sim: "Computing receptive fields of convolutional neural
networks", Distill 2019, https://doi.org/10.23915/distill.00021, equations 3 to 5. We count `offset`
from the first pixel of the picture to the first pixel of the field (the article's u_0), and join
branches by the smallest field that holds them all (the article's largest path).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ali5.errors import Ali5Error
from ali5.graph.kinds import POOLING, REACH, Operation, Settings

Padding = Literal["valid", "same", "full"] | int
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]


@dataclass(frozen=True)
class Window:
    """What one output pixel of a convolution or pooling covers on its input, along one axis."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def extent(self) -> int:
        """First to last pixel covered."""
        return (self.kernel - 1) * self.dilation + 1


@dataclass(frozen=True)
class Axis:
    """How a window moves along one axis of a picture.

    Attributes:
        size: Pixels of the picture.
        window: Kernel, stride and dilation; its padding is that before the first pixel.
        after: Padding behind the last pixel.
        count: Positions of the window: pixels of the result.
        over: Whether a last window may hang over the end.
    """

    size: int
    window: Window
    after: int
    count: int
    over: bool = False

    @property
    def formula(self) -> str:
        """The size of the result as an equation with its numbers filled in."""
        padding = self.window.padding + self.after
        extent, stride = self.window.extent, self.window.stride
        if self.over:
            fits = -(-(self.size + padding - extent) // stride) + 1
            less = "" if fits == self.count else " − 1 (the last window would begin outside)"
            return f"⌈({self.size} + {padding} − {extent}) / {stride}⌉ + 1{less} = {self.count}"
        return f"⌊({self.size} + {padding} − {extent}) / {stride}⌋ + 1 = {self.count}"

    def positions(self, index: int) -> tuple[int, ...]:
        """Return the pixels under the window at one position; outside the picture is padding."""
        first = index * self.window.stride - self.window.padding
        return tuple(first + tap * self.window.dilation for tap in range(self.window.kernel))

    def counted(self, index: int) -> int:
        """Return over how many pixels an average is taken at one position.

        Padding counts as zeros, but not what a window hangs over beyond it.
        """
        end = self.size + self.window.padding
        return sum(place < end for place in self.positions(index))


@dataclass(frozen=True)
class Shares:
    """How one axis of a picture is divided among a fixed number of windows.

    Attributes:
        size: Pixels of the picture.
        count: Windows: pixels of the result. Neighbours overlap if it does not divide the size.
    """

    size: int
    count: int

    @property
    def formula(self) -> str:
        """Where the windows begin and end, as an equation with its numbers filled in."""
        return (
            f"window i: ⌊i · {self.size} / {self.count}⌋ to ⌈(i + 1) · {self.size} / {self.count}⌉"
        )

    def positions(self, index: int) -> tuple[int, ...]:
        """Return the pixels of one window."""
        end = -(-(index + 1) * self.size // self.count)
        return tuple(range(index * self.size // self.count, end))

    def counted(self, index: int) -> int:
        """Return over how many pixels an average is taken in one window."""
        return len(self.positions(index))


@dataclass(frozen=True)
class Span:
    """A receptive field along one axis, in pixels of the prepared picture.

    Attributes:
        size: Pixels one unit can see.
        stride: Pixels between the fields of neighbouring units; 0 if all units see the same.
        offset: First pixel that the first unit sees; negative if that is padding.
    """

    size: int
    stride: int
    offset: int

    def through(self, window: Window) -> Span:
        """Return the field after a window has moved over maps with this field."""
        return Span(
            size=self.size + (window.extent - 1) * self.stride,
            stride=self.stride * window.stride,
            offset=self.offset - window.padding * self.stride,
        )

    def whole(self, count: int) -> Span:
        """Return the field of something that sees all `count` units at once."""
        return Span(self.size + (count - 1) * self.stride, 0, self.offset)


@dataclass(frozen=True)
class ReceptiveField:
    """The rectangle of the prepared picture that a unit can see."""

    rows: Span
    columns: Span

    @property
    def size(self) -> int:
        """Edge of the field in pixels (the longer one, if it is not square)."""
        return max(self.rows.size, self.columns.size)

    @property
    def stride(self) -> int:
        """Pixels between the fields of neighbouring units; 0 if all units see the same."""
        return max(self.rows.stride, self.columns.stride)

    @property
    def offset(self) -> int:
        """First row and column that unit (0, 0) sees; negative if that is padding."""
        return min(self.rows.offset, self.columns.offset)

    def box(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Return (top, left, bottom, right) of one unit's field; the last two are exclusive."""
        top = self.rows.offset + row * self.rows.stride
        left = self.columns.offset + column * self.columns.stride
        return top, left, top + self.rows.size, left + self.columns.size


PIXEL = ReceptiveField(Span(1, 1, 0), Span(1, 1, 0))
"""The field of the picture itself: every pixel sees itself."""


def field_after(
    operation: Operation,
    settings: Settings,
    inputs: Sequence[tuple[ReceptiveField, Sequence[int]]],
    shape: Sequence[int],
    picture: Sequence[int],
) -> ReceptiveField:
    """Return the receptive field of a step.

    Args:
        operation: What the step does.
        settings: Its settings.
        inputs: Receptive field and shape of each input.
        shape: Of the step's output.
        picture: Shape of the network's input, [1, C, H, W].
    """
    if REACH[operation] == "itself":
        return PIXEL
    joined = _join([field for field, _ in inputs], picture)
    first = inputs[0][1]
    if REACH[operation] == "place":
        return joined
    if len(first) < 4:  # vectors: a unit of the input has no place any more
        return joined
    rows, columns = windows(operation, settings, first, shape)
    if rows is None or columns is None:
        return ReceptiveField(joined.rows.whole(first[2]), joined.columns.whole(first[3]))
    return ReceptiveField(joined.rows.through(rows), joined.columns.through(columns))


def windows(
    operation: Operation, settings: Settings, before: Sequence[int], after: Sequence[int]
) -> tuple[Window, Window] | tuple[None, None]:
    """Return the windows of a step along rows and columns, or (None, None) if it sees everything.

    Args:
        operation: What the step does.
        settings: Its settings.
        before: Shape of its input, [N, C, H, W].
        after: Shape of its output.
    """
    pooling = operation in POOLING
    if pooling and "output_size" in settings:
        if before[2] % after[2] or before[3] % after[3]:
            return None, None  # windows of several sizes: say the safe thing
        steps = before[2] // after[2], before[3] // after[3]
        return Window(steps[0], steps[0]), Window(steps[1], steps[1])
    if "kernel_size" not in settings or REACH[operation] != "window":
        return None, None
    kernel = _pair(settings["kernel_size"])
    stride = _pair(settings.get("stride") or (kernel if pooling else 1))
    dilation = _pair(settings.get("dilation", 1))
    padding = settings.get("padding", 0)
    if padding == "same":  # the extra pixel of an even extent goes to the end
        padding = tuple((k - 1) * d // 2 for k, d in zip(kernel, dilation, strict=True))
    padding = (0, 0) if padding == "valid" else _pair(padding)
    rows, columns = (
        Window(kernel[axis], stride[axis], padding[axis], dilation[axis]) for axis in (0, 1)
    )
    return rows, columns


def move_along(
    letter: str,
    size: int,
    kernel: int,
    stride: int,
    dilation: int,
    padding: Padding,
    mode: PaddingMode,
) -> Axis:
    """Work out how a window moves along one axis.

    Args:
        letter: What to call the axis in a refusal, "H" or "W".
        size: Pixels of the picture.
        kernel: Pixels of the window.
        stride: Pixels between two positions of the window.
        dilation: Pixels between two taps of the kernel.
        padding: "valid" adds no border; "same" adds as much as gives ceil(size / stride) positions,
            the odd pixel at the end; "full" adds so much that every pixel meets every weight; a
            number adds as many pixels on each side.
        mode: What the border holds, as `padding_mode` of PyTorch's convolutions.

    Raises:
        Ali5Error: The window does not fit; names the setting and its valid range.
    """
    extent = (kernel - 1) * dilation + 1
    if padding == "valid":
        before = after = 0
    elif padding == "full":
        before = after = extent - 1
    elif padding == "same":
        whole = max((-(-size // stride) - 1) * stride + extent - size, 0)
        before, after = whole // 2, whole - whole // 2
    elif isinstance(padding, int) and not isinstance(padding, bool) and padding >= 0:
        before = after = padding
    else:
        raise Ali5Error(
            f"padding must be 'valid', 'same', 'full' or a whole number from 0, not {padding!r}."
        )
    most = {"reflect": size - 1, "circular": size}.get(mode)
    if most is not None and after > most:
        raise Ali5Error(
            f"padding may be 0 to {most} along {letter} with padding_mode '{mode}', not {after}: "
            "there is no more of the picture to take."
        )
    if extent > size + before + after:
        raise Ali5Error(
            f"kernel and dilation may span 1 to {size + before + after} pixels along {letter}, not "
            f"{extent}: the window must fit into the picture with its border."
        )
    count = (size + before + after - extent) // stride + 1
    return Axis(size, Window(kernel, stride, before, dilation), after, count)


def _pair(value: Any) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    first, *rest = value
    return int(first), int(rest[0] if rest else first)


def _join(fields: Sequence[ReceptiveField], picture: Sequence[int]) -> ReceptiveField:
    return ReceptiveField(
        _join_spans([field.rows for field in fields], picture[2]),
        _join_spans([field.columns for field in fields], picture[3]),
    )


def _join_spans(spans: Sequence[Span], edge: int) -> Span:
    if len({span.stride for span in spans}) > 1:
        return Span(edge, 0, 0)  # maps of several resolutions: say the safe thing
    start = min(span.offset for span in spans)
    end = max(span.offset + span.size for span in spans)
    return Span(end - start, spans[0].stride, start)
