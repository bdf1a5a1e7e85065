"""Softmax term by term: how logits become shares of one.

Bridle: "Probabilistic interpretation of feedforward classification network outputs", 1990; the
temperature is that of Hinton, Vinyals, Dean: "Distilling the knowledge in a neural network", 2015,
https://arxiv.org/abs/1503.02531.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ali5.errors import Ali5Error


@dataclass(frozen=True, eq=False)
class Softmax:
    """Every term of a softmax. Tensors are [classes], float64, on the CPU.

    Attributes:
        logits: What came in.
        temperature: What they were divided by.
        divided: The quotients.
        largest: The largest of them.
        shifted: The quotients minus the largest, so that no exponential can overflow; at most 0.
        exponentials: e to the power of each, 0..1.
        total: Their sum, 1 to the number of classes.
        shares: Each exponential divided by the sum, 0..1; they add up to 1.
    """

    logits: Tensor
    temperature: float
    divided: Tensor
    largest: float
    shifted: Tensor
    exponentials: Tensor
    total: float
    shares: Tensor


def softmax(logits: Tensor, temperature: float = 1.0) -> Softmax:
    """Turn logits into shares, term by term.

    Args:
        logits: One finite number for each class, [classes].
        temperature: 1 is the plain softmax; towards 0 the largest logit takes all, and the larger
            it is the more even the shares become.

    Raises:
        Ali5Error: The temperature is not above zero, or the logits are no list of finite numbers.
    """
    if not (math.isfinite(temperature) and temperature > 0):
        raise Ali5Error(f"temperature must be a number above zero, not {temperature!r}.")
    if not isinstance(logits, Tensor) or logits.ndim != 1 or not len(logits):
        raise Ali5Error("logits must be a list of numbers, [classes], with at least one.")
    logits = logits.detach().cpu().double()
    if not bool(torch.isfinite(logits).all()):
        raise Ali5Error("logits must be finite numbers.")
    divided = logits / temperature
    largest = divided.max()
    shifted = divided - largest
    exponentials = shifted.exp()
    total = exponentials.sum()
    return Softmax(
        logits=logits,
        temperature=temperature,
        divided=divided,
        largest=float(largest),
        shifted=shifted,
        exponentials=exponentials,
        total=float(total),
        shares=exponentials / total,
    )
