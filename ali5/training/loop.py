"""Train a network by its recipe; stop and go on at any time."""

from __future__ import annotations

import contextlib
import copy
import csv
import dataclasses
import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from ali5.architectures.googlenet import GoogLeNet
from ali5.cards import Card, Snapshot, write_card
from ali5.catalog import architecture
from ali5.errors import DataError
from ali5.initialise import initialise
from ali5.labels import read_labels
from ali5.networks import build
from ali5.records import Edition
from ali5.training.data import read_pictures
from ali5.training.measure import (
    Accuracy,
    accuracy,
    confusions,
    logits_of,
    restricted_top1,
)
from ali5.training.pictures import Pictures, augment, to_input
from ali5.training.recipe import Recipe
from ali5.training.steps import Stepper
from ali5.weights import write_weights

DATA_WORDS = {
    "mnist": "{:,} digits of MNIST, measured on {:,} test digits",
    "tiny-imagenet": "{:,} photographs of Tiny ImageNet-200, measured on {:,} validation pictures "
    "that it was not trained on",
}

STATISTICS = 100
"""Batches that the statistics of batch normalisation are measured on."""

ON_THE_WAY = 25
"""As many are enough for the log."""

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
    """

    done: float
    epoch: int
    epochs: int
    loss: float
    accuracy: Accuracy | None
    seconds_left: float


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
        recipe: The same recipe gives the same weights on the same CPU; an accelerator may add in
            another order, and the last digits differ.
        device: Where to compute; 16-bit brain floats are used where they are fast.
        resume: Go on from the checkpoint beside `out`, if there is one.
        report: Called after every step.
        reading: Called with how many pictures are read, and how many there are.

    Returns:
        The model card, with the accuracy of the weights as stored (16 bits).

    Raises:
        DataError: The folder does not hold the data, `out` cannot be written, or the checkpoint
            is of another recipe.
    """
    if out.suffix != ".safetensors" or not out.parent.is_dir():
        raise DataError(
            f"Weights are written to a '.safetensors' file in a folder that exists, not '{out}'."
        )
    chosen = architecture(network).edition(edition)
    run = _Run(chosen, recipe, device, out)
    with _writing(out):  # before hours of work, not after
        run.fresh.touch()
        run.fresh.unlink()
    if resume:
        run.load()
    train_part = read_pictures(recipe.data, folder, "train", reading).on(device)
    test_part = read_pictures(recipe.data, folder, "test").on(device)
    if not len(train_part.labels) or not len(test_part.labels):
        raise DataError(f"'{folder}' holds no pictures to learn from, or none to measure with.")
    run.prepare(len(train_part.labels))
    began, steps_before = time.monotonic(), run.epoch * run.steps_per_epoch
    while run.epoch < recipe.all_epochs:
        if run.epoch == recipe.epochs:
            run.begin_again()
        losses = []
        for loss in run.steps(train_part):
            losses.append(loss)
            here = run.epoch * run.steps_per_epoch + len(losses)
            pace = (time.monotonic() - began) / (here - steps_before)
            total = recipe.all_epochs * run.steps_per_epoch
            last = run.log[-1] if run.log else None
            report(
                Progress(
                    done=here / total,
                    epoch=run.epoch + 1,
                    epochs=recipe.all_epochs,
                    loss=loss,
                    accuracy=Accuracy(last["top1"], last["top5"]) if last else None,
                    seconds_left=pace * (total - here),
                )
            )
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
    return _finish(network, recipe, run, (train_part, test_part), out)


