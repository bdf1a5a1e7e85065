"""How often a network is right, and what it takes for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ali5.known.records import Preprocessing
from ali5.training.pictures import Pictures, to_input

TEN_CLASSES = (
    "lifeboat",
    "ladybug",
    "pizza",
    "bell pepper",
    "school bus",
    "koala",
    "espresso",
    "red panda",
    "orange",
    "sports car",
)
"""The classes of CNN Explainer (Wang et al. 2020), ten of Tiny ImageNet's 200."""


@dataclass(frozen=True)
class Accuracy:
    """Shares of pictures, 0..1, whose class is the most likely one, or among the first five."""

    top1: float
    top5: float


@dataclass(frozen=True)
class Confusion:
    """A mistake that is made often.

    Attributes:
        truth: The class of the pictures.
        taken_for: The class that got the highest logit instead.
        share: Of the pictures of that class, 0..1.
    """

    truth: str
    taken_for: str
    share: float


def logits_of(
    module: nn.Module, pictures: Pictures, preprocessing: Preprocessing, batch: int = 500
) -> Tensor:
    """Run a module in evaluation mode over pictures, one crop of each, in 32-bit precision.

    Args:
        module: Gives logits; it is put in evaluation mode.
        pictures: On the module's device.
        preprocessing: Of the network.
        batch: Pictures at a time.

    Returns:
        Logits on the CPU, [N, classes].
    """
    module.eval()
    with torch.inference_mode():
        return torch.cat(
            [
                module(to_input(images, preprocessing)).cpu()
                for images in torch.split(pictures.images, batch)
            ]
        )


def accuracy(logits: Tensor, labels: Tensor) -> Accuracy:
    """Count how often the class, [N], has the highest, or one of the five highest, logits."""
    hits = (logits.topk(5).indices == labels.cpu()[:, None]).double()
    return Accuracy(top1=float(hits[:, 0].mean()), top5=float(hits.sum(1).mean()))


def restricted_top1(
    logits: Tensor, labels: Tensor, names: Sequence[str], kept: Sequence[str] = TEN_CLASSES
) -> float | None:
    """Measure the share of right answers if there were only some classes.

    Args:
        logits: [N, classes].
        labels: [N].
        names: Of all classes.
        kept: Of the classes that there shall be.

    Returns:
        Share 0..1 among the pictures of those classes; None if a class is not known.
    """
    if not set(kept) <= set(names):
        return None
    columns = torch.tensor([names.index(name) for name in kept])
    rows = torch.isin(labels.cpu(), columns)
    best = columns[logits[rows][:, columns].argmax(1)]
    return float((best == labels.cpu()[rows]).double().mean())


def confusions(
    logits: Tensor, labels: Tensor, names: Sequence[str], most: int = 10
) -> tuple[Confusion, ...]:
    """List the most frequent mistakes, the most frequent first."""
    labels, best = labels.cpu(), logits.argmax(1)
    classes = len(names)
    counts = torch.bincount(labels * classes + best, minlength=classes * classes)
    counts = counts.view(classes, classes)
    shares = counts / counts.sum(1, keepdim=True).clamp(min=1)
    shares.fill_diagonal_(0)
    # Sorted in a stable way: equal shares stay in the order of the classes.
    order = shares.flatten().argsort(descending=True, stable=True)[:most]
    return tuple(
        Confusion(names[int(cell) // classes], names[int(cell) % classes], round(float(share), 4))
        for cell in order
        if (share := shares.flatten()[cell]) > 0
    )
