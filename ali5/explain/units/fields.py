"""Where a number looks: at every step before it, and on the picture.

A box is followed back from step to step, through the very windows that lie over it. That is the
recursion of Araujo, Norris, Sim: "Computing receptive fields of convolutional neural networks",
Distill 2019, https://doi.org/10.23915/distill.00021, equations 1 and 2, for one unit instead of for
all: it also knows which branch of a concatenation a channel is from, and windows of several sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from ali5.explain.units.looking import Axes, axes_of
from ali5.explain.units.parts import check_place
from ali5.explain.units.sums import hands_on
from ali5.graph.geometry import Axis, Shares
from ali5.graph.kinds import POINTWISE, Operation
from ali5.tracing.trace import Step, Trace


class Box(NamedTuple):
    """A rectangle of a map or picture; bottom and right are exclusive. It may stick out."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    def around(self, other: Box) -> Box:
        """Return the smallest box that holds both."""
        return Box(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def clip(self, height: int, width: int) -> Box:
        """Return the part of it that is inside a map; of no height or width if there is none."""
        top, left = min(max(0, self.top), height), min(max(0, self.left), width)
        return Box(top, left, max(top, min(self.bottom, height)), max(left, min(self.right, width)))


class Growth(NamedTuple):
    """One step on the way from the picture to a number.

    Attributes:
        step: Its name.
        box: What the number looks at, in the step's own maps: shrinks to one pixel on the way.
        row: Of a unit in the middle of that box.
        column: Likewise.
        field: What this unit looks at on the picture: grows from one pixel to the receptive field.
            It may stick out.
    """

    step: str
    box: Box
    row: int
    column: int
    field: Box


@dataclass(frozen=True)
class Region:
    """What a number looks at in one step: a box of the maps, and which channels.

    Attributes:
        box: In the step's own maps; (0, 0, 1, 1) for vectors.
        channels: Of the step.
    """

    box: Box
    channels: range

    def around(self, other: Region) -> Region:
        """Return the smallest that holds both."""
        first = min(self.channels.start, other.channels.start)
        last = max(self.channels.stop, other.channels.stop)
        return Region(self.box.around(other.box), range(first, last))


def growth(
    trace: Trace, step: str, row: int = 0, column: int = 0, channel: int | None = None
) -> tuple[Growth, ...]:
    """Tell how the receptive field of a number grows from layer to layer.

    Where branches meet, the way goes along the one that sees most.

    Args:
        trace: Any trace.
        step: Name of the step that the number is in.
        row: Of its map; 0 for vectors.
        column: Likewise.
        channel: Its channel: then only the branch that it is from is followed through a
            concatenation.

    Returns:
        The steps from the picture to the number, one for each that its way goes through. The first
        field is one pixel, the last one the receptive field, and each holds the one before.

    Raises:
        UnknownName: There is no such step.
        Ali5Error: There is no such channel, row or column.
    """
    at = trace[step]
    check_place(at, channel or 0, row, column)
    channels = None if channel is None else range(channel, channel + 1)
    everything = look_back(trace, at, row, column, channels)
    way = []
    while True:
        fields = look_back(trace, at, row, column, channels, inside=False)
        picture = fields.get(trace.steps[0].name)
        if picture is None:
            break
        way.append(Growth(at.name, everything[at.name].box, row, column, picture.box))
        here = Region(Box(row, column, row + 1, column + 1), channels or _all(at))
        ways = [
            (source, part) for source, part in _inputs(trace, at, here) if source.name in everything
        ]
        if not ways:
            break
        at, part = max(ways, key=lambda found: found[0].receptive_field.size)
        box = part.box.clip(*_edges(at))
        row, column = (box.top + box.bottom - 1) // 2, (box.left + box.right - 1) // 2
        channels = part.channels
    return tuple(reversed(way))


def look_back(
    trace: Trace,
    step: Step,
    row: int,
    column: int,
    channels: range | None = None,
    *,
    inside: bool = True,
) -> dict[str, Region]:
    """Follow a number back to everything it looks at.

    Args:
        trace: Any trace.
        step: Where the number is.
        row: Of its map; 0 for vectors.
        column: Likewise.
        channels: Its channel, or several; all of them if not given.
        inside: Leave out what is padding on the way, so that no more is returned than has an
            influence. Otherwise boxes may stick out of the maps, as the usual formula has it.

    Returns:
        What is seen of each step, by its name, the step itself first and the picture last. A step
        of which only padding is seen is missing.
    """
    seen = {step.name: Region(Box(row, column, row + 1, column + 1), channels or _all(step))}
    for later in reversed(trace.steps):
        found = seen.get(later.name)
        if found is None:
            continue
        for earlier, part in _inputs(trace, later, found):
            if inside:
                box = part.box.clip(*_edges(earlier))
                if not box.height or not box.width:
                    continue
                part = Region(box, part.channels)
            before = seen.get(earlier.name)
            seen[earlier.name] = part if before is None else part.around(before)
    return seen


def _inputs(trace: Trace, step: Step, seen: Region) -> Iterable[tuple[Step, Region]]:
    """Yield what is seen of each input of a step, for what is seen of the step."""
    sources = [trace[name] for name in step.inputs]
    if step.operation is Operation.CONCATENATION and all(
        source.shape[2:] == step.shape[2:] for source in sources
    ):
        yield from _branches(step, sources, seen)
    else:
        for source in sources:
            yield source, _input(trace, step, source, seen)


def _branches(step: Step, sources: Sequence[Step], seen: Region) -> list[tuple[Step, Region]]:
    """Return what is seen of the branches of a concatenation: of one, if it is one channel."""
    found, first = [], 0
    for source in sources:
        start, stop = (
            min(max(edge - first, 0), source.shape[1])
            for edge in (seen.channels.start, seen.channels.stop)
        )
        whole_step = seen.channels == _all(step)
        if start < stop and (
            whole_step
            or torch.equal(
                source.output[:, start:stop], step.output[:, first + start : first + stop]
            )
        ):
            found.append((source, Region(seen.box, range(start, stop))))
        first += source.shape[1]
    if sum(len(region.channels) for _, region in found) == len(seen.channels):
        return found
    # The branches were cut or exchanged before they were joined.
    return [(source, Region(seen.box, _all(source))) for source in sources]


def _input(trace: Trace, step: Step, source: Step, seen: Region) -> Region:
    if step.operation is Operation.BATCH_NORM and not step.buffers:  # it measures this very map
        return Region(whole(source), seen.channels)
    if step.operation in POINTWISE and source.shape == step.shape:
        return Region(seen.box, _neighbours(step, seen.channels))
    if step.operation is Operation.ADDITION:
        return _added(step, source, seen)
    axes = axes_of(step, source.shape)
    if axes is not None:
        return Region(_under(step, axes, seen.box), _read(step, source, seen.channels))
    if len(seen.channels) == 1 and step.output.ndim == 2 and hands_on(trace, step):
        height, width = _edges(source)
        channel, place = divmod(seen.channels.start, height * width)
        row, column = divmod(place, width)
        return Region(Box(row, column, row + 1, column + 1), range(channel, channel + 1))
    return Region(whole(source), _all(source))


def _under(step: Step, axes: Axes, box: Box) -> Box:
    """Return what lies under the windows of a box."""
    top, bottom = _span(axes[0], box.top, box.bottom)
    left, right = _span(axes[1], box.left, box.right)
    found = Box(top, left, bottom, right)
    size = axes[0].size, axes[1].size
    if step.settings.get("padding_mode", "zeros") != "zeros" and found.clip(*size) != found:
        return Box(0, 0, *size)  # the padding holds pixels from elsewhere
    return found


def _span(axis: Axis | Shares, start: int, end: int) -> tuple[int, int]:
    return axis.positions(start)[0], axis.positions(end - 1)[-1] + 1


def _read(step: Step, source: Step, channels: range) -> range:
    """Return the channels of the source that the channels of a convolution or pooling read."""
    if step.operation is not Operation.CONVOLUTION:
        return channels
    groups = step.settings.get("groups", 1)
    each, width = step.shape[1] // groups, source.shape[1] // groups
    return range(channels.start // each * width, (channels.stop - 1) // each * width + width)


def _neighbours(step: Step, channels: range) -> range:
    if step.operation is not Operation.LOCAL_RESPONSE_NORM:
        return channels
    size = step.settings.get("size", step.shape[1])
    return range(
        max(0, channels.start - size // 2), min(step.shape[1], channels.stop + (size - 1) // 2)
    )


def _added(step: Step, source: Step, seen: Region) -> Region:
    """Return what is seen of a summand, which may be one number for a whole map."""
    edges, box = _edges(source), seen.box
    top, bottom = (0, 1) if edges[0] == 1 else (box.top, box.bottom)
    left, right = (0, 1) if edges[1] == 1 else (box.left, box.right)
    channels = seen.channels if source.shape[1] == step.shape[1] else _all(source)
    if source.output.ndim != step.output.ndim:
        return Region(whole(source), _all(source))
    return Region(Box(top, left, bottom, right), channels)


def _all(step: Step) -> range:
    return range(step.shape[1])


def _edges(step: Step) -> tuple[int, int]:
    height, width = (*step.shape[2:], 1, 1)[:2]
    return height, width


def whole(step: Step) -> Box:
    """Return the box around all of a step's map."""
    return Box(0, 0, *_edges(step))
