"""Train a network by its recipe; stop and go on at any time."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from ali5.errors import DataError
from ali5.known.cards import Card, Snapshot, write_card
from ali5.known.catalog import architecture
from ali5.known.labels import read_labels
from ali5.known.records import Edition
from ali5.networks.weights import write_weights
from ali5.training.data import read_pictures
from ali5.training.measure import Accuracy, accuracy, confusions, logits_of, restricted_top1
from ali5.training.pictures import Pictures
from ali5.training.recipe import Recipe
from ali5.training.run import Run, halved, writing

DATA_WORDS = {
    "mnist": "{:,} digits of MNIST, measured on {:,} test digits",
    "tiny-imagenet": "{:,} photographs of Tiny ImageNet-200, measured on {:,} validation pictures "
    "that it was not trained on",
}

ON_THE_WAY = 25
"""Batches that the statistics of normalisation are measured on for the log: fewer will do."""

NOT_GOOD_FOR = {
    "mnist": "anything but single light digits on a dark ground: every other picture is forced "
    "into one of ten digits.",
    "tiny-imagenet": "anything outside its 200 classes, which it forces every picture into; small "
    "things in large pictures; people.",
}


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        done: Share of all steps, 0..1.
        epoch: The one that runs, from 1.
        epochs: Of the recipe.
        loss: Of the last step.
        accuracy: Of the last epoch, if there was one.
        seconds_left: At the pace so far.
        computing: In which precision, and why: "fp32 (1.3 s a step, bf16 21 s)".
    """

    done: float
    epoch: int
    epochs: int
    loss: float
    accuracy: Accuracy | None
    seconds_left: float
    computing: str


def train(
    network: str,
    edition: str,
    folder: Path,
    out: Path,
    recipe: Recipe,
    device: torch.device,
    resume: bool = False,
    report: Callable[[Progress], None] = lambda progress: None,
    reading: Callable[[int, int], None] | None = None,
) -> Card:
    """Train a network and write its weights, model card and log.

    After every epoch a checkpoint is written beside `out`; it goes when the training is done. A
    training that goes on from one gives the same weights as one that was never stopped.

    Args:
        network: Id in the catalog.
        edition: One of those that have a recipe.
        folder: Holds the data that the recipe names.
        out: The weights file, `*.safetensors`; the card and the log are written beside it.
        recipe: The same recipe gives the same weights on the same CPU, if it names a precision; an
            accelerator may add in another order, and the last digits differ.
        device: Where to compute.
        resume: Go on from the checkpoint beside `out`, if there is one.
        report: Called after every step.
        reading: Called with how many pictures are read, and how many there are.

    Returns:
        The model card, with the accuracy of the weights as stored (16 bits).

    Raises:
        DataError: The folder does not hold the data, `out` cannot be written, or the checkpoint
            is of another recipe.
    """
    chosen = architecture(network).edition(edition)
    run = _begun(chosen, recipe, device, out, resume)
    train_part = read_pictures(recipe.data, folder, "train", reading).on(device)
    test_part = read_pictures(recipe.data, folder, "test").on(device)
    if not len(train_part.labels) or not len(test_part.labels):
        raise DataError(f"'{folder}' holds no pictures to learn from, or none to measure with.")
    run.prepare(train_part)
    began, before = time.monotonic(), run.epoch * run.steps_per_epoch
    while run.epoch < recipe.all_epochs:
        if run.epoch in recipe.ends[:-1]:
            run.begin_again(train_part)
        losses = []
        for loss in run.steps(train_part):
            losses.append(loss)
            here = run.epoch * run.steps_per_epoch + len(losses)
            report(_progress(run, here, loss, (time.monotonic() - began) / (here - before)))
        run.epoch += 1
        module = run.with_statistics(run.average, train_part, ON_THE_WAY)
        result = accuracy(logits_of(module, test_part, chosen.preprocessing), test_part.labels)
        run.log.append(
            {
                "epoch": run.epoch,
                "loss": sum(losses) / len(losses),
                "top1": result.top1,
                "top5": result.top5,
                "seconds": run.seconds + time.monotonic() - began,
            }
        )
        run.save(run.log[-1]["seconds"])
    run.average = run.with_statistics(run.average, train_part)
    return _finish(network, run, (train_part, test_part), out)


def _begun(edition: Edition, recipe: Recipe, device: torch.device, out: Path, resume: bool) -> Run:
    """Begin a training, or go on with one, where its results can be written."""
    if out.suffix != ".safetensors" or not out.parent.is_dir():
        raise DataError(
            f"Weights are written to a '.safetensors' file in a folder that exists, not '{out}'."
        )
    run = Run(edition, recipe, device, out)
    with writing(out):  # before hours of work, not after
        run.fresh.touch()
        run.fresh.unlink()
    if resume:
        run.load()
    return run


def _progress(run: Run, here: int, loss: float, pace: float) -> Progress:
    """Describe a training after so many steps, at so many seconds a step."""
    total = run.recipe.all_epochs * run.steps_per_epoch
    last = run.log[-1] if run.log else None
    return Progress(
        done=here / total,
        epoch=run.epoch + 1,
        epochs=run.recipe.all_epochs,
        loss=loss,
        accuracy=Accuracy(last["top1"], last["top5"]) if last else None,
        seconds_left=pace * (total - here),
        computing=run.computing,
    )


def _finish(network: str, run: Run, data: tuple[Pictures, Pictures], out: Path) -> Card:
    edition, recipe, test = run.edition, run.recipe, data[1]
    names = read_labels(edition.labels)
    module = run.average

    def measured(state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
        module.load_state_dict(state)
        logits = logits_of(module, test, edition.preprocessing)
        shares = asdict(accuracy(logits, test.labels))
        ten = restricted_top1(logits, test.labels, names)
        return logits, shares if ten is None else shares | {"ten_classes": ten}

    half = halved(module)
    snapshots = []
    for step in recipe.snapshots:
        kept = run.snapshot(step)
        if step > run.step:  # the training was too short for it
            continue
        checksum = hashlib.sha256(kept.read_bytes()).hexdigest()
        epoch, shares = step / run.steps_per_epoch, measured(load_file(kept))[1]
        snapshots.append(Snapshot(step, round(epoch, 3), kept.name, checksum, shares))
    logits, shares = measured(half)
    known = architecture(network)
    card = Card(
        network=network,
        edition=edition.name,
        paper=f"{known.authors}: {known.paper}, {known.year}, {known.link}",
        data=DATA_WORDS[recipe.data].format(*(len(part.labels) for part in data)),
        recipe=json.loads(json.dumps(asdict(recipe))),
        seed=recipe.seed,
        hardware=_hardware(run.device),
        minutes=round(run.log[-1]["seconds"] / 60, 1),
        accuracy=shares,
        confusions=tuple(asdict(each) for each in confusions(logits, test.labels, names)),
        not_good_for=NOT_GOOD_FOR[recipe.data],
        snapshots=tuple(snapshots),
    )
    with writing(out):
        with out.with_suffix(".csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, run.log[0].keys())
            writer.writeheader()
            writer.writerows(run.log)
        card = dataclasses.replace(card, sha256=write_weights(out, half))
        write_card(out, card)
    run.checkpoint.unlink(missing_ok=True)
    return card


def _hardware(device: torch.device) -> str:
    where = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"{device.type.upper()}, {torch.get_num_threads()} threads"
    )
    return f"{where}, torch {torch.__version__}"
