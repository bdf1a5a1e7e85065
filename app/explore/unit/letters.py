"""The numbers behind one pixel, as the browser takes them: one letter for each question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ali5.errors import Ali5Error
from ali5.graph.kinds import Operation

from ... import engine
from ...canvas.packing import Body, pack
from ...words import shape_in_words
from .settings import Look, Place, unit_id

if TYPE_CHECKING:
    import torch

    from ali5.explain import Box, Unit
    from ali5.tracing.trace import Step, Trace


class Arrays(Body):
    """Arrays one after the other, each with a note of where it is."""

    def put(self, values: NDArray[Any], kind: str) -> dict[str, Any]:
        """Append an array as "f4", "f8", "i4" or "u1"; return where the browser finds it."""
        data = np.ascontiguousarray(values, dtype=f"<{kind}").tobytes()
        at = self.add(data + b"\0" * (-len(data) % 8))
        return {"at": at, "count": values.size, "type": kind}


def pack_sum(trace: Trace, name: str, channel: int, view: Look, place: Place) -> bytes:
    """Return what lies behind one pixel: the letter "sum"."""
    from ali5.explain import unit

    step = trace[name]
    found = unit(trace, name, channel, *place, fold=view.fold)
    body = Arrays()
    header = {
        "letter": "sum",
        "id": unit_id(engine.name_of(trace), name, channel),
        "settings": view.as_sent(),
        "at": list(place),
        "fold": "yes" if view.fold else "",
        "kind": found.kind,
        "value": _number(found.value),
        "total": _number(found.total),
        "bias": None if found.bias is None else _number(found.bias),
        "box": list(found.receptive_field),
        "note": found.note,
        "winner": found.winner,
        "stages": [
            {
                "name": stage.name,
                "words": f"{stage.formula} = {stage.numbers}",
                "numbers": stage.numbers,
                "value": _number(stage.value),
            }
            for stage in found.stages
        ],
        "sum": _packed_terms(trace, step, found, body),
        "winners": _way_back(trace, found),
    }
    return pack(header, *body.parts)


def pack_growth(trace: Trace, name: str, channel: int, view: Look, place: Place) -> bytes:
    """Return what one unit of every layer on the way to a pixel sees: the letter "growth"."""
    from ali5.explain import growth

    header = {
        "letter": "growth",
        "id": unit_id(engine.name_of(trace), name, channel),
        "settings": view.as_sent(),
        "at": list(place),
        "fold": "",
        "layers": [
            {"name": layer.step, "box": list(layer.field)}
            for layer in growth(trace, name, *place, channel)
        ],
    }
    return pack(header)


def pack_field(trace: Trace, name: str, channel: int, view: Look, place: Place) -> bytes:
    """Return what the gradient reaches of the picture from one pixel: the letter "field"."""
    from ali5.explain import Box, effective_field

    header: dict[str, Any] = {
        "letter": "field",
        "id": unit_id(engine.name_of(trace), name, channel),
        "settings": view.as_sent(),
        "at": list(place),
        "fold": "",
    }
    try:
        with engine.slot():
            field = effective_field(trace, name, channel, *place)
    except Ali5Error as error:
        return pack(header | {"refusal": str(error)})
    body = Arrays()
    header |= {
        "refusal": "",
        "rows": field.shape[0],
        "columns": field.shape[1],
        "scale": [0.0, float(field.nan_to_num(0, 0, 0).max())],
        "words": _field_in_words(field, Box(*seen_by(trace, trace[name], channel, *place))),
        "values": body.put(array_of(field), "f4"),
    }
    return pack(header, *body.parts)


def _field_in_words(field: torch.Tensor, box: Box) -> str:
    """Say how much of the receptive field matters."""
    from ali5.explain import edge_holding

    edge = edge_holding(field, box)
    if not edge:
        return "Not one pixel of the picture changes this number: the gradient is zero everywhere."
    return (
        f"90 % of the gradient are in the middle {edge} × {edge} of {box.height} × {box.width} "
        "pixels. What a unit can see and what matters to it differ: deep in a network mostly the "
        "middle counts (Luo et al. 2016)."
    )


def _packed_terms(trace: Trace, step: Step, found: Unit, body: Arrays) -> dict[str, Any]:
    """Return the terms of a sum: what is the same for all, and where their numbers are."""
    from ali5.tracing.walls import is_vector

    height, width = found.patches.shape[1:]
    names = found.sources[:1] if len(set(found.sources)) == 1 else found.sources
    noun = "unit" if names and is_vector(trace[names[0]]) else "channel"
    softmax = step.operation is Operation.SOFTMAX
    return {
        "count": len(found.sources),
        "height": height,
        "width": width,
        "rows": found.rows[0] if found.rows else (),
        "columns": found.columns[0] if found.columns else (),
        "noun": noun,
        "heads": _heads(found),
        "labels": classes_of(trace, step) if softmax else [],
        "biasWords": "bias, with the normalisation folded in" if found.folded else "bias",
        "sources": [{"name": name, "size": (*trace[name].shape[2:], 1, 1)[:2]} for name in names],
        "channels": body.put(np.array(found.channels), "i4"),
        "patches": body.put(array_of(found.patches), "f4"),
        "weights": None if found.weights is None else body.put(array_of(found.weights), "f4"),
        "contributions": body.put(found.contributions.numpy(), "f8"),
    }


def _heads(found: Unit) -> list[str]:
    """Return what stands over the numbers of a term, over what it adds, and beside the sum."""
    if found.operation is Operation.SOFTMAX:
        return ["logit", "e^(x − max)", "sum of all exponentials"]
    if found.operation is Operation.LOCAL_RESPONSE_NORM:
        return ["value", "its square", "sum of squares"]
    kernel = found.patches.shape[1] * found.patches.shape[2] > 1
    return [f"patch × {'kernel' if kernel else 'weight'}", "adds", "sum"]


def _number(value: float) -> float | str:
    """Return a number as JSON can have it; JavaScript's Number reads both."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _way_back(trace: Trace, found: Unit) -> list[dict[str, Any]]:
    """Return where the winner of a max pooling came from, step by step."""
    from ali5.explain import path_of_winners

    if found.kind != "largest":
        return []
    return [
        {
            "step": each.step,
            "channel": each.channel,
            "row": each.row,
            "column": each.column,
            "words": shape_in_words(trace[each.step].shape),
            "box": seen_by(trace, trace[each.step], each.channel, each.row, each.column),
        }
        for each in path_of_winners(trace, found.step, found.channel, found.row, found.column)
    ]


def array_of(values: torch.Tensor) -> NDArray[Any]:
    """Return a tensor as float32 in the memory of the host."""
    return values.detach().float().cpu().numpy()


def seen_by(trace: Trace, step: Step, channel: int, row: int, column: int) -> list[int]:
    """Return where one unit looks on the picture, as [top, left, bottom, right]."""
    from ali5.explain.units.fields import look_back

    seen = look_back(trace, step, row, column, range(channel, channel + 1), inside=False)
    found = seen.get(trace.steps[0].name)
    return [0, 0, 0, 0] if found is None else list(found.box)


def classes_of(trace: Trace, step: Step) -> Sequence[str]:
    """Return the names of the classes if the units of a step stand for them."""
    scores = (trace.steps[-1].name, *trace.steps[-1].inputs)
    return list(trace.network.labels) if step.name in scores else []
