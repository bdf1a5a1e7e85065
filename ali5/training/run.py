"""The state of one training: its steps, its checkpoint and the weights on the way."""

from __future__ import annotations

import contextlib
import copy
import math
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from ali5.errors import DataError
from ali5.known.records import Edition
from ali5.networks.initialise import initialise
from ali5.networks.networks import build
from ali5.networks.weights import write_weights
from ali5.training import first_layer
from ali5.training.pictures import Pictures, augment, to_input
from ali5.training.precision import Precision, choose, computing_in
from ali5.training.recipe import Recipe
from ali5.training.steps import Stepper

STATISTICS = 100
"""Batches that the statistics of batch normalisation are measured on."""

SOFTNESS = 2.0
"""Temperature at which answers are imitated."""


@runtime_checkable
class HasAuxiliaries(Protocol):
    """A network with further heads on the way, which help it to learn and do nothing else."""

    def forward_with_auxiliaries(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return the logits of the main head, [N, classes], and those of every further one."""


class Run:
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
        self.teacher: nn.Module | None = None  # whose answers the last cycle imitates
        self.computing = ""  # in which precision, and why

    def prepare(self, pictures: Pictures) -> None:
        """Set what the pictures decide: the precision, if it was left open, and the schedule."""
        self._settle_precision(pictures)
        self.steps_per_epoch = math.ceil(len(pictures.labels) / self.recipe.batch)
        self.stepper.schedule(self.recipe.epochs * self.steps_per_epoch)
        if self.kept is None or self.epoch in self.recipe.ends:
            return  # between the cycles nothing is taken along
        if self.epoch > self.recipe.epochs:
            self._step_again()
        self.stepper.load_state_dict(self.kept["stepper"])

    def _settle_precision(self, pictures: Pictures) -> None:
        precision = self.recipe.precision
        if precision == "auto":
            chosen = choose(self._stopwatch(pictures))
            self.recipe = replace(self.recipe, precision=chosen.precision)
            self.computing = f"{chosen.precision} ({chosen.why})"
        else:
            self.computing = f"{precision} ({'as told' if self.kept is None else 'as it began'})"

    def _stopwatch(self, pictures: Pictures) -> Callable[[Precision], float]:
        """Return what times a step, there and back, and leaves nothing behind."""
        model = copy.deepcopy(self.model).train()
        images = next(self._batches(pictures, 1))
        labels = pictures.labels[: len(images)]
        drawing = [self.device] if self.device.type == "cuda" else []

        def seconds_in(precision: Precision) -> float:
            start = time.perf_counter()
            try:
                with torch.random.fork_rng(drawing), computing_in(precision, self.device):
                    loss = self.loss(model, images, labels)
                model.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                if self.device.type != "cpu":
                    torch.accelerator.synchronize(self.device)
            except RuntimeError:  # no room for it, or not made for this device
                return math.inf
            return time.perf_counter() - start

        return seconds_in

    def begin_again(self, pictures: Pictures) -> None:
        """Begin the next cycle."""
        if self._in_last_cycle:
            self._prepare_last(pictures)
        half = halved(self.average)
        self.average.load_state_dict(half)
        self.model.load_state_dict(half)
        self._step_again()

    def _prepare_last(self, pictures: Pictures) -> None:
        recipe = self.recipe
        if recipe.imitation:
            self._imitate(copy.deepcopy(self.with_statistics(self.average, pictures)))
        if recipe.without_start:
            start = build(self.edition)
            initialise(start, recipe.seed, recipe.first_scale)
            first_layer.take_out(self.average, start.to(self.device))
        if recipe.revival:
            first_layer.revive(self.average, self._batches(pictures, STATISTICS))

    @property
    def _in_last_cycle(self) -> bool:
        return self.epoch >= self.recipe.ends[-2]

    def _imitate(self, model: nn.Module) -> None:
        self.teacher = model.to(self.device).eval().requires_grad_(False)

    def _step_again(self) -> None:
        if self._in_last_cycle and self.recipe.without_start:
            first_layer.weight_of(self.model).requires_grad_(False)
        self.stepper = Stepper(self.model, self.recipe.gentler)
        cycle = bisect_right(self.recipe.ends, self.epoch) - 1
        self.stepper.schedule(self.recipe.again[cycle] * self.steps_per_epoch)

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
            with computing_in(recipe.precision, device):
                loss = self.loss(self.model, images, pictures.labels[batch])
            self.model.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.stepper.step()
            self._average()
            self.step += 1
            if self.step in recipe.snapshots:
                half = halved(self.with_statistics(self.model, pictures))
                with writing(self.snapshot(self.step)):
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
        copied = copy.deepcopy(module)
        update_bn(self._batches(pictures, count), copied)
        return copied

    def _batches(self, pictures: Pictures, count: int) -> Iterator[Tensor]:
        recipe = self.recipe
        random = torch.Generator(self.device).manual_seed(recipe.seed)
        order = torch.randperm(len(pictures.labels), generator=random, device=self.device)
        for batch in torch.split(order, recipe.batch)[:count]:
            images = augment(pictures.images[batch], recipe, random)
            images = to_input(images, self.edition.preprocessing)
            yield images.contiguous(memory_format=torch.channels_last)

    def size(self) -> int | None:
        """Return the edge of the training pictures of this epoch, in pixels; None for their own."""
        sizes = self.recipe.sizes
        if not sizes or self.epoch >= self.recipe.epochs:
            return None
        return sizes[self.epoch * len(sizes) // self.recipe.epochs]

    def snapshot(self, step: int) -> Path:
        """Return the file of the weights after so many steps."""
        return self.out.with_name(f"{self.out.stem}-step-{step}.safetensors")

    def loss(self, model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Return how far a network's answers are from what is asked of them, as one number."""
        recipe = self.recipe

        def missed(logits: Tensor) -> Tensor:
            return F.cross_entropy(logits.float(), labels, label_smoothing=recipe.label_smoothing)

        heads: list[Tensor] = []
        if recipe.auxiliary and isinstance(model, HasAuxiliaries):
            logits, *heads = model.forward_with_auxiliaries(images)
        else:
            logits = model(images)
        loss = missed(logits)
        if self.teacher is not None:
            with torch.no_grad():
                wanted = self.teacher(images).float()
            loss = loss + recipe.imitation * (distance(logits.float(), wanted) - loss)
        for head in heads:
            loss = loss + recipe.auxiliary * missed(head)
        return loss

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
        if self.teacher is not None:
            state["teacher"] = self.teacher.state_dict()
        with writing(self.checkpoint):
            torch.save(state, self.fresh)
            self.fresh.replace(self.checkpoint)

    def load(self) -> None:
        """Go on from the checkpoint, if there is one."""
        if not self.checkpoint.is_file():
            return
        try:
            kept = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            recipe = self.recipe
            if recipe.precision == "auto":
                recipe = replace(recipe, precision=kept["recipe"]["precision"])
            same = (kept["builder"], kept["recipe"]) == (self.edition.builder, asdict(recipe))
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
        if "teacher" in kept:
            model = build(self.edition)
            model.load_state_dict(kept["teacher"])
            self._imitate(model)
        self.recipe = recipe
        self.epoch, self.step = kept["epoch"], kept["step"]
        self.log, self.seconds = kept["log"], kept["seconds"]
        self.kept = kept


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say in a sentence that a file cannot be written."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(
            f"'{path}' cannot be written ({reason}). What was written before is kept: make room, "
            "or a place that can be written to, and go on with --resume."
        ) from error


def halved(module: nn.Module) -> dict[str, Tensor]:
    """Return the weights in 16 bits, on the CPU."""
    return {
        name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for name, value in module.state_dict().items()
    }


def distance(logits: Tensor, wanted: Tensor) -> Tensor:
    """Return how far answers are from those of another network.

    The divergence of the softened shares, T² KL(softmax(wanted / T) ‖ softmax(logits / T)) with
    T = 2 (Hinton et al. 2015, "Distilling the knowledge in a neural network", section 2).

    Args:
        logits: [N, classes].
        wanted: Those of the other network, [N, classes].

    Returns:
        The mean over the pictures, 0 or more.
    """
    soft, target = (F.log_softmax(each / SOFTNESS, dim=1) for each in (logits, wanted))
    return F.kl_div(soft, target, reduction="batchmean", log_target=True) * SOFTNESS**2
