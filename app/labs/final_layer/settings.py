"""The final layer's lab: its settings, their limits, and how numbers are written in an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ali5 import door
from ali5.door import Reader

TEMPERATURES = (
    *("0.1", "0.125", "0.16", "0.2", "0.25", "0.315", "0.4", "0.5", "0.63", "0.8"),
    *("1", "1.25", "1.6", "2", "2.5", "3.15", "4", "5", "6.3", "8", "10"),
)
"""Ten steps from each power of ten to the next: Renard's preferred numbers."""

CLASSES, CHANNELS, SIZE, SEEDS = 4, 3, 3, 9
"""The most that the toy has of each."""

LARGEST_NUMBER = 1e6
"""Of a cell or a weight, up or down: what is larger cannot be added exactly in 32 bits."""

LARGEST_MOVE = 40
"""How far a logit can be dragged, up or down."""

LARGEST_CONSTANT = 5
"""That can be added to all logits, up or down."""


@dataclass(frozen=True)
class Settings:
    """What is set in the lab.

    Attributes:
        size: Rows and columns of the toy's maps.
        channels: How many maps it has.
        classes: Between how many classes it decides.
        seed: Which of its random weights.
        edges: What the colour of an edge shows: "weights", or "products" with the cell.
        unit: The class whose weights are shown.
        cells: Cells that were changed, by "channel,row,column".
        weights: Weights that were changed, by "class,channel,row,column", and biases, by
            "class,bias".
        source: Where softmax gets its logits: "toy", or "network" for the chosen one.
        temperature: One of `TEMPERATURES`.
        constant: Added to all logits, in halves.
        moved: How far logits were dragged, by the number of the class, or "rest".
        token: What was dragged: it does not go along to other logits.
        network: Id and edition of the chosen network, "lenet5.compact"; "" for the first choice.
        a: Name of the class that is asked for; "" for the most likely one.
        b: Name of the class that it is compared with; "" for the most likely of the others.
        listed: How many channels for each class are listed.
        cover: How much of the photograph the map of regions covers, in percent.
        look: "cells", or "smooth".
    """

    size: int = SIZE
    channels: int = 2
    classes: int = 3
    seed: int = 1
    edges: str = "weights"
    unit: int = 0
    cells: Mapping[str, float] | None = None
    weights: Mapping[str, float] | None = None
    source: str = "toy"
    temperature: str = "1"
    constant: float = 0.0
    moved: Mapping[str, float] | None = None
    token: str = "toy"
    network: str = ""
    a: str = ""
    b: str = ""
    listed: int = 4
    cover: int = 65
    look: str = "cells"


RANGES = {
    "size": (2, SIZE),
    "channels": (1, CHANNELS),
    "classes": (2, CLASSES),
    "seed": (1, SEEDS),
    "unit": (0, CLASSES - 1),
    "listed": (1, 10),
    "cover": (0, 100),
}
WORDS = {
    "edges": ("weights", "products"),
    "source": ("toy", "network"),
    "temperature": TEMPERATURES,
    "look": ("cells", "smooth"),
}


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    maps = {name: dict(getattr(settings, name) or {}) for name in ("cells", "weights", "moved")}
    return asdict(settings) | maps


# --- Numbers in the address ---------------------------------------------------------------------


def shortest(value: float) -> str:
    """Write a number as short as it can be read back exactly."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def numbers_in_words(values: Mapping[str, float]) -> str:
    """Write numbers with their places for the address, "0.1.2:5,..."."""
    return ",".join(
        f"{place.replace(',', '.')}:{shortest(value)}" for place, value in values.items()
    )


def numbers_of(text: str, fits: Callable[[list[str]], bool], largest: float) -> dict[str, float]:
    """Return numbers by their place, "0.1.2:5,...", without those that cannot be."""
    found = {}
    for part in text[:20_000].split(","):
        place, _, value = part.partition(":")
        try:
            number = float(value)
        except ValueError:
            continue
        if fits(place.split(".")) and abs(number) <= largest:
            found[place.replace(".", ",")] = number
    return found


def is_cell(place: list[str]) -> bool:
    """Whether the toy has such a cell: channel, row, column."""
    limits = (CHANNELS, SIZE, SIZE)
    return len(place) == 3 and all(map(_is_below, place, limits))


def is_weight(place: list[str]) -> bool:
    """Whether the toy has such a weight: class, channel, row, column; or class, "bias"."""
    unit, *rest = place
    return _is_below(unit, CLASSES) and (rest == ["bias"] or is_cell(rest))


def is_class(place: list[str]) -> bool:
    """Whether it can be the number of a class, or stands for all others."""
    return len(place) == 1 and (place[0] == "rest" or _is_below(place[0], 10**6))


def _is_below(text: str, limit: int) -> bool:
    # Only plain digits, so that one number has one name.
    return (
        text.isascii()
        and text.isdecimal()
        and len(text) < 7
        and int(text) < limit
        and (text == "0" or text[0] != "0")
    )


CONSTANT = door.number(-LARGEST_CONSTANT, LARGEST_CONSTANT, 0.5)

LONGEST_NAME = 200
"""Letters of the name of a class, of a network, or of a token."""


def _numbers_by_place(letters: int, largest: float, most: int) -> Reader[dict[str, float]]:
    place = door.text(letters, r"[a-z0-9,]+")
    return door.map_of(place, door.number(-largest, largest), most)


SENT = door.json_of(
    door.record(
        door.fields(RANGES, WORDS)
        | {name: door.text(LONGEST_NAME) for name in ("token", "network", "a", "b")}
        | {
            "constant": CONSTANT,
            "cells": _numbers_by_place(5, LARGEST_NUMBER, CHANNELS * SIZE**2),
            "weights": _numbers_by_place(7, LARGEST_NUMBER, CLASSES * (CHANNELS * SIZE**2 + 1)),
            "moved": _numbers_by_place(6, LARGEST_MOVE, 100),
        }
    )
)
"""What the browser may send."""
