"""The recipe for LeNet-5 on MNIST."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ali5.catalog import architecture
from ali5.errors import DataError
from ali5.initialise import initialise
from ali5.networks import build
from ali5.training.mnist import Digits, read_mnist
from ali5.weights import Card, save_weights


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result.

    Attributes:
        epochs: Passes over the 60,000 training digits.
        batch: Digits per step.
        peak_rate: Highest learning rate of the one-cycle schedule.
        weight_decay: Of AdamW.
        rotation_degrees: Digits are turned by up to this much, either way,
        scaling: made larger or smaller by up to this share,
        shift_px: and moved by up to this many pixels.
        averaging: Decay per step of the running average of the weights that is kept.
        seed: Of the first weights, the order and the augmentation.
    """

    epochs: int = 30
    batch: int = 128
    peak_rate: float = 4e-3
    weight_decay: float = 1e-2
    rotation_degrees: float = 12.0
    scaling: float = 0.12
    shift_px: float = 2.0
    averaging: float = 0.998
    seed: int = 5


def train_lenet(
    data: Path, out: Path, recipe: Recipe, report: Callable[[str], None] = print
) -> Card:
    """Train LeNet-5 on MNIST and write its weights, model card and log.

    Args:
        data: The folder with MNIST's IDX files.
        out: The weights file, `*.safetensors`; the card and the log are written beside it.
        recipe: The same recipe gives the same weights on the same machine.
        report: Called with a line after every epoch.

    Returns:
        The model card, with the accuracy of the weights as stored (16 bits).

    Raises:
        DataError: The folder does not hold MNIST, or `out` cannot be written.
    """
    if out.suffix != ".safetensors" or not out.parent.is_dir():
        raise DataError(
            f"Weights are written to a '.safetensors' file in a folder there is, not '{out}'."
        )
    started = time.monotonic()
    torch.manual_seed(recipe.seed)
    train, test = read_mnist(data, "train"), read_mnist(data, "test")
    edition = architecture("lenet5").edition("compact")
    model = build(edition)
    initialise(model, recipe.seed)
    average = build(edition)
    average.load_state_dict(model.state_dict())
    test_images = to_input(test.images.float())

    steps = recipe.epochs * math.ceil(len(train.labels) / recipe.batch)
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.peak_rate, steps)
    log: list[dict[str, float]] = []
    for epoch in range(1, recipe.epochs + 1):
        loss = _train_epoch(model, average, train, recipe, optimiser, schedule)
        accuracy = measure_accuracy(average, test_images, test.labels)
        elapsed = time.monotonic() - started
        log.append({"epoch": epoch, "loss": loss, "accuracy": accuracy, "seconds": elapsed})
        left = elapsed / epoch * (recipe.epochs - epoch)
        report(
            f"epoch {epoch}/{recipe.epochs}  loss {loss:.4f}  test accuracy {accuracy:.2%}  "
            f"about {left / 60:.1f} min left"
        )

    half = {name: value.half() for name, value in average.state_dict().items()}
    average.load_state_dict(half)
    card = Card(
        network="lenet5",
        edition="compact",
        data="60,000 digits of MNIST, measured on its 10,000 test digits",
        recipe=asdict(recipe),
        seed=recipe.seed,
        hardware=f"CPU, {torch.get_num_threads()} threads, torch {torch.__version__}",
        minutes=round((time.monotonic() - started) / 60, 1),
        accuracy={"top1": measure_accuracy(average, test_images, test.labels)},
        not_good_for="anything but single light digits on a dark ground: every other picture is "
        "forced into one of ten digits.",
    )
    with out.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, log[0].keys())
        writer.writeheader()
        writer.writerows(log)
    return save_weights(out, half, card)


def to_input(images: Tensor) -> Tensor:
    """Turn grey levels 0..255, [N, 28, 28], into LeNet-5's input, [N, 1, 32, 32]."""
    preprocessing = architecture("lenet5").edition("compact").preprocessing
    padded = F.pad(images[:, None] / 255, (preprocessing.border,) * 4)
    return (padded - preprocessing.mean[0]) / preprocessing.std[0]


def measure_accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Return the share of pictures whose largest logit is the right one, 0..1."""
    model.eval()
    with torch.inference_mode():
        guesses = torch.cat([model(part).argmax(1) for part in torch.split(images, 1000)])
    return float((guesses == labels).double().mean())


def _train_epoch(
    model: nn.Module,
    average: nn.Module,
    train: Digits,
    recipe: Recipe,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> float:
    """Go once over the digits; return the mean loss."""
    model.train()
    losses = []
    for batch in torch.split(torch.randperm(len(train.labels)), recipe.batch):
        images = to_input(_distort(train.images[batch].float(), recipe))
        loss = F.cross_entropy(model(images), train.labels[batch])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            for kept, new in zip(average.parameters(), model.parameters(), strict=True):
                kept.lerp_(new, 1 - recipe.averaging)
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def _distort(images: Tensor, recipe: Recipe) -> Tensor:
    """Turn, scale and shift every digit a little differently; [N, 28, 28] stays."""
    count, _, edge = images.shape

    def spread(limit: float) -> Tensor:
        return (torch.rand(count) * 2 - 1) * limit

    angle = spread(math.radians(recipe.rotation_degrees))
    zoom = 1 + spread(recipe.scaling)
    shift_x, shift_y = spread(recipe.shift_px * 2 / edge), spread(recipe.shift_px * 2 / edge)
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    matrix = torch.stack(
        [torch.stack([cosine, -sine, shift_x], 1), torch.stack([sine, cosine, shift_y], 1)], 1
    )
    grid = F.affine_grid(matrix, [count, 1, edge, edge], align_corners=False)
    return F.grid_sample(images[:, None], grid, align_corners=False)[:, 0]
