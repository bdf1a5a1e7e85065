"""What a trace looks like: the lens and the prediction."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from PIL import Image

from ali5.geometry import windows
from ali5.operations import POINTWISE, Operation
from ali5.packing import pack
from ali5.preparation import fit_picture
from ali5.tracing import Step, Trace
from ali5.walls import (
    Scale,
    maps_of,
    step_scale,
)
from app.canvas import component
from app.words import share_in_words

_lens = component("lens")
_bars = component("bars")


def show_lens(trace: Trace, step: Step, channel: int, scale: Scale, picture: Image.Image) -> None:
    """Show one map with exact values beside the picture and, for pooling, its input.

    Args:
        trace: The picture's way through the network.
        step: One of its steps whose output is maps, [1, C, H, W].
        channel: Which of its channels.
        scale: The range of the colours, that of the wall.
        picture: As it was brought.
    """
    seen = _seen_picture(trace, picture)
    values = _map(step, channel)
    field = step.receptive_field
    source = _source(trace, step, channel)
    if source is not None and step.operation not in _RESCALING:
        # The same colour means the same value on both sides.
        low, high = source["scale"]
        scale = Scale(min(scale.minimum, low), max(scale.maximum, high))
        source["scale"] = [scale.minimum, scale.maximum]
    header = {
        "map": {
            "height": values.shape[0],
            "width": values.shape[1],
            "scale": [scale.minimum, scale.maximum],
            "title": f"{step.name}, channel {channel}",
        },
        "source": source,
        "picture": {
            "height": seen.shape[0],
            "width": seen.shape[1],
            "title": "the picture as the network sees it",
        },
        "field": {
            "rows": [field.rows.size, field.rows.stride, field.rows.offset],
            "columns": [field.columns.size, field.columns.stride, field.columns.offset],
        },
        "label": f"{step.name}, channel {channel}, {values.shape[0]} by {values.shape[1]} values. "
        "Arrow keys move over them.",
    }
    before = b"" if source is None else _map(trace[step.inputs[0]], channel).tobytes()
    _lens(key="lens", data=pack(header, values.tobytes(), before, seen.tobytes()))


def show_prediction(trace: Trace) -> None:
    """Show the five most likely classes as bars from 0 to 100 %."""
    found = [(p.label, p.probability) for p in trace.predictions()]
    show_shares(found, "The five most likely classes", "bars")


def show_shares(shares: list[tuple[str, float]], label: str, key: str) -> None:
    """Show classes and their shares, 0..1, as bars from 0 to 100 %."""
    classes = [
        {
            "label": name,
            "share": share if math.isfinite(share) else 0.0,
            "words": share_in_words(share),
        }
        for name, share in shares
    ]
    _bars(key=key, data={"classes": classes, "label": label})


def _seen_picture(trace: Trace, picture: Image.Image) -> np.ndarray:
    fitted = fit_picture(picture, trace.network.edition.preprocessing)
    return np.asarray(fitted.convert("RGB"))


def _map(step: Step, channel: int) -> np.ndarray:
    values: np.ndarray = maps_of(step.output)[channel].float().cpu().numpy()
    return values


_RESCALING = (Operation.BATCH_NORM, Operation.LOCAL_RESPONSE_NORM)
"""Steps whose input and output have ranges too different for one scale."""


def _source(trace: Trace, step: Step, channel: int) -> dict[str, Any] | None:
    """Describe the input map behind a channel, for steps that keep channels apart."""
    pooling = step.operation in (Operation.MAX_POOLING, Operation.AVERAGE_POOLING)
    if not pooling and step.operation not in POINTWISE:
        return None
    before = trace[step.inputs[0]]
    kernel = stride = (1, 1)
    padding = (0, 0)
    if pooling:
        rows, columns = windows(step.operation, step.settings, before.shape, step.shape)
        if rows is None or columns is None:
            return None
        kernel, stride = (rows.kernel, columns.kernel), (rows.stride, columns.stride)
        padding = (rows.padding, columns.padding)
    kinds = {Operation.MAX_POOLING: "the largest of", Operation.AVERAGE_POOLING: "the average of"}
    scale = step_scale(before)
    return {
        "height": before.shape[2],
        "width": before.shape[3],
        "scale": [scale.minimum, scale.maximum],
        "title": f"its input: {before.name}, channel {channel}",
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "kind": kinds.get(step.operation, "before:"),
    }
