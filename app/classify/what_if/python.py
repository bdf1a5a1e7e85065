"""The lines of Python that do what is set on the page "What if"."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ali5.pictures.edits import Edits

from ...choose.choice import Choice
from ...engine import Picture

if TYPE_CHECKING:
    from .settings import Settings


def code_of(settings: Settings, choice: Choice, picture: Picture) -> str:
    """Return code that gives the answer after what is changed now."""
    edited = not settings.edits.is_none
    lines = ["import ali5"]
    if edited:
        marks = sorted({type(mark).__name__ for mark in settings.edits.paint})
        lines.append(
            f"from ali5.pictures.edits import {', '.join(['Edits', *marks, 'prepare_edited'])}"
        )
    if settings.changes:
        lines.append("from ali5.tracing.interventions import Intervention, intervene")
    if picture.is_sample:
        lines.append(picture.opening_import)
    lines += ["", f"network = {choice.code}", f"image = {picture.opening_code}"]
    if edited:
        lines += [
            f"edits = {_written(settings.edits)}",
            "image = prepare_edited(image, network.edition.preprocessing, edits)",
        ]
    lines.append("trace = ali5.trace(network, image)")
    if settings.changes:
        changes = [f"        {_written(each)}," for each in settings.changes]
        lines += ["trace = intervene(", "    trace,", "    [", *changes, "    ],", ")"]
    return "\n".join([*lines, "print(trace.predictions())"])


def _written(record: Any) -> str:
    """Write a record as it is made, without what is as usual."""
    usual = Edits() if isinstance(record, Edits) else None
    parts = []
    for each in fields(record):
        value = getattr(record, each.name)
        if value is None or (usual is not None and value == getattr(usual, each.name)):
            continue
        whole = isinstance(value, float) and value.is_integer()
        parts.append(f"{each.name}={int(value) if whole else value!r}")
    return f"{type(record).__name__}({', '.join(parts)})"
