"""A class as a network says it. No torch."""

from __future__ import annotations

from typing import NamedTuple


class Prediction(NamedTuple):
    """One class: its name, its share of the softmax (0..1) and its logit."""

    label: str
    probability: float
    logit: float
