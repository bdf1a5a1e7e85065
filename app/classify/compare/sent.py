"""Several networks side by side: shares, costs, and the strongest map at every resolution."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image

from ali5.classifying.answers import Answer, Stage, bands_of
from ali5.graph.costs import BYTES_PER_WEIGHT
from ali5.known.records import Preprocessing

from ...canvas.packing import Body, pack
from ...canvas.seen import seen_picture
from ...engine import once
from ...words import share_in_words

if TYPE_CHECKING:
    from ali5.classifying.teach.held_out import Check

    from ...choose.choice import Choice

PICTURE_PX = 112
"""The picture as a network sees it is shown with at most so many pixels."""

_STATES = {"waiting": "waiting …", "stopped": "not asked"}


class Lesson(NamedTuple):
    """What a head was taught.

    Attributes:
        labels: Its classes.
        check: How good it is.
    """

    labels: tuple[str, ...]
    check: Check


@dataclass(frozen=True, eq=False)
class Column:
    """One of the networks side by side.

    Attributes:
        choice: Which edition with which weights.
        answer: What it made of the picture; None as long as it has not answered.
        failure: Why it cannot, one sentence; "" if it can.
        state: "done", "failed", "stopped" or "waiting".
        taught: What it was taught and how good it is, if the visitor has taught it.
    """

    choice: Choice
    answer: Answer | None
    failure: str
    state: str
    taught: Lesson | None = None


def pack_comparison(columns: Sequence[Column], picture: Image.Image, colours: str) -> bytes:
    """Return the networks side by side, as `compare.js` takes them.

    Args:
        columns: With what each network has answered so far.
        picture: What they look at.
        colours: Name of the colour map.
    """
    answers = [column.answer for column in columns]
    body = _Pictures()
    header = {
        "label": f"{len(columns)} networks on one picture",
        "colours": colours,
        "columns": [_head(column) for column in columns],
        "facts": facts_of(columns),
        "pictures": [body.picture(picture, column) for column in columns],
        "rows": [
            {
                "label": f"{band} × {band}" if band else "vector",
                "cells": [None if each is None else body.stage(each, band) for each in answers],
            }
            for band in bands_of([each for each in answers if each is not None])
        ],
    }
    return pack(header, *body.parts)


def _reduced(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    seen = seen_picture(image, preprocessing).copy()
    seen.thumbnail((PICTURE_PX, PICTURE_PX))
    return seen


class _Pictures(Body):
    """The pictures behind a header, each with where it begins and what it shows."""

    def picture(self, image: Image.Image, column: Column) -> dict[str, int]:
        """Add the picture as a network sees it."""
        preprocessing = column.choice.edition.preprocessing
        seen = once(image, ("compared", preprocessing), lambda: _reduced(image, preprocessing))
        return {"at": self.add(seen.tobytes()), "height": seen.height, "width": seen.width}

    def stage(self, answer: Answer, band: int) -> dict[str, Any] | None:
        """Add the strongest map that an answer has at a resolution, if it has any."""
        stage = next((each for each in answer.stages if each.band == band), None)
        if stage is None:
            return None
        _, height, width = stage.wall.codes.shape
        scale = stage.wall.scales[0]
        return {
            "at": self.add(stage.wall.codes.tobytes()),
            "height": height,
            "width": width,
            "cells": math.prod(stage.shape[1:]) if band == 0 else 0,
            "scale": [scale.minimum, scale.maximum],
            "step": stage.step,
            "channel": stage.channel,
            "words": _stage_in_words(stage),
        }


def _stage_in_words(stage: Stage) -> str:
    if stage.band == 0:
        return f"{math.prod(stage.shape[1:]):,} units"
    return f"{stage.shape[2]} × {stage.shape[3]}"


def _head(column: Column) -> dict[str, Any]:
    """Return what is said above everything else of a network."""
    known, answer = column.choice.architecture, column.answer
    trained = column.choice.weights != "untrained" if answer is None else answer.trained
    edition = column.choice.edition
    name = {"own": "yours"}.get(edition.name, edition.name)
    if column.taught is not None:
        name = f"yours: {', '.join(column.taught.labels)}"
    return {
        "id": known.id,
        "title": known.title,
        "edition": name if trained else f"{name}, untrained",
        "trained": trained,
        "state": column.state,
        "words": column.failure or _STATES.get(column.state, ""),
        "classes": [] if answer is None else [_share(answer, k) for k in range(_shown(answer))],
    }


def _shown(answer: Answer) -> int:
    return len(answer.verdict.predictions)


def _share(answer: Answer, number: int) -> dict[str, Any]:
    label, share, _ = answer.verdict.predictions[number]
    finite = share if math.isfinite(share) else 0.0
    return {"label": label, "share": finite, "words": share_in_words(share)}


Said = tuple[str, str, float]
"""Words, a second line, and how bad that is: the least bad one of a row is its best."""


def facts_of(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return a row for each thing that is compared: label, explanation, a cell for each network.

    A cell is None as long as there is nothing to say, else its words, a second line, and whether it
    is the best of the row.
    """
    rows: list[tuple[str, str, Callable[[Answer, Lesson | None], Said]]] = [
        ("Confidence", "The share of its first class.", _confidence),
        ("Entropy", "How far the shares are spread: 0 bits if one class has all.", _entropy),
        ("Right", "Of the validation photographs, measured when it was trained.", _accuracy),
        ("Time", "This one forward pass on this computer, measured once.", _time),
        (
            "Multiply–adds",
            "Multiplications, each with its addition, for this picture.",
            _arithmetic,
        ),
        ("Parameters", "Numbers that it has learned.", _parameters),
        ("Memory", "Of its weights and of the maps of this picture.", _memory),
        ("Year", "When its paper was published.", _year),
    ]
    return [
        {
            "label": label,
            "help": help_,
            "cells": _cells(
                [
                    None if each.answer is None else describe(each.answer, each.taught)
                    for each in columns
                ]
            ),
        }
        for label, help_, describe in rows
    ]


