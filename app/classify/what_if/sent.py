"""The page "What if" in the browser: the answer before and after, maps, and what can be changed."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ali5.pictures.edits import MAX_MARKS, MAX_POINTS, RANGES
from ali5.tracing.interventions import MAX_INTERVENTIONS, Part, parts_of
from ali5.tracing.trace import Step, Trace
from ali5.tracing.walls import draw_wall, is_vector, maps_of

from ...canvas.packing import Body, pack
from ...words import COLOURS, shape_in_words, share_in_words
from .findings import Curve, Findings, refusal_of
from .in_address import MOST_LETTERS
from .settings import NAMES, Settings, opening_of, settings_as_sent
from .words import (
    KIND_HELP,
    KIND_WORDS,
    answer_in_words,
    changes_as_sent,
    part_in_words,
    part_note,
    points_in_words,
    rows_of,
)

TILE_PX = 40
"""Longest edge of a tile of the wall on which channels are chosen."""

MAPS = 6
"""Channels whose maps stand side by side before and after."""

MAP_PX = 112


def pack_what_if(
    weights: str,
    settings: Settings,
    findings: Findings,
    curve: Curve | None,
    drops: NDArray[np.float32] | None,
    working: bool,
    colours: str,
) -> bytes:
    """Return the page, as `what_if.js` takes it.

    Args:
        weights: What the network was asked for by, a kind of weights or the digest of a file.
        settings: What is set.
        findings: What the engine made of it.
        curve: The curve that is asked for, if it is there.
        drops: How much each channel of the step matters, if that is known.
        working: Whether something that was asked for is still being worked out.
        colours: Name of the colour map.
    """
    body = Body()
    before, after = findings.before, findings.after
    parts = parts_of(before)
    preprocessing = before.network.edition.preprocessing
    title = before.network.architecture.title
    network = f"{before.network.architecture.id} {before.network.edition.name}"
    seen = hashlib.blake2b(findings.seen.tobytes(), digest_size=8).hexdigest()
    header = {
        "settings": settings_as_sent(settings),
        "opening": opening_of(before),
        "colours": colours,
        "title": title,
        "network": network,
        "question": f"{network} {weights} {seen}",
        "limits": {
            "letters": MOST_LETTERS,
            "changes": MAX_INTERVENTIONS,
            "marks": MAX_MARKS,
            "points": MAX_POINTS,
        },
        "ranges": {NAMES.get(name, name): ends for name, ends in RANGES.items()},
        "curves": {name: NAMES.get(name, name) for name in RANGES},
        "kinds": {kind: [words, KIND_HELP[kind]] for kind, words in KIND_WORDS.items()},
        "working": working,
        "refusal": refusal_of(before),
        "pictureRefusal": findings.refusal,
        "steps": [_about(step) for step in before.steps[:-1]],
        "parts": [_part_as_sent(part, parts) for part in parts],
        "changes": changes_as_sent(settings.changes, parts, before),
        "answer": _answer(before, after),
        "picture": {
            "size": preprocessing.size,
            "grey": preprocessing.channels == 1,
            "seen": body.add(findings.seen.tobytes()),
            "cropped": body.add(findings.cropped.tobytes()),
            "edited": body.add(findings.edited.tobytes()),
        },
        "wall": _wall(after[settings.step], settings, drops, body),
        "maps": [
            _maps(before[name], after[name], body) for name in (settings.step, settings.later)
        ],
        "curve": None if curve is None else _curve(curve, before),
    }
    return pack(header, *body.parts)


def _about(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "block": step.block,
        "operation": str(step.operation),
        "colour": COLOURS[step.operation],
        "shape": shape_in_words(step.shape),
        "noun": "unit" if step.output.ndim == 2 else "channel",
    }


def _part_as_sent(part: Part, parts: tuple[Part, ...]) -> dict[str, Any]:
    return {
        "where": f"{part.step}>{part.into}",
        "title": part_in_words(part, parts),
        "note": part_note(part),
    }


def _answer(before: Trace, after: Trace) -> dict[str, Any]:
    rows = rows_of(before, after)
    return {
        "same": after is before,
        "words": answer_in_words(rows, before, after),
        "rows": [
            {
                "label": row.label,
                "shares": [_finite(share) for share in row.shares],
                "words": [share_in_words(share) for share in row.shares],
                "points": "" if after is before else points_in_words(row.points),
                "ranks": row.ranks,
                "logits": [_finite(logit) for logit in row.logits],
            }
            for row in rows
        ],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _wall(
    step: Step, settings: Settings, drops: NDArray[np.float32] | None, body: Body
) -> dict[str, Any]:
    """Return a tile for every channel of a step as it is after the change."""
    maps = step.output.reshape(1, -1, 1, 1) if is_vector(step) else step.output
    wall = draw_wall(replace(step, output=maps), tile=TILE_PX)
    changed = sorted(
        {
            channel
            for each in settings.changes
            if each.step == step.name and each.into is None
            for channel in _touched(each.kind, each.channels, maps.shape[1])
        }
    )
    found: dict[str, Any] = {
        "step": step.name,
        "at": body.add(wall.codes.tobytes()),
        "count": wall.codes.shape[0],
        "height": wall.codes.shape[1],
        "width": wall.codes.shape[2],
        "scale": [wall.scales[0].minimum, wall.scales[0].maximum],
        "strengths": [_finite(float(each)) for each in wall.strengths],
        "changed": changed,
        "drops": None,
    }
    if drops is not None and settings.rank:
        found["drops"] = [_finite(float(each)) for each in drops]
        found["dropWords"] = [points_in_words(-100 * float(each)) for each in drops]
    return found


def _touched(kind: str, channels: tuple[int, ...] | None, count: int) -> Sequence[int]:
    if channels is None:
        return range(count)
    named = set(channels)
    return [each for each in range(count) if (each in named) != (kind == "keep")]


def _maps(before: Step, after: Step, body: Body) -> dict[str, Any]:
    """Return the maps that differ most, before and after and their difference, on one scale."""
    vector = is_vector(before)
    one, other = (
        maps_of(step.output.flatten(1) if vector else step.output) for step in (before, after)
    )
    moved = (other - one).nan_to_num(0, 0, 0).abs().flatten(1).mean(1)
    count = int((moved > 0).sum())
    if not count:
        moved, count = one.nan_to_num(0, 0, 0).abs().flatten(1).mean(1), len(moved)
    channels = torch.topk(moved, min(MAPS, count)).indices.sort().values
    three = torch.cat([one[channels], other[channels], other[channels] - one[channels]])
    wall = draw_wall(replace(before, output=three[None]), tile=MAP_PX)
    return {
        "step": before.name,
        "shape": shape_in_words(before.shape),
        "operation": str(before.operation),
        "channels": channels.tolist(),
        "cells": before.output.shape[1] if vector else 0,
        "noun": "unit" if vector else "channel",
        "at": body.add(wall.codes.tobytes()),
        "height": wall.codes.shape[1],
        "width": wall.codes.shape[2],
        "scale": [wall.scales[0].minimum, wall.scales[0].maximum],
        "words": _difference_in_words(before.output, after.output),
    }


def _difference_in_words(one: Tensor, other: Tensor) -> str:
    """Say how many numbers of a step have changed."""
    if torch.equal(one, other):
        return "all its numbers are as they were, bit for bit"
    changed = int((one != other).sum())
    return f"{changed:,} of its {one.numel():,} numbers have changed"


def _curve(curve: Curve, before: Trace) -> dict[str, Any]:
    return {
        "name": NAMES.get(curve.name, curve.name),
        "values": curve.values,
        "labels": [before.network.labels[number] for number in curve.classes],
        "shares": [[_finite(float(share)) for share in line] for line in curve.shares.T],
    }
