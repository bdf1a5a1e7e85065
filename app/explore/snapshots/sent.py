"""One step at several moments of its training in the browser, and what it is sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...canvas.packing import pack
from ...engine import Picture, facts_of
from ...words import share_in_words
from .moments import Shown, points_of, show_to

if TYPE_CHECKING:
    from ali5.tracing.trace import Step, Trace
    from ali5.tracing.walls import Wall

MOST = 16
"""Channels that are shown."""

TILE_PX = 72
"""Larger maps are shrunk to this edge."""


def pack_training(
    trace: Trace, step: str, picture: Picture, chosen: str, span: str, colours: str
) -> bytes:
    """Return what the views of a step are sent: at every moment of its network's training.

    Args:
        trace: The picture's way through the network that is looked at.
        step: Name of the step.
        picture: As the network is given it.
        chosen: Name of the moment to begin with.
        span: As for `pack_moments`.
        colours: Name of the colour map.
    """
    points = points_of(facts_of(trace.network))
    shown = [show_to(trace, point, picture) for point in points]
    return pack_moments(shown, step, chosen, span, colours)


def pack_moments(
    moments: Sequence[Shown], step: str, chosen: str, span: str, colours: str
) -> bytes:
    """Return what the views of a step at every moment are sent.

    Args:
        moments: The earliest first, the trained network last.
        step: Name of the step.
        chosen: Name of the moment to begin with.
        span: What the colours span: "all" moments, or the "own" range of each.
        colours: Name of the colour map.
    """
    steps = [moment.trace[step] for moment in moments]
    last = moments[-1].trace
    best = int(last.steps[-1].output[0].nan_to_num().argmax())
    channels = _strongest(steps[-1])
    maps, codes = _maps(steps, channels)
    kernels, kernel_codes = _kernels(steps, channels)
    header = {
        "step": step,
        "colours": colours,
        "chosen": {"moment": chosen, "span": span},
        "channels": channels,
        "count": steps[-1].shape[1],
        "maps": maps,
        "kernels": kernels,
        "followed": last.network.labels[best],
        "moments": [
            {
                "name": moment.name,
                "label": moment.label,
                "words": moment.words,
                "right": moment.top1,
                "rightWords": None if moment.top1 is None else _right(moment.top1),
                "classes": [
                    [each.label, _finite(each.probability), share_in_words(each.probability)]
                    for each in moment.trace.predictions()
                ],
                "followed": _finite(float(moment.trace.steps[-1].output[0, best])),
            }
            for moment in moments
        ],
    }
    return pack(header, codes, kernel_codes)


def _right(share: float) -> str:
    percent = share * 100
    return f"{percent:.{2 if percent > 99 else 1}f} %"


def _finite(share: float) -> float:
    return share if math.isfinite(share) else 0.0


def _strongest(step: Step) -> list[int]:
    """Return the channels with the largest mean magnitude, strongest first; none of a vector."""
    from ali5.tracing.walls import draw_wall, is_vector

    if is_vector(step):
        return []
    order = np.argsort(-draw_wall(step, tile=1).strengths, kind="stable")
    return [int(each) for each in order[:MOST]]


def _maps(steps: Sequence[Step], channels: list[int]) -> tuple[dict[str, Any], bytes]:
    """Return the maps of all moments, moment after moment, each with its own range."""
    from ali5.tracing.walls import draw_wall, is_vector

    vector = is_vector(steps[-1])
    walls = [
        draw_wall(
            replace(step, output=step.output.flatten(1) if vector else step.output[:, channels]),
            tile=TILE_PX,
        )
        for step in steps
    ]
    size = {"size": walls[-1].size, "cells": steps[-1].shape[1] if vector else 0}
    return _together(walls) | size, b"".join(wall.codes.tobytes() for wall in walls)


def _kernels(steps: Sequence[Step], channels: list[int]) -> tuple[dict[str, Any] | None, bytes]:
    """Return the same channels' kernels, if the step looks at the picture itself."""
    from ali5.tracing.walls import draw_kernels, shows_all_filters

    if not channels or not shows_all_filters(steps[-1]):
        return None, b""
    walls = [
        wall
        for step in steps
        if step.weight is not None
        and (wall := draw_kernels(replace(step, weight=step.weight[channels]), 0)) is not None
    ]
    return _together(walls), b"".join(wall.codes.tobytes() for wall in walls)


def _together(walls: Sequence[Wall]) -> dict[str, Any]:
    return {
        "count": walls[-1].codes.shape[0],
        "height": walls[-1].codes.shape[1],
        "width": walls[-1].codes.shape[2],
        "colour": walls[-1].codes.ndim == 4,
        "scales": [[wall.scales[0].minimum, wall.scales[0].maximum] for wall in walls],
    }
