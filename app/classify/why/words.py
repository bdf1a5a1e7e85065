"""What a map says, one sentence each: for those who do not see it, and to doubt it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ali5.explain.attributions.methods import METHODS

from ...words import number_in_words, plain, share_in_words

if TYPE_CHECKING:
    from ali5.explain.attributions.attribution import Attribution
    from ali5.tracing.trace import Trace

    from .question import Asked

ALIKE, HALF_ALIKE = 0.9, 0.5
"""Rank correlations from which on maps of two classes, or with random weights, are called alike.

Measured on six photographs with ResNet-18 and AlexNet: guided backprop of two classes 0.96 to 1.00,
Grad-CAM++ 0.66 to 0.95, Grad-CAM -0.8 to 0.9; with random weights guided backprop 0.33 to 0.61,
integrated gradients 0.15 to 0.55.
"""


def place_in_words(row: float, column: float, height: int, width: int) -> str:
    """Say where a place is: "above and left of the middle"."""
    down, right = (row + 0.5) / height, (column + 0.5) / width
    vertical = "above" if down < 0.4 else "below" if down > 0.6 else ""
    sideways = "left of" if right < 0.4 else "right of" if right > 0.6 else ""
    if not vertical and not sideways:
        return "in the middle"
    return f"{' and '.join(filter(None, (vertical, sideways)))} the middle"


def reading_in_words(found: Attribution, name: str) -> list[str]:
    """Say what a map shows, one sentence each: for those who do not see it, and to check it."""
    from ali5.explain.attributions.agreement import read_map

    method = METHODS[found.method]
    reading = read_map(found.map)
    sentences = []
    if reading.missing:
        sentences.append(f"{reading.missing:,} values are not finite numbers and are marked.")
    if reading.value == 0:
        why = (
            f": no place speaks for “{name}”, and {method.title} cuts off what speaks against it"
            if method.at_step
            else ""
        )
        return [*sentences, f"The map is zero everywhere{why}."]
    height, width = found.map.shape
    place = place_in_words(reading.row, reading.column, height, width)
    sentences.append(
        f"The strongest place is at row {reading.row}, column {reading.column}, {place} "
        f"({number_in_words(reading.value)})."
    )
    half = share_in_words(reading.half)
    sentences.append(f"Half of the weight lies in {half} of the picture; 50 % would be even.")
    if method.signed:
        against = share_in_words(reading.negative)
        sentences.append(f"{against} of the weight speaks against “{name}”.")
    if found.start is not None:
        total, rise = float(found.map.sum()), found.score - found.start
        sentences.append(
            f"All values add up to {number_in_words(total)}; from black to the picture, the logit "
            f"goes from {number_in_words(found.start)} to {number_in_words(found.score)}, by "
            f"{number_in_words(rise)}. The rest is the error of the sum."
        )
    return sentences


def random_in_words(trace: Trace) -> str:
    """Say that a map means nothing yet, if the network has learned nothing."""
    if trace.network.trained:
        return ""
    return "These weights are random: the map explains a network that has learned nothing."


def alike_in_words(correlation: float) -> str:
    """Say how alike two maps are."""
    if math.isnan(correlation):
        return "cannot be compared: one map is the same everywhere"
    return f"rank correlation {number_in_words(round(correlation, 2))}"


def class_verdict(asked: Asked, other: Asked, correlation: float) -> str:
    """Say what it means that the maps of two classes are so much alike."""
    if math.isnan(correlation):
        return f"The maps {alike_in_words(correlation)}."
    words = f"The two maps have a {alike_in_words(correlation)}: "
    if correlation > ALIKE:
        return words + (
            f"{asked.method.title} draws nearly the same for both, so this map hardly tells why "
            f"it is “{plain(asked.name)}” and not “{plain(other.name)}”."
        )
    return words + "the map changes with the class that is asked for, as it should."


def random_verdict(asked: Asked, correlation: float) -> str:
    """Say what it means that the maps with learned and with random weights are so much alike."""
    if math.isnan(correlation):
        return f"The maps {alike_in_words(correlation)}."
    words = f"The two maps have a {alike_in_words(correlation)}: "
    if correlation > HALF_ALIKE:
        return words + (
            f"a map much like it comes without any learning. What {asked.method.title} shows here "
            "may come from the picture and the architecture rather than from what was learned."
        )
    return words + "the map changes when what was learned is taken away, as it should."
