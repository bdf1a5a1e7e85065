"""How often a network is right."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from ali5.records import Preprocessing
from ali5.training.pictures import Pictures, to_input


@dataclass(frozen=True)
class Accuracy:
    """Shares of pictures, 0..1, whose class is the most likely one, or among the first five."""

    top1: float
    top5: float


def measure(
    module: nn.Module, pictures: Pictures, preprocessing: Preprocessing, batch: int = 500
) -> Accuracy:
    """Measure a module in evaluation mode, one crop of each picture, in 32-bit precision.

    Args:
        module: Gives logits; it is put in evaluation mode.
        pictures: On the module's device.
        preprocessing: Of the network.
        batch: Pictures at a time.
    """
    module.eval()
    ranks = []
    with torch.inference_mode():
        for images, labels in zip(
            torch.split(pictures.images, batch), torch.split(pictures.labels, batch), strict=True
        ):
            logits = module(to_input(images, preprocessing))
            ranks.append((logits.topk(5).indices == labels[:, None]).cpu())
    hits = torch.cat(ranks).double()
    return Accuracy(top1=float(hits[:, 0].mean()), top5=float(hits.sum(1).mean()))
