"""One unit as the browser is sent it: its map, the picture, and the maps that it is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ali5.graph.kinds import Operation

from ... import engine
from ...canvas.packing import pack
from ...canvas.seen import seen_picture
from ...words import number_in_words, plain, share_in_words
from .letters import Arrays, array_of, classes_of, seen_by
from .settings import Look, Place, unit_id

if TYPE_CHECKING:
    from ali5.explain import Unit
    from ali5.tracing.trace import Step, Trace
    from ali5.tracing.walls import Scale, Wall

TILES_BYTES = 300_000
"""The pictures of all input channels are made smaller rather than take more than this together."""

LARGEST_TILE_PX, SMALLEST_TILE_PX = 112, 7

_RESCALING = (Operation.BATCH_NORM, Operation.LOCAL_RESPONSE_NORM)
"""Steps whose input and output have ranges too different for one scale."""


def strongest(step: Step, channel: int) -> Place:
    """Return the row and column of the largest value of a map; (0, 0) for vectors."""
    from ali5.tracing.walls import is_vector

    if is_vector(step):
        return 0, 0
    values = _map(step, channel)
    row, column = divmod(int(np.argmax(np.nan_to_num(values, nan=-np.inf))), values.shape[1])
    return row, column


def strongest_of(trace: Trace, name: str, channel: int) -> Place:
    """Return the row and column of the largest value of a map of a step; (0, 0) for vectors."""
    return strongest(trace[name], channel)


def about_unit(trace: Trace, name: str, channel: int) -> str:
    """Say of a channel how much of it is active and where it is strongest, as Markdown."""
    import torch

    from ali5.tracing.walls import is_vector

    step = trace[name]
    count = step.shape[1]
    values = step.output[0, channel]
    if values.numel() == 1:
        value = float(values)
        rank = int((step.output[0].flatten() > value).sum()) + 1
        classes = classes_of(trace, step)
        stands_for = f", the class “{plain(classes[channel])}”" if classes else ""
        words = share_in_words(value) if step.operation == "softmax" else number_in_words(value)
        noun = "Unit" if is_vector(step) else "Channel"
        return (
            f"**{noun} {channel} of {count:,}{stands_for}:** {words}, "
            f"number {rank:,} of {count:,} by size."
        )
    row, column = strongest(step, channel)
    active = float((values > 0).float().mean())
    above = "above zero" if step.operation == "input" else "active (above zero)"
    broken = int((~torch.isfinite(values)).sum())
    said = f" {broken:,} of its values are not finite." if broken else ""
    return (
        f"**Channel {channel} of {count:,}:** {share_in_words(active)} {above}, "
        f"strongest at row {row}, column {column} with "
        f"{number_in_words(float(values[row, column]))}.{said}"
    )


def pack_unit(
    trace: Trace, name: str, channel: int, view: Look, picture: Image.Image, caption: str
) -> bytes:
    """Return all that is the same for every pixel of a channel.

    Args:
        trace: The picture's way through the network.
        name: Of one of its steps.
        channel: Of the step: a map, or a unit of a vector.
        view: How it is looked at.
        picture: As it was brought.
        caption: What is written under what the visitor saves.
    """
    from ali5.explain import unit
    from ali5.tracing.walls import Scale, is_vector, maps_of, network_scale, step_scale

    body, step = Arrays(), trace[name]
    vector = is_vector(step)
    place = strongest(step, channel)
    here = unit(trace, name, channel, *(view.at or place))
    values = maps_of(step.output.flatten(1))[0] if vector else maps_of(step.output)[channel]
    scale = network_scale(trace) if view.scope == "network" else step_scale(step)
    sources = _sources(trace, step, here)
    if sources and step.operation not in _RESCALING:
        # The same colour means the same value in all of them.
        ranges = [scale, *(source["scale"] for source in sources)]
        scale = Scale(min(s.minimum for s in ranges), max(s.maximum for s in ranges))
        for source in sources:
            source["scale"] = scale
    noun = "unit" if vector else "channel"
    header = {
        "id": unit_id(engine.name_of(trace), name, channel),
        "step": step.name,
        "operation": str(step.operation),
        "channel": channel,
        "count": step.shape[1],
        "noun": noun,
        "vector": vector,
        "caption": caption,
        "settings": view.as_sent(),
        "colours": view.colours,
        "strongest": place,
        "rescales": step.operation in _RESCALING,
        "foldable": step.inputs[0] if here.foldable else None,
        "classes": classes_of(trace, step),
        "map": {
            "height": values.shape[0],
            "width": values.shape[1],
            "scale": _range(scale),
            "words": "range of the network" if view.scope == "network" else "range of the step",
            "title": f"{step.name}, all {step.shape[1]:,} units"
            if vector
            else f"{step.name}, channel {channel}",
            "values": body.put(array_of(values), "f4"),
        },
        "photo": _photo(trace, picture, body),
        "field": _field(trace, step, channel),
        "sources": [_packed_source(source, body) for source in sources],
        "tiles": _tiles(trace, step, here, body),
        "branches": _branches(trace, step),
        "roles": _roles(trace, step),
        "inputWords": " and ".join(step.inputs),
    }
    return pack(header, *body.parts)


def _map(step: Step, channel: int) -> NDArray[np.float32]:
    from ali5.tracing.walls import maps_of

    return array_of(maps_of(step.output)[channel])


def _range(scale: Scale) -> list[float]:
    return [scale.minimum, scale.maximum]


def _photo(trace: Trace, picture: Image.Image, body: Arrays) -> dict[str, Any]:
    seen = np.asarray(seen_picture(picture, trace.network.edition.preprocessing))
    return {
        "height": seen.shape[0],
        "width": seen.shape[1],
        "rows": trace.image.shape[2],
        "columns": trace.image.shape[3],
        "bytes": body.put(seen, "u1"),
    }


def _field(trace: Trace, step: Step, channel: int) -> dict[str, list[int]]:
    """Return [size, stride, offset] of where the units of a channel look, down and across."""
    height, width = (*step.shape[2:], 1, 1)[:2]
    start = seen_by(trace, step, channel, 0, 0)
    next_ = seen_by(trace, step, channel, min(1, height - 1), min(1, width - 1))
    return {
        name: [start[axis + 2] - start[axis], next_[axis] - start[axis], start[axis]]
        for axis, name in enumerate(("rows", "columns"))
    }


def _windows(step: Step, source: Step, found: Unit | None = None) -> dict[str, list[list[int]]]:
    """Return which rows and columns of a source each row and column of a step looks at."""
    from ali5.explain.units.looking import axes_of
    from ali5.tracing.walls import is_vector

    height, width = (*step.shape[2:], 1, 1)[:2]
    before = (*source.shape[2:], 1, 1)[:2]
    axes = axes_of(step, source.shape)
    if axes is not None:
        spans = [
            [[places[0], places[-1] + 1] for places in map(axis.positions, range(count))]
            for axis, count in zip(axes, (height, width), strict=True)
        ]
    elif found is not None and is_vector(step) and found.rows:
        spans = [[[places[0], places[-1] + 1]] for places in (found.rows[0], found.columns[0])]
    else:
        spans = [
            [[index, index + 1] if edge == count else [0, edge] for index in range(count)]
            for edge, count in zip(before, (height, width), strict=True)
        ]
    return {"rows": spans[0], "columns": spans[1]}


_WORDS: Mapping[str, str] = {"largest": "the largest of", "average": "the average of"}


def _sources(trace: Trace, step: Step, found: Unit) -> list[dict[str, Any]]:
    """Describe the maps that a channel is made of, for steps that keep channels apart."""
    from ali5.tracing.walls import is_vector, step_scale

    if found.kind == "sum" and found.weights is not None and len(found.sources) > 0:
        return []
    pairs = list(dict.fromkeys(zip(found.sources, found.channels, strict=True)))
    if len(pairs) > 3:  # neighbours, of which it is one
        pairs = [(step.inputs[0], found.channel)]
    maps = [(trace[name], channel) for name, channel in pairs if not is_vector(trace[name])]
    return [
        {
            "name": source.name,
            "title": f"its input: {source.name}, channel {channel}",
            "words": _WORDS.get(found.kind, f"{source.name}:"),
            "kind": found.kind,
            "scale": step_scale(source),
            "map": _map(source, channel),
            "windows": _windows(step, source, found),
        }
        for source, channel in maps
    ]


def _packed_source(source: dict[str, Any], body: Arrays) -> dict[str, Any]:
    values = source.pop("map")
    return {
        **source,
        "scale": _range(source["scale"]),
        "height": values.shape[0],
        "width": values.shape[1],
        "values": body.put(values, "f4"),
    }


def _tiles(trace: Trace, step: Step, found: Unit, body: Arrays) -> dict[str, Any] | None:
    """Describe the pictures of all input channels of a weighted sum over maps."""
    from ali5.explain import unit

    fold = found.foldable and trace[step.inputs[0]]
    if fold:
        found = unit(trace, fold.name, found.channel, found.row, found.column)
        step = fold
    if found.kind != "sum" or found.weights is None or not found.sources:
        return None
    source = trace[found.sources[0]]
    if source.output.ndim != 4 or len(set(found.sources)) > 1:
        return None
    wall = _wall(trace, source)
    first, count = found.channels[0], len(found.channels)
    return {
        "name": source.name,
        "first": first,
        "height": wall.codes.shape[1],
        "width": wall.codes.shape[2],
        "mapHeight": source.shape[2],
        "mapWidth": source.shape[3],
        "scale": _range(wall.scales[0]),
        "codes": body.put(wall.codes[first : first + count], "u1"),
        "windows": _windows(step, source, found),
    }


def _wall(trace: Trace, source: Step) -> Wall:
    """Return the small pictures of all channels of a step, made once for each trace."""
    from ali5.tracing.walls import draw_wall

    edge = math.isqrt(TILES_BYTES // source.shape[1])
    tile = max(SMALLEST_TILE_PX, min(LARGEST_TILE_PX, edge))
    return engine.once(trace, (source.name, "tiles"), lambda: draw_wall(source, tile=tile))


def _branches(trace: Trace, step: Step) -> list[dict[str, Any]]:
    """Return which channels of a concatenation came from which step."""
    if step.operation is not Operation.CONCATENATION:
        return []
    sizes = [trace[name].shape[1] for name in step.inputs]
    if sum(sizes) != step.shape[1]:
        return []
    starts = np.cumsum([0, *sizes[:-1]]).tolist()
    return [
        {"name": name, "first": first, "size": size}
        for name, first, size in zip(step.inputs, starts, sizes, strict=True)
    ]


def _roles(trace: Trace, step: Step) -> list[str]:
    """Tell the shortcut of a residual addition from what its block computes, in order of inputs."""
    if step.operation is not Operation.ADDITION or len(step.inputs) != 2:
        return []
    one, other = (_lineage(trace, name) for name in step.inputs)
    common = [name for name in one if name in other]
    if not common:
        return []
    shared = common[0]
    lengths = [lineage.index(shared) for lineage in (one, other)]
    if lengths[0] == lengths[1]:
        return []
    shortcut = lengths.index(min(lengths))
    names = ["x" if min(lengths) == 0 else "x, fitted", "F(x)"]
    return [f"{names[0 if i == shortcut else 1]}: " for i in range(2)]


def _lineage(trace: Trace, name: str) -> list[str]:
    """Return a step and those before it along its first inputs."""
    found = [name]
    while trace[found[-1]].inputs:
        found.append(trace[found[-1]].inputs[0])
    return found
