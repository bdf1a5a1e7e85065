"""What the learning lab tells of a training at one moment: words, numbers and bytes, no tensors.

Importing this module does not import torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ali5.pictures.preparation import prepare_pixels

from ... import engine
from ...words import number_in_words, share_in_words
from .lessons import Run
from .sent import Inside, pack_inside
from .settings import Settings

if TYPE_CHECKING:
    from PIL import Image

    from ali5.labs.learning.lesson import Batch, Point, Snapshot

SIGNS = ("○", "□", "△", "+", "☆", "♡", "⇨", "☾")
"""The shapes, short."""

MOST_PICTURES = 24
"""Pictures shown of a cell of the confusion matrix."""

MOST_CURVE_POINTS = 120


class Moment:
    """A training at one moment, which further batches do not change.

    Attributes:
        data: What it learns from: "digits", "shapes" or "mnist".
        classes: What it tells apart.
        seen: Pictures that it has learned from, repeats counted.
        share: Of the present epoch, 0..1.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._snapshot = run, run.snapshot()
        self.data: str = self._snapshot.plan.data
        self.classes: tuple[str, ...] = self._snapshot.classes
        self.seen: int = self._snapshot.seen
        self.share: float = self._snapshot.epochs % 1

    def progress(self) -> str:
        """Say how far it is."""
        return _progress_in_words(self._run, self._snapshot)

    def curves(self) -> dict[str, Any]:
        """Return the curves as the browser takes them."""
        return _curves(self._snapshot)

    def batch(self) -> tuple[str, str, str] | None:
        """Tell the last batch: forward, loss and backward, step; None before the first."""
        last = self._snapshot.last
        return None if last is None else batch_in_words(self._snapshot, last)

    def layers(self) -> list[dict[str, str]]:
        """Return what the last batch did to each layer, as the rows of a table."""
        last = self._snapshot.last
        return [] if last is None else layer_rows(last)

    def inside(self, settings: Settings, colours: str) -> bytes:
        """Return the view of its kernels and maps, in the visitor's colours."""
        return pack_inside(_inside(self._snapshot, self._run, settings), colours)

    def mistakes(self, settings: Settings) -> tuple[dict[str, Any], NDArray[np.uint8]]:
        """Return the confusion matrix as the browser takes it, and pictures of it, [N, 28, 28]."""
        return _mistakes(self._snapshot, self._run, settings)

    def validated(self) -> tuple[int, int]:
        """Return how many pictures it never learns from, and after how many it saw them last."""
        return len(self._run.validation().labels), self._snapshot.validations[-1].seen

    def answer_to(self, drawing: Image.Image) -> list[tuple[str, float]]:
        """Return the five classes with the largest shares of a drawing, each with it."""
        return _answer(self._snapshot, drawing)

    def validations(self) -> list[dict[str, Any]]:
        """Return the curves of the validations as the rows of a table."""
        return [
            {
                "pictures seen": point.seen,
                "validation loss": np.round(point.loss, 4),
                "validation right": share_in_words(point.accuracy),
            }
            for point in self._snapshot.validations
        ]


# --- Progress and curves ------------------------------------------------------------------------


def _progress_in_words(run: Run, snapshot: Snapshot) -> str:
    if not run.begun:
        return f"Nothing learned yet. An epoch has {run.epoch:,} pictures."
    batches = snapshot.last.number if snapshot.last else 0
    words = (
        f"Epoch {math.floor(snapshot.epochs) + 1} · batch {batches:,} · "
        f"{snapshot.seen:,} pictures seen"
    )
    pace = run.pictures_a_second
    return f"{words} · {pace:,.0f} pictures a second" if run.running and pace else words


def _number(value: float) -> str:
    return number_in_words(value) if math.isfinite(value) else "no number"


def _curves(snapshot: Snapshot) -> dict[str, Any]:
    latest = snapshot.validations[-1]
    loss, right = _number(latest.loss), share_in_words(latest.accuracy)
    return {
        "label": f"Validation loss {loss}, {right} right",
        "axis": "epoch",
        "charts": [
            _chart(snapshot, f"Loss: {loss} in validation", "Loss", 1),
            _chart(snapshot, f"Right: {right} in validation", "Right", 2),
        ],
    }


def _chart(snapshot: Snapshot, title: str, noun: str, index: int) -> dict[str, Any]:
    """Return the curves of loss (1) or accuracy (2) as the browser takes them."""
    factor = 1 if index == 1 else 100
    epoch = snapshot.seen / snapshot.epochs if snapshot.epochs else 1.0  # pictures in one
    lines = {
        "training": thinned(snapshot.training, MOST_CURVE_POINTS),
        "validation": snapshot.validations,
    }
    return {
        "title": title,
        "noun": noun,
        "unit": "" if index == 1 else " %",
        "top": None if index == 1 else 100,
        "series": {
            name: [
                (point.seen / epoch, point[index] * factor)
                for point in points
                if math.isfinite(point[index])
            ]
            for name, points in lines.items()
        },
    }


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Return at most so many points: each the mean of neighbours, at the last one's place."""
    from ali5.labs.learning.lesson import mean_of

    span = max(1, math.ceil(len(points) / most))
    return [mean_of(points[i : i + span]) for i in range(0, len(points), span)]


# --- One batch ----------------------------------------------------------------------------------


