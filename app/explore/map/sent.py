"""The map of a network: every step with its strongest channels, every edge, blocks that fold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image

from ali5.graph.kinds import POINTWISE, Operation

from ... import engine
from ...canvas.packing import Written, pack, written
from ...canvas.seen import seen_picture
from ...words import COLOURS, SENTENCES, TITLES, shape_in_words
from .blocks import FOLDED_FROM, blocks_of, read_opened
from .settings import LENSES

if TYPE_CHECKING:
    from ali5.tracing.trace import Step, Trace

MANY_STEPS = 60
"""Networks with more steps than this get smaller thumbnails."""

PICTURE_PX = 96
"""Longest edge of the picture on the map."""


def pack_map(
    trace: Trace,
    image: Image.Image,
    *,
    chosen: str | None,
    opened: str,
    lens: str,
    colours: str,
    height: Literal["tall", "strip"],
) -> bytes:
    """Return what the map of a whole network is sent.

    Args:
        trace: The picture's way through the network.
        image: The picture as it was brought.
        chosen: Name of the step the visitor is at; None above that.
        opened: Which blocks are unfolded, as the address says it.
        lens: Which share of the cost the bars show: a key of `LENSES`.
        colours: Name of the colour map of the thumbnails.
        height: "tall" for all of it, or "strip" for a low strip around the chosen step.
    """
    about, body = engine.once(trace, "map", lambda: _written(trace, image))
    header = about | {
        "chosen": chosen,
        "opened": read_opened(trace, opened, chosen),
        "lens": lens,
        "colours": colours,
        "height": height,
    }
    return pack(header, body)


def _written(trace: Trace, image: Image.Image) -> tuple[dict[str, Written], bytes]:
    about, body = _describe(trace, image)
    return {name: written(value) for name, value in about.items()}, body


def _describe(trace: Trace, image: Image.Image) -> tuple[dict[str, Any], bytes]:
    """Return what there is to say of every step, and the thumbnails one after the other."""
    block_of = {name: block for block in blocks_of(trace) for name in block.steps}
    edge = 24 if len(trace.steps) > MANY_STEPS else 48
    body: list[bytes] = []
    length = 0
    steps: list[dict[str, Any]] = []
    for step in trace.steps:
        thumbnail, codes = (
            _draw_picture(trace, image)
            if step.operation is Operation.INPUT
            else _draw_thumbnail(step, edge)
        )
        block = block_of.get(step.name)
        steps.append(
            {
                "name": step.name,
                "short": step.name.removeprefix(f"{block.name}.") if block else step.name,
                "operation": str(step.operation),
                "tag": step.operation in POINTWISE,
                "shape": shape_in_words(step.shape),
                "size": " × ".join(map(str, step.shape[2:])),
                "block": block.key if block else None,
                "inputs": step.inputs,
                "costs": {
                    "parameters": step.parameters,
                    "arithmetic": step.multiply_adds,
                    "memory": step.output.numel() * step.output.element_size(),
                    "time": step.seconds,
                },
                "thumb": thumbnail | {"at": length},
            }
        )
        body.append(codes)
        length += len(codes)
    operations = list(dict.fromkeys(str(step.operation) for step in trace.steps))
    title = trace.network.architecture.title
    about = {
        "network": f"{title}, {trace.network.edition.name}, {len(steps)}",
        "label": f"Map of {title}: {len(steps)} steps. Arrow keys follow the edges.",
        "steps": steps,
        "blocks": [{"key": block.key, "name": block.name} for block in blocks_of(trace)],
        "operations": {
            each: {
                "colour": COLOURS[each],
                "title": TITLES.get(each, each),
                "sentence": SENTENCES[each].partition(". ")[0].removesuffix(".") + ".",
            }
            for each in operations
        },
        "limits": {"foldedFrom": FOLDED_FROM},
        "lenses": _describe_lenses(trace.steps),
    }
    return about, b"".join(body)


def _draw_picture(trace: Trace, image: Image.Image) -> tuple[dict[str, Any], bytes]:
    square = seen_picture(image, trace.network.edition.preprocessing)
    seen = np.asarray(square.reduce(math.ceil(max(square.size) / PICTURE_PX)))
    height, width = seen.shape[:2]
    return {"count": 1, "height": height, "width": width, "rgb": True}, seen.tobytes()


def _draw_thumbnail(step: Step, edge: int) -> tuple[dict[str, Any], bytes]:
    """Return the four strongest channels of a step, or all cells of a vector."""
    from ali5.tracing.walls import draw_strongest, is_vector

    wall = draw_strongest(step, 4 if step.output.shape[1] >= 4 else 1, edge)
    count, height, width = wall.codes.shape
    scale = wall.scales[0]
    thumbnail = {
        "count": count,
        "height": height,
        "width": width,
        "cells": step.output.shape[1] if is_vector(step) else 0,
        "scale": [scale.minimum, scale.maximum],
    }
    return thumbnail, wall.codes.tobytes()


def _describe_lenses(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return the lenses with what they say of all steps together; times are not always known."""
    timed = all(step.seconds is not None for step in steps)
    words = {
        "none": "",
        "parameters": f"Bars: share of all {sum(step.parameters for step in steps):,} parameters.",
        "arithmetic": "Bars: share of all "
        f"{sum(step.multiply_adds for step in steps):,} multiply–adds for one picture.",
        "memory": "Bars: share of the memory that the outputs of all steps take, "
        f"{_bytes_in_words(sum(step.output.nbytes for step in steps))}.",
        "time": "Bars: share of the "
        f"{1000 * sum(step.seconds or 0 for step in steps):.3g} ms that this one run took on this "
        "computer. The next run may differ.",
    }
    return [
        {"key": key, "title": title, "words": words[key]}
        for key, title in LENSES.items()
        if timed or key != "time"
    ]


def _bytes_in_words(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
