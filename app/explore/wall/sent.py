"""The wall of a step's channels, as the browser is sent it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ... import engine
from ...canvas.packing import pack
from ...words import number_in_words, shape_in_words, share_in_words
from .measures import (
    SORTS,
    Ranking,
    channels_of,
    describe_source,
    histogram_of,
    rank,
    sort_in_words,
)
from .settings import MOST_PINS, Look

if TYPE_CHECKING:
    from ali5.tracing.channels import Channels, Histogram
    from ali5.tracing.trace import Step, Trace
    from ali5.tracing.walls import Scope, Wall

SCOPE_WORDS: dict[Scope, str] = {
    "channel": "every channel has its own range",
    "step": "one range for all channels of this step",
    "network": "one range for the whole network",
}


def pack_wall(trace: Trace, name: str, look: Look) -> bytes:
    """Return all channels of a step, or the units of a vector, with what there is to say of each.

    Args:
        trace: The picture's way through the network.
        name: Of one of its steps.
        look: How it is looked at; a vector has no order.
    """
    from ali5.tracing.channels import NEAR_BOUND
    from ali5.tracing.walls import Scope, draw_wall, step_scale

    step, scope = trace[name], cast(Scope, look.scope)
    channels, ranking = channels_of(trace, step), rank(trace, step, look.sort)
    histogram = histogram_of(trace, step)
    wall = engine.once(trace, (step.name, "wall", scope), lambda: draw_wall(step, scope, trace))
    vector = step.output.ndim == 2
    count = wall.codes.shape[0]
    noun = "unit" if vector else "channel"
    total = step.shape[1]
    label = f"{total:,} {noun}{'' if total == 1 else 's'} of {step.name}"
    scope_words = "one range for all units" if vector else SCOPE_WORDS[scope]
    scale = engine.once(trace, (step.name, "scale"), lambda: step_scale(step))
    positions = step.output[0, 0].numel()
    columns = {} if vector else _columns(channels, look.sort, ranking)
    per_channel = b"" if vector else _as_counts(histogram, positions)
    header: dict[str, Any] = header_of(wall) | {
        "name": step.name,
        "noun": noun,
        "cells": total if vector else 0,
        "sort": look.sort,
        "sortWords": sort_in_words(trace, look.sort),
        "selectable": vector or count > 1,
        "scopeWords": scope_words,
        "label": f"{label}, {shape_in_words(step.shape)}",
        "colours": look.colours,
        "pins": list(look.pins),
        "mostPins": MOST_PINS,
        "limits": {"nearBound": NEAR_BOUND},
        "stepScale": [scale.minimum, scale.maximum],
        "columns": list(columns),
        "positions": positions,
        "edges": histogram.edges.tolist(),
        "countBytes": len(per_channel) // max(1, histogram.counts.size),
        "histogram": _histogram_words(step, histogram),
        "caption": _caption(trace, step, look, _scale_in_words(wall, scope_words, look.colours)),
        "file": file_name(trace.network.architecture.id, step.name, "wall.png"),
    }
    order = np.arange(count) if vector else ranking.order
    return pack(
        header,
        order.astype(np.int32).tobytes(),
        *(each.astype(np.float32).tobytes() for each in columns.values()),
        histogram.counts.sum(0).astype(np.float64).tobytes(),
        per_channel,
        wall.codes.tobytes(),
    )


def header_of(wall: Wall) -> dict[str, Any]:
    """Return what turns the codes of a wall back into tiles, as JSON can hold it."""
    return {
        "count": wall.codes.shape[0],
        "height": wall.codes.shape[1],
        "width": wall.codes.shape[2],
        "colour": wall.codes.ndim == 4,
        "mapHeight": wall.size[0],
        "mapWidth": wall.size[1],
        "scales": [[scale.minimum, scale.maximum] for scale in wall.scales],
    }


def file_name(network: str, step: str, ending: str) -> str:
    """Return what to call a file about a step: only letters, digits, points and dashes."""
    name = f"ali5-{network}-{step}-{ending}"
    return re.sub(r"[^\w.-]+", "-", name)


def _caption(trace: Trace, step: Step, look: Look, scale_words: str) -> list[str]:
    """Return the lines under a picture of the wall that is saved."""
    sorted_by = sort_in_words(trace, look.sort) or SORTS[look.sort][0].lower()
    order = "" if look.sort == "index" else f" Sorted by {sorted_by}."
    return [describe_source(trace, step), f"Picture: {look.picture}.{order}", scale_words]


def _columns(channels: Channels, sort: str, ranking: Ranking) -> dict[str, Any]:
    names = ("strength", "active", "row", "column", "strongest", "dead", "finite", "saturated")
    found = {name: getattr(channels, name) for name in names}
    if ranking.numbers is not None:
        found[sort] = ranking.numbers
    return {name: values for name, values in found.items() if values is not None}


def _as_counts(histogram: Histogram, positions: int) -> bytes:
    """Return the counts of each channel in as few bytes as hold them."""
    return histogram.counts.astype(np.uint16 if positions < 2**16 else np.uint32).tobytes()


def _histogram_words(step: Step, histogram: Histogram) -> dict[str, str]:
    total = int(histogram.counts.sum())
    parts = [
        f"All {total:,} values of {step.name}: how many lie where, counted on a logarithmic scale."
    ]
    if histogram.zeros:
        parts.append(f"{share_in_words(histogram.zeros / total)} are exactly zero.")
    if histogram.not_finite:
        parts.append(f"{histogram.not_finite:,} more are NaN or infinite.")
    label = (
        f"Histogram of the values of {step.name}, {number_in_words(histogram.edges[0])} to "
        f"{number_in_words(histogram.edges[-1])}. Arrow keys walk over the bars."
    )
    return {"caption": " ".join(parts), "label": label}


def _scale_in_words(wall: Wall, scope_words: str, colours: str) -> str:
    if len(wall.scales) > 1:
        return f"Colours ({colours}): {scope_words}."
    low, high = (number_in_words(end) for end in (wall.scales[0].minimum, wall.scales[0].maximum))
    return f"Colours ({colours}): {scope_words}, {low} to {high}."