def _cells(said: Sequence[Said | None]) -> list[dict[str, Any] | None]:
    """Return the cells of a row; the least bad one is the best if it is one alone."""
    badness = [each[2] for each in said if each is not None and math.isfinite(each[2])]
    least = min(badness, default=math.nan)
    alone = badness.count(least) == 1 and len(badness) > 1
    return [
        None
        if each is None
        else {"words": each[0], "more": each[1], "best": alone and each[2] == least}
        for each in said
    ]


_NEITHER = math.nan
"""Badness of what is neither good nor bad."""


def _confidence(answer: Answer, _: Lesson | None) -> Said:
    return share_in_words(answer.verdict.best.probability), "", _NEITHER


def _entropy(answer: Answer, _: Lesson | None) -> Said:
    verdict = answer.verdict
    if not math.isfinite(verdict.entropy):
        return "not a number", "", _NEITHER
    classes = "1 class" if verdict.choices < 1.05 else f"{verdict.choices:.3g} classes"
    return f"{verdict.entropy:.2f} bits", f"like {classes}", _NEITHER


def _accuracy(answer: Answer, taught: Lesson | None) -> Said:
    if taught is not None:
        check = taught.check
        return f"{check.right} of {check.count}", "held-out pictures of yours", _NEITHER
    card, published = answer.card, answer.edition.published
    if card is not None:
        top1, top5 = card.accuracy["top1"], card.accuracy["top5"]
        shared = answer.edition.labels != "digits"
        more = f"{share_in_words(top5)} within five" if shared else "of handwritten digits"
        return share_in_words(top1), more, -top1 if shared else _NEITHER
    if answer.weights == "published" and published is not None:
        return share_in_words(published.top1), "of ImageNet, says torchvision", _NEITHER
    return "not measured", "" if answer.trained else "random weights", _NEITHER


def _time(answer: Answer, _: Lesson | None) -> Said:
    milliseconds = answer.seconds * 1e3
    digits = 0 if milliseconds >= 100 else 1
    return f"{milliseconds:,.{digits}f} ms", "", answer.seconds


def _arithmetic(answer: Answer, _: Lesson | None) -> Said:
    return f"{answer.multiply_adds:,}", "", answer.multiply_adds


def _parameters(answer: Answer, _: Lesson | None) -> Said:
    return f"{answer.parameters:,}", "", answer.parameters


def _memory(answer: Answer, _: Lesson | None) -> Said:
    weights = answer.parameters * BYTES_PER_WEIGHT
    total = weights + answer.activation_bytes
    return _megabytes(total), f"{_megabytes(answer.activation_bytes)} of maps", total


def _megabytes(count: float) -> str:
    size = count / 1e6
    return f"{size:,.0f} MB" if size >= 100 else f"{size:.1f} MB" if size >= 1 else f"{size:.2f} MB"


def _year(answer: Answer, _: Lesson | None) -> Said:
    return str(answer.architecture.year or "–"), "", _NEITHER
