"""What the records of several papers say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ali5.known.records import Departure, Edition

SCALED = Departure(
    "Scaled to 64 × 64 pixels and 200 classes: fewer channels, and the first stride halved so that "
    "the first maps keep at least 32 × 32 pixels."
)
CENTRE_CROP = Departure(
    "The paper averages ten crops and subtracts a mean picture; here one centre crop is "
    "normalised per colour.",
    ("input",),
)
DIVIDED = Departure(
    "Colours are also divided by their standard deviation; the paper only subtracts a mean, and "
    "tests on several sizes or crops.",
    ("input",),
)


def editions(*given: Edition) -> Mapping[str, Edition]:
    """Return editions by their names, in this order."""
    return MappingProxyType({edition.name: edition for edition in given})
