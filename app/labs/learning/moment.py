"""What the learning lab tells of a training at one moment: words, numbers and bytes, no tensors.

Importing this module does not import torch.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ali5.labs.learning.plan import Plan
from ali5.pictures.preparation import prepare_pixels

from ... import engine
from ...words import number_in_words, share_in_words
from .lessons import Run
from .sent import Inside, pack_inside
from .settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.labs.learning.lesson import Batch, Point, Snapshot
    from ali5.training.pictures import Pictures

SIGNS = ("○", "□", "△", "+", "☆", "♡", "⇨", "☾")
"""The shapes, short."""

MOST_PICTURES = 24
"""Pictures shown of a cell of the confusion matrix."""

MOST_CURVE_POINTS = 120

MOST_READ = 32
"""Moments, and pictures of validations, that stay in memory: half a megabyte each."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What there is to say of a training at one moment, whatever is looked at.

    Attributes:
        classes: What it tells apart.
        seen: Pictures that it has learned from, repeats counted.
        epochs: The same in epochs.
        batches: So many it has learned from.
        curves: As the browser takes them.
        batch: The last batch in words: forward, loss and backward, step; None before the first.
        layers: What the last batch did to each layer, as the rows of a table.
        validated: How many pictures it never learns from, and after how many it saw them last.
    """

    classes: tuple[str, ...]
    seen: int
    epochs: float
    batches: int
    curves: dict[str, Any]
    batch: tuple[str, str, str] | None
    layers: list[dict[str, str]]
    validated: tuple[int, int]


@dataclass(frozen=True)
class Taken:
    """A moment that was taken of a training.

    Attributes:
        run: The name of the training.
        snapshot: What its pupil has told, pickled.
        folder: Where MNIST's files are; "" for none.
    """

    run: str
    snapshot: bytes = field(repr=False)
    folder: str = ""


class Moment:
    """A training at one moment, which further batches do not change.

    Attributes:
        data: What it learns from: "digits", "shapes" or "mnist".
        classes: What it tells apart.
        seen: Pictures that it has learned from, repeats counted.
        share: Of the present epoch, 0..1.
    """

    def __init__(self, run: Run) -> None:
        self._run, self._taken = run, Taken(run.name, run.latest, run.folder)
        self._facts = engine.work_out(facts_at, run.name, self._taken)
        self.data: str = run.plan.data
        self.classes: tuple[str, ...] = self._facts.classes
        self.seen: int = self._facts.seen
        self.share: float = self._facts.epochs % 1

    def progress(self) -> str:
        """Say how far it is."""
        return _progress_in_words(self._run, self._facts)

    def curves(self) -> dict[str, Any]:
        """Return the curves as the browser takes them."""
        return self._facts.curves

    def batch(self) -> tuple[str, str, str] | None:
        """Tell the last batch: forward, loss and backward, step; None before the first."""
        return self._facts.batch

    def layers(self) -> list[dict[str, str]]:
        """Return what the last batch did to each layer, as the rows of a table."""
        return self._facts.layers

    def inside(self, settings: Settings, colours: str) -> bytes:
        """Return the view of its kernels and maps, in the visitor's colours."""
        return engine.work_out(inside_at, self._run.name, self._taken, settings, colours)

    def mistakes(self, settings: Settings) -> tuple[dict[str, Any], NDArray[np.uint8]]:
        """Return the confusion matrix as the browser takes it, and pictures of it, [N, 28, 28]."""
        return engine.work_out(mistakes_at, self._run.name, self._taken, settings)

    def validated(self) -> tuple[int, int]:
        """Return how many pictures it never learns from, and after how many it saw them last."""
        return self._facts.validated

    def answer_to(self, drawing: Image.Image) -> list[tuple[str, float]]:
        """Return the five classes with the largest shares of a drawing, each with it."""
        return engine.work_out(answer_at, self._run.name, self._taken, drawing)

    def validations(self) -> list[dict[str, Any]]:
        """Return the curves of the validations as the rows of a table."""
        return engine.work_out(validations_at, self._run.name, self._taken)