def batch_in_words(snapshot: Snapshot, last: Batch) -> tuple[str, str, str]:
    """Tell the last batch in three sentences: forward, loss and backward, step."""
    names = [layer.name for layer in last.layers]
    classes = len(snapshot.classes)
    parameters = sum(layer.parameters for layer in last.layers)
    pictures = f"{last.count} picture{'s' if last.count != 1 else ''}"
    forward = (
        f"**Forward:** {pictures} (batch {last.number:,}) went through {', '.join(names[:-1])} and "
        f"the output and became {classes} scores each; softmax made shares of them, and "
        f"{last.right} of {last.count} had the largest share on the right class."
    )
    strongest = max(last.layers, key=lambda layer: layer.gradient)
    share = "it grew without end"
    if math.isfinite(last.loss):
        share = f"as if the right class always got {share_in_words(math.exp(-last.loss))}"
    backward = (
        f"**Backward:** the loss, the mean of −ln(share of the right class), was "
        f"{_number(last.loss)} ({share}), and from the output back to "
        f"{names[0]} each of the {parameters:,} weights was told how the loss would change with "
        f"it: this gradient has a size of {_number(last.gradient)}, the largest part in "
        f"{strongest.name} ({_number(strongest.gradient)})."
    )
    return forward, backward, _step_in_words(snapshot.plan.optimiser, last)


def _step_in_words(optimiser: str, last: Batch) -> str:
    moved, rate = _number(last.move), f"{last.rate:g}"
    step = f"**Step:** against the gradient, all weights together moved by {moved}"
    if optimiser == "sgd":
        product = f"{rate} × {_number(last.gradient)}"
        return f"{step}: learning rate × size of the gradient = {product}."
    if optimiser == "momentum":
        return (
            f"{step}: learning rate {rate} × a sum of this gradient and 0.9 of the sum before, "
            "which keeps the direction that many batches agree on."
        )
    return (
        f"{step}: Adam divides each weight's mean gradient by its usual size, so that every weight "
        f"moves by about the learning rate, {rate}, or less."
    )


def layer_rows(last: Batch) -> list[dict[str, str]]:
    """Return what the last batch did to each layer, as the rows of a table."""
    return [
        {
            "layer": layer.name,
            "weights": f"{layer.parameters:,}",
            "gradient": _number(layer.gradient),
            "moved": _number(layer.move),
            "of size": share_in_words(layer.move / layer.size if layer.size else math.nan),
        }
        for layer in last.layers
    ]


# --- Inside -------------------------------------------------------------------------------------


def _inside(snapshot: Snapshot, run: Run, settings: Settings) -> Inside:
    from ali5.labs.learning.network import layers_of, outputs_of

    classes = snapshot.classes
    watch = min(settings.watch, len(classes) - 1)
    stage = min(settings.maps, snapshot.plan.stages)
    picture = run.watched(watch)
    with engine.slot():
        outputs = outputs_of(snapshot.network, picture)
        shares = outputs["output"].softmax(1)[0]
    names = list(layers_of(snapshot.network))
    name = names[stage - 1]
    kernels = layers_of(snapshot.network)[names[0]].weight[:, 0]
    best = int(shares.argmax())
    taken_for = (
        f"“{classes[watch]}”: taken for “{classes[best]}”, {share_in_words(float(shares[best]))}."
    )
    return Inside(
        classes=classes,
        watch=watch,
        stages=names[: snapshot.plan.stages],
        stage=stage,
        layer=name,
        answer=taken_for,
        seen=snapshot.seen,
        kernels=kernels.numpy(),
        maps=outputs[name][0].numpy(),
        picture=picture[0, 0].numpy(),
    )


# --- Mistakes and answers -----------------------------------------------------------------------


def _mistakes(
    snapshot: Snapshot, run: Run, settings: Settings
) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    from ali5.labs.learning.lesson import confusion_of

    images, labels = run.validation()
    shares, classes = snapshot.shares, snapshot.classes
    cell = (settings.truth, settings.taken) if settings.truth < len(classes) else (-1, -1)
    taken = shares.argmax(1)
    certainty = shares.amax(1)
    chosen = taken != labels
    if min(cell) >= 0 and max(cell) < len(classes):
        chosen = (labels == cell[0]) & (taken == cell[1])
    else:
        cell = (-1, -1)
    found = chosen.nonzero()[:, 0]
    surest = certainty[found].argsort(descending=True, stable=True)
    found = found[surest][:MOST_PICTURES]
    header: dict[str, Any] = {
        "classes": classes,
        "signs": SIGNS if snapshot.plan.data == "shapes" else classes,
        "counts": confusion_of(shares, labels).ravel().tolist(),
        "truth": cell[0],
        "taken": cell[1],
        "words": _found_in_words(cell, int(chosen.sum()), classes),
        "pictures": [
            {
                "truth": int(labels[i]),
                "taken": int(taken[i]),
                "share": share_in_words(float(certainty[i])),
            }
            for i in found
        ],
    }
    return header, images[found, 0].numpy()


def _found_in_words(cell: tuple[int, int], count: int, classes: Sequence[str]) -> str:
    if cell[0] < 0:
        what = "mistake" if count == 1 else "mistakes"
        head = f"{count:,} {what} in all" if count else "No mistake at all"
    elif cell[0] == cell[1]:
        head = f"{count:,} pictures of “{classes[cell[0]]}” were recognised"
    else:
        head = f"{count:,} of “{classes[cell[0]]}” were taken for “{classes[cell[1]]}”"
    shown = f", the surest {MOST_PICTURES} of them" if count > MOST_PICTURES else ""
    order = "" if shown or count < 2 else ", the surest first"
    return f"{head}{shown}{order}."


def _answer(snapshot: Snapshot, drawing: Image.Image) -> list[tuple[str, float]]:
    import torch

    from ali5.known.catalog import architecture

    preprocessing = architecture("lenet5").edition("paper").preprocessing
    pixels = torch.from_numpy(prepare_pixels(drawing, preprocessing))[None]
    with engine.slot():
        shares = snapshot.network(pixels).softmax(1)[0]
    ranked = shares.argsort(descending=True)[:5].tolist()
    return [(snapshot.classes[i], float(shares[i])) for i in ranked]
