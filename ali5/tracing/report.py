"""A trace as text: a record for programs, a table for people."""

from __future__ import annotations

import math
from typing import Any

from ali5.tracing.trace import Trace


def as_record(trace: Trace) -> dict[str, Any]:
    """Return a trace as plain values: every step without its output, totals and the top five."""
    network = trace.network
    return {
        "network": network.architecture.id,
        "edition": network.edition.name,
        "weights": network.weights,
        "device": str(network.device),
        "parameters": sum(step.parameters for step in trace.steps),
        "multiply_adds": sum(step.multiply_adds for step in trace.steps),
        "notes": list(trace.notes),
        "steps": [
            {
                "name": step.name,
                "operation": str(step.operation),
                "inputs": list(step.inputs),
                "block": step.block,
                "shape": list(step.shape),
                "parameters": step.parameters,
                "multiply_adds": step.multiply_adds,
                "receptive_field": {
                    "size": step.receptive_field.size,
                    "stride": step.receptive_field.stride,
                    "offset": step.receptive_field.offset,
                },
            }
            for step in trace.steps
        ],
        "predictions": [
            {
                "label": prediction.label,
                "probability": _number(prediction.probability),
                "logit": _number(prediction.logit),
            }
            for prediction in trace.predictions()
        ],
    }


def _number(value: float) -> float | None:
    """JSON has no NaN and no infinities."""
    return value if math.isfinite(value) else None


def as_table(trace: Trace) -> str:
    """Return a trace as a table with a line per step, the totals and the top five."""
    network = trace.network
    rows: list[tuple[str, ...]] = [
        ("step", "operation", "shape", "parameters", "multiply-adds", "sees")
    ]
    for step in trace.steps:
        size = step.receptive_field.size
        rows.append(
            (
                step.name,
                str(step.operation),
                " x ".join(map(str, step.shape[1:])),
                f"{step.parameters:,}",
                f"{step.multiply_adds:,}",
                f"{size} x {size} px",
            )
        )
    totals = (sum(s.parameters for s in trace.steps), sum(s.multiply_adds for s in trace.steps))
    rows.append(("total", "", "", *(f"{total:,}" for total in totals), ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 3 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    title = f"{network.architecture.title}, {network.edition.name} edition, {network.weights}"
    best = [f"{p.probability:7.2%}  {p.label}" for p in trace.predictions()]
    return "\n".join([title, *trace.notes, "", *lines, "", *best])
