"""Which numbers the steps of a training are computed with.

16-bit brain floats (Kalamkar et al. 2019, "A study of BFLOAT16 for deep learning training") move
half of the memory. Where the processor has instructions for them they are the quicker ones; where
it has not, every product is put together from others, and a step takes many times as long.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

Precision = Literal["fp32", "bf16"]

PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")

ROUNDS = 3
"""Steps in each precision of which the quickest counts, after one that warms up."""

WORTH = 0.9
"""Share of the time in fp32 that bf16 has to stay below to be chosen: fp32 is more exact."""

HOPELESS = 4.0
"""How many times as long as in fp32 the first step in bf16 may take without ending the trial."""


@dataclass(frozen=True)
class Choice:
    """A precision, and why it was chosen, in words."""

    precision: Precision
    why: str


def computing_in(precision: str, device: torch.device) -> torch.autocast:
    """Return the context in which a loss is computed; weights and sums of it stay in fp32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def choose(seconds_in: Callable[[Precision], float]) -> Choice:
    """Choose by trying out.

    Args:
        seconds_in: Makes a step in a precision; returns how long it took, ∞ if it cannot be done.
    """
    best = {name: seconds_in(name) for name in PRECISIONS}
    if best["bf16"] < HOPELESS * best["fp32"]:
        rounds = [{name: seconds_in(name) for name in PRECISIONS} for _ in range(ROUNDS)]
        best = {name: min(each[name] for each in rounds) for name in PRECISIONS}
    chosen, other = PRECISIONS
    if best["bf16"] < WORTH * best["fp32"]:
        chosen, other = other, chosen
    return Choice(chosen, f"{_in_words(best[chosen])} a step, {other} {_in_words(best[other])}")


def _in_words(seconds: float) -> str:
    if math.isinf(seconds):
        return "is not possible here"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"