class _Run:
    """The state of one training, which a checkpoint holds."""

    def __init__(self, edition: Edition, recipe: Recipe, device: torch.device, out: Path) -> None:
        self.edition, self.recipe, self.device = edition, recipe, device
        self.out, self.checkpoint = out, out.with_suffix(".checkpoint")
        self.fresh = out.with_suffix(".new")
        self.model = build(edition)
        initialise(self.model, recipe.seed, recipe.first_scale)
        for module in self.model.modules():
            if isinstance(module, nn.Dropout) and recipe.dropout is not None:
                module.p = recipe.dropout
            if isinstance(module, nn.ReLU):
                module.inplace = True  # the same numbers with less memory to move
        self.average = build(edition)
        self.average.load_state_dict(self.model.state_dict())
        for module in (self.model, self.average):
            module.to(device)
        self.stepper = Stepper(self.model, recipe)
        self.epoch = self.step = 0
        self.seconds = 0.0
        self.log: list[dict[str, float]] = []
        self.kept: dict[str, Any] | None = None

    def prepare(self, pictures: int) -> None:
        """Set the schedule, which needs to know how many steps there are."""
        self.steps_per_epoch = math.ceil(pictures / self.recipe.batch)
        self.stepper.schedule(self.recipe.epochs * self.steps_per_epoch)
        if self.kept is None or self.epoch == self.recipe.epochs:
            return  # between the cycles nothing is taken along
        if self.epoch > self.recipe.epochs:
            self._step_again()
        self.stepper.load_state_dict(self.kept["stepper"])

    def begin_again(self) -> None:
        """Begin the second cycle."""
        half = _halved(self.average)
        self.average.load_state_dict(half)
        self.model.load_state_dict(half)
        self._step_again()

    def _step_again(self) -> None:
        self.stepper = Stepper(self.model, self.recipe.gentler)
        self.stepper.schedule(self.recipe.again * self.steps_per_epoch)

    def steps(self, pictures: Pictures) -> Iterator[float]:
        """Go once over the pictures; yield the loss of every step."""
        recipe, device = self.recipe, self.device
        # One seed for each epoch: a resumed training draws the same numbers.
        seed = recipe.seed * 10_000 + self.epoch
        torch.manual_seed(seed)  # of dropout
        random = torch.Generator(device).manual_seed(seed)
        order = torch.randperm(len(pictures.labels), generator=random, device=device)
        self.model.train()
        for batch in torch.split(order, recipe.batch):
            images = augment(pictures.images[batch], recipe, random)
            images = to_input(images, self.edition.preprocessing, self.size())
            images = images.contiguous(memory_format=torch.channels_last)
            with torch.autocast(device.type, torch.bfloat16, enabled=recipe.data != "mnist"):
                loss = self._loss(images, pictures.labels[batch])
            self.model.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.stepper.step()
            self._average()
            self.step += 1
            if self.step in recipe.snapshots:
                half = _halved(self.with_statistics(self.model, pictures))
                with _writing(self.snapshot(self.step)):
                    write_weights(self.snapshot(self.step), half)
            yield float(loss.detach())

    def with_statistics(
        self, module: nn.Module, pictures: Pictures, count: int = STATISTICS
    ) -> nn.Module:
        """Return a network with statistics of batch normalisation that are its own.

        They are measured on `count` batches of pictures of the network's own size, whatever the
        size of those that it learns from at the time (see `Recipe.sizes`). Those of the averaged
        weights are not the average of the statistics (Izmailov et al. 2018, "Averaging weights
        leads to wider optima and better generalization", section 3.2).

        Returns:
            A copy; the network itself if it has no batch normalisation.
        """
        if not any(isinstance(part, nn.BatchNorm2d) for part in module.modules()):
            return module
        copied, recipe = copy.deepcopy(module), self.recipe
        random = torch.Generator(self.device).manual_seed(recipe.seed)
        order = torch.randperm(len(pictures.labels), generator=random, device=self.device)

        def batches() -> Iterator[Tensor]:
            for batch in torch.split(order, recipe.batch)[:count]:
                images = augment(pictures.images[batch], recipe, random)
                images = to_input(images, self.edition.preprocessing)
                yield images.contiguous(memory_format=torch.channels_last)

        update_bn(batches(), copied)
        return copied

    def size(self) -> int | None:
        """Return the edge of the training pictures of this epoch, in pixels; None for their own."""
        sizes = self.recipe.sizes
        if not sizes or self.epoch >= self.recipe.epochs:
            return None
        return sizes[self.epoch * len(sizes) // self.recipe.epochs]

    def snapshot(self, step: int) -> Path:
        """Return the file of the weights after so many steps."""
        return self.out.with_name(f"{self.out.stem}-step-{step}.safetensors")

    def _loss(self, images: Tensor, labels: Tensor) -> Tensor:
        smoothing = self.recipe.label_smoothing
        if isinstance(self.model, GoogLeNet) and self.recipe.auxiliary:
            main, *heads = self.model.forward_with_auxiliaries(images)
            loss = F.cross_entropy(main.float(), labels, label_smoothing=smoothing)
            for head in heads:
                part = F.cross_entropy(head.float(), labels, label_smoothing=smoothing)
                loss = loss + self.recipe.auxiliary * part
            return loss
        return F.cross_entropy(self.model(images).float(), labels, label_smoothing=smoothing)

    @torch.no_grad()
    def _average(self) -> None:
        pairs = zip(
            self.average.state_dict().values(), self.model.state_dict().values(), strict=True
        )
        for kept, new in pairs:
            if kept.is_floating_point():
                kept.lerp_(new, 1 - self.recipe.averaging)
            else:
                kept.copy_(new)

    def save(self, seconds: float) -> None:
        """Write the checkpoint: all of it, or, if killed while writing, none of it."""
        state = {
            "builder": self.edition.builder,
            "recipe": asdict(self.recipe),
            "epoch": self.epoch,
            "step": self.step,
            "seconds": seconds,
            "log": self.log,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "stepper": self.stepper.state_dict(),
        }
        with _writing(self.checkpoint):
            torch.save(state, self.fresh)
            self.fresh.replace(self.checkpoint)

    def load(self) -> None:
        """Go on from the checkpoint, if there is one."""
        if not self.checkpoint.is_file():
            return
        try:
            kept = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            same = (kept["builder"], kept["recipe"]) == (self.edition.builder, asdict(self.recipe))
        except Exception as error:  # a pickle can fail in any way
            raise DataError(
                f"'{self.checkpoint}' is damaged or of another version of ALI5. Remove it to start "
                "anew."
            ) from error
        if not same:
            raise DataError(
                f"'{self.checkpoint}' is of a training of another network or with other settings. "
                "Repeat these, or remove it to start anew."
            )
        for step in self.recipe.snapshots:
            if step <= kept["step"] and not self.snapshot(step).is_file():
                raise DataError(
                    f"'{self.snapshot(step)}' is missing: it was written before "
                    f"'{self.checkpoint}' and belongs beside it. Bring it back, or remove the "
                    "checkpoint to start anew."
                )
        self.model.load_state_dict(kept["model"])
        self.average.load_state_dict(kept["average"])
        self.epoch, self.step = kept["epoch"], kept["step"]
        self.log, self.seconds = kept["log"], kept["seconds"]
        self.kept = kept


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say in a sentence that a file cannot be written."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(
            f"'{path}' cannot be written ({reason}). What was written before is kept: make room, "
            "or a place that can be written to, and go on with --resume."
        ) from error


def _finish(
    network: str, recipe: Recipe, run: _Run, data: tuple[Pictures, Pictures], out: Path
) -> Card:
    edition, test = run.edition, data[1]
    names = read_labels(edition.labels)
    module = run.average

    def measured(state: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
        module.load_state_dict(state)
        logits = logits_of(module, test, edition.preprocessing)
        shares = asdict(accuracy(logits, test.labels))
        ten = restricted_top1(logits, test.labels, names)
        return logits, shares if ten is None else shares | {"ten_classes": ten}

    half = _halved(module)
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
    with _writing(out):
        with out.with_suffix(".csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, run.log[0].keys())
            writer.writeheader()
            writer.writerows(run.log)
        card = dataclasses.replace(card, sha256=write_weights(out, half))
        write_card(out, card)
    run.checkpoint.unlink(missing_ok=True)
    return card


def _halved(module: nn.Module) -> dict[str, Tensor]:
    """Return the weights in 16 bits, on the CPU."""
    return {
        name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for name, value in module.state_dict().items()
    }


def _hardware(device: torch.device) -> str:
    where = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"{device.type.upper()}, {torch.get_num_threads()} threads"
    )
    return f"{where}, torch {torch.__version__}"
