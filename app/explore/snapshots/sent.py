"""One step at several moments of its training in the browser, and what it is sent."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ali5.tracing.trace import Step, Trace
from ali5.tracing.walls import Wall, draw_kernels, draw_wall, is_vector, shows_all_filters

from ...canvas.component import answer, component
from ...canvas.packing import pack
from ...words import share_in_words

_snapshots = component(__file__, "snapshots")

MOST = 16
"""Channels that are shown."""

TILE_PX = 72
"""Larger maps are shrunk to this edge."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A moment of a training and what the network made of the picture then.

    Attributes:
        name: In the address.
        label: On its button.
        words: When it was.
        top1: Share of test pictures that it had right, 0..1; None if nobody measured.
        trace: The picture's way through it.
    """

    name: str
    label: str
    words: str
    top1: float | None
    trace: Trace


def show_moments(
    moments: Sequence[Shown],
    step: str,
    chosen: str,
    span: str,
    colours: str,
    choose: Callable[[dict[str, str]], None],
) -> None:
    """Show a step at every moment; call `choose` when the visitor has chosen something else.

    Args:
        moments: The earliest first, the trained network last.
        step: Name of the step.
        chosen: Name of the moment to begin with.
        span: What the colours span: "all" moments, or the "own" range of each.
        colours: Name of the colour map.
        choose: Called with the "moment" and the "span".
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
    _snapshots(
        key="snapshots",
        data=pack(header, codes, kernel_codes),
        on_select_change=answer("snapshots", "select", choose),
    )


def _right(share: float) -> str:
    percent = share * 100
    return f"{percent:.{2 if percent > 99 else 1}f} %"


def _finite(share: float) -> float:
    return share if math.isfinite(share) else 0.0


def _strongest(step: Step) -> list[int]:
    """Return the channels with the largest mean magnitude, strongest first; none of a vector."""
    if is_vector(step):
        return []
    order = np.argsort(-draw_wall(step, tile=1).strengths, kind="stable")
    return [int(each) for each in order[:MOST]]


def _maps(steps: Sequence[Step], channels: list[int]) -> tuple[dict[str, Any], bytes]:
    """Return the maps of all moments, moment after moment, each with its own range."""
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