# --- What the engine is asked -------------------------------------------------------------------

# The first argument, the name of the run, leads all that is asked of it to the same place, where
# its last moment has been read already.


def facts_at(run: str, taken: Taken) -> Facts:
    """Return what there is to say of a moment."""
    snapshot, last = _read(taken), _read(taken).last
    return Facts(
        snapshot.classes,
        snapshot.seen,
        snapshot.epochs,
        0 if last is None else last.number,
        _curves(snapshot),
        None if last is None else batch_in_words(snapshot, last),
        [] if last is None else layer_rows(last),
        (len(_validation_of(taken).labels), snapshot.validations[-1].seen),
    )


def validations_at(run: str, taken: Taken) -> list[dict[str, Any]]:
    """Return the curves of the validations as the rows of a table."""
    return [
        {
            "pictures seen": point.seen,
            "validation loss": np.round(point.loss, 4),
            "validation right": share_in_words(point.accuracy),
        }
        for point in _read(taken).validations
    ]


def inside_at(run: str, taken: Taken, settings: Settings, colours: str) -> bytes:
    """Return the view of a network's kernels and maps, in the visitor's colours."""
    return pack_inside(_inside(_read(taken), _validation_of(taken), settings), colours)


def mistakes_at(
    run: str, taken: Taken, settings: Settings
) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    """Return the confusion matrix as the browser takes it, and pictures of it, [N, 28, 28]."""
    return _mistakes(_read(taken), _validation_of(taken), settings)


def answer_at(run: str, taken: Taken, drawing: Image.Image) -> list[tuple[str, float]]:
    """Return the five classes with the largest shares of a drawing, each with it."""
    return _answer(_read(taken), drawing)


def _read(taken: Taken) -> Snapshot:
    return _snapshot_in(taken.snapshot)


@functools.lru_cache(maxsize=MOST_READ)
def _snapshot_in(told: bytes) -> Snapshot:
    from ali5.labs.learning.pupil import snapshot_in

    return snapshot_in(told)


def _validation_of(taken: Taken) -> Pictures:
    """Return the pictures that it never learns from; they are shared, do not change them."""
    plan = _read(taken).plan
    return _validation(plan.data, plan.difficulty, plan.seed, taken.folder)


@functools.lru_cache(maxsize=MOST_READ)
def _validation(data: str, difficulty: float, seed: int, folder: str) -> Pictures:
    from ali5.labs.learning.lesson import open_material

    plan = Plan(data, difficulty, seed=seed)
    return open_material(plan, Path(folder) if folder else None).validation


# --- Progress and curves ------------------------------------------------------------------------


def _progress_in_words(run: Run, facts: Facts) -> str:
    if not run.begun:
        return f"Nothing learned yet. An epoch has {run.epoch:,} pictures."
    words = (
        f"Epoch {math.floor(facts.epochs) + 1} · batch {facts.batches:,} · "
        f"{facts.seen:,} pictures seen"
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


def _inside(snapshot: Snapshot, validation: Pictures, settings: Settings) -> Inside:
    from ali5.labs.learning.network import layers_of, outputs_of

    classes = snapshot.classes
    watch = min(settings.watch, len(classes) - 1)
    stage = min(settings.maps, snapshot.plan.stages)
    picture = _watched(validation, watch)
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


def _watched(validation: Pictures, label: int) -> Tensor:
    """Return the first of these that shows a class, as the network sees it: [1, 1, 32, 32]."""
    from ali5.labs.learning.material import as_input

    images, labels = validation
    return as_input(images[int((labels == label).int().argmax())][None])


# --- Mistakes and answers -----------------------------------------------------------------------


def _mistakes(
    snapshot: Snapshot, validation: Pictures, settings: Settings
) -> tuple[dict[str, Any], NDArray[np.uint8]]:
    from ali5.labs.learning.lesson import confusion_of

    images, labels = validation
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
