"""A unit's way back to the picture in the browser, and what it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ... import engine
from ...canvas.packing import Body, pack
from ...canvas.seen import seen_picture

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.explain.deconvolution.deconvolution import Stage
    from ali5.explain.units.fields import Box
    from ali5.tracing.trace import Trace

MOST = 4
"""Channels of a stage that are shown."""

TILE_PX = 112
"""Larger maps are shrunk to this edge."""

TITLES = {
    "keep": "One unit",
    "unpool": "Unpool",
    "rectify": "Rectify",
    "filter": "Filter back",
    "weigh": "Weigh back",
    "scale": "Scale",
    "spread": "Spread",
    "split": "Split",
    "share": "Both sides",
    "lay out": "Lay out",
    "pass": "Pass on",
    "skip": "Pass on",
    "join": "Add",
}
"""What to call what was done."""

_SAME_CHANNELS = ("unpool", "rectify", "scale", "pass", "skip", "share")
"""What leaves the channels as they are: the same ones are shown before and after."""


def pack_stages(
    trace: Trace,
    step: str,
    channel: int,
    row: int | None,
    column: int | None,
    picture: Image.Image,
    colours: str,
) -> bytes:
    """Return what a unit's way back to the picture is sent; arguments as for `ali5.deconvolve`.

    Args:
        trace, step, channel, row, column: As there.
        picture: As it was brought.
        colours: Name of the colour map.

    Raises:
        Ali5Error: There is no such unit, or no way back from it.
    """
    from ali5.explain.deconvolution.deconvolution import place_of

    strongest = row is None or column is None
    row, column = place_of(trace, step, channel, row, column)
    unit = (step, channel, row, column)

    def work() -> tuple[dict[str, Any], bytes]:
        with engine.slot():
            return _draw(trace, *unit, picture)

    header, body = engine.once(trace, (*unit, "deconvolution"), work)
    return pack(header | {"strongest": strongest, "colours": colours}, body)


def _draw(
    trace: Trace, step: str, channel: int, row: int, column: int, picture: Image.Image
) -> tuple[dict[str, Any], bytes]:
    """Walk back once and keep of every stage what is shown of it."""
    from ali5.explain.deconvolution.deconvolution import walk_back
    from ali5.tracing.walls import is_vector

    body = Body()
    stages: list[dict[str, Any]] = []
    number: dict[str, int] = {}
    value = 0.0
    for stage in walk_back(trace, step, channel, row, column):
        sources = [number[name] for name in stage.undone]
        if stage.kind == "keep":
            channels, value = [channel], float(stage.signal[channel, row, column])
        elif stage.kind in _SAME_CHANNELS:
            channels = stages[sources[0]]["channels"]
        else:
            channels = _strongest(stage.signal)
        number[stage.step] = len(stages)
        stages.append(_describe(trace, stage, channels, body) | {"from": sources})
    photo = np.asarray(seen_picture(picture, trace.network.edition.preprocessing))
    top, left, bottom, right = stage.box
    painted, high = _in_colour(stage.signal[:, top:bottom, left:right])
    header = {
        "unit": {
            "step": step,
            "channel": channel,
            "row": row,
            "column": column,
            "value": value,
            "vector": is_vector(trace[step]),
        },
        "stages": stages,
        "limits": {"most": MOST},
        "crop": stage.box,
        "painted": {"at": body.add(painted.tobytes()), "high": high},
        "photo": {
            "at": body.add(photo.tobytes()),
            "height": photo.shape[0],
            "width": photo.shape[1],
        },
    }
    return header, b"".join(body.parts)


def _strongest(signal: Tensor) -> list[int]:
    """Return the channels with the most signal above zero, which a ReLU lets pass, most first."""
    import torch

    signal = signal.nan_to_num()
    above = signal.clamp(min=0).sum((1, 2))
    sums = above if above.any() else signal.abs().sum((1, 2))
    order = torch.argsort(sums, descending=True, stable=True)[:MOST].tolist()
    return [each for each in order if sums[each] > 0] or order[:1]


def _describe(trace: Trace, stage: Stage, channels: list[int], body: Body) -> dict[str, Any]:
    """Return what the browser is told of a stage; append its maps and switches to the body."""
    from ali5.explain.units.fields import Box
    from ali5.tracing.walls import draw_wall, is_vector

    step, signal = trace[stage.step], stage.signal
    vector = is_vector(step)
    height, width = signal.shape[1:]
    seen = Box(0, 0, height, width) if vector else _with_surroundings(stage.box, height, width)
    part = signal[:, seen.top : seen.bottom, seen.left : seen.right]
    maps = signal[None, :, 0, 0] if vector else part[channels][None]
    wall = draw_wall(replace(step, output=maps), tile=TILE_PX)
    count, tile_height, tile_width = wall.codes.shape
    field = step.receptive_field
    return {
        "step": stage.step,
        "short": stage.step.removeprefix(f"{step.block}."),
        "kind": stage.kind,
        "same": stage.kind in _SAME_CHANNELS,
        "title": TITLES[stage.kind],
        "sentence": stage.sentence,
        "map": [height, width],
        "count": len(signal),
        "live": int((signal != 0).flatten(1).any(1).sum()),
        "values": int((signal != 0).sum()),
        "cells": len(signal) if vector else 0,
        "channels": channels,
        "seen": seen,
        "box": stage.box,
        "tile": [body.add(wall.codes.tobytes()), count, tile_height, tile_width],
        "scale": [wall.scales[0].minimum, wall.scales[0].maximum],
        "switches": _switches(stage, channels, seen, body),
        "field": None
        if vector
        else [
            [field.rows.size, field.rows.stride, field.rows.offset],
            [field.columns.size, field.columns.stride, field.columns.offset],
        ],
    }


def _with_surroundings(box: Box, height: int, width: int) -> Box:
    """Return a box with half its size around it, so that one sees that the rest is zero."""
    from ali5.explain.units.fields import Box

    rows = max(3, (box.bottom - box.top) // 2)
    columns = max(3, (box.right - box.left) // 2)
    return Box(
        max(0, box.top - rows),
        max(0, box.left - columns),
        min(height, box.bottom + rows),
        min(width, box.right + columns),
    )


def _switches(stage: Stage, channels: list[int], seen: Box, body: Body) -> int | None:
    """Append a 1 for every position that has won a window and a 0 for the others."""
    import torch

    height, width = stage.signal.shape[1:]
    if stage.switches is None or max(seen.bottom - seen.top, seen.right - seen.left) > TILE_PX:
        return None
    won = torch.zeros(len(channels), height * width, dtype=torch.uint8)
    won.scatter_(1, stage.switches[channels].flatten(1).cpu(), 1)
    part = won.view(-1, height, width)[:, seen.top : seen.bottom, seen.left : seen.right]
    return body.add(part.numpy().tobytes())


def _in_colour(signal: Tensor) -> tuple[NDArray[np.uint8], float]:
    """Return what the picture gets as RGB, [H, W, 3], zero as grey, and what full colour is."""
    import torch

    values = signal.float().cpu().nan_to_num()
    high = float(values.abs().max()) if values.numel() else 0.0
    shares = values / high if high > 0 else values
    pixels = (127.5 + 127.5 * shares).round().to(torch.uint8).permute(1, 2, 0).numpy()
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))), high
