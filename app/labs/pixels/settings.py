"""What can be set in the lab "A picture is numbers", and what of it is possible. No Streamlit."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from ali5.door import fields, json_of, map_of, record, text, whole

MAX_PHOTO_PX = 256
"""Longest edge of the photograph in the lab: its pixels shall be found."""

SMALLEST_PATCH, LARGEST_PATCH = 4, 12
MOST_CHANGED = 3 * LARGEST_PATCH**2
"""Bytes that a link can carry."""

COLOURS = ("red", "green", "blue")


@dataclass(frozen=True)
class Settings:
    """What is set where a patch is looked at.

    Attributes:
        row: Of the patch's first pixel; -1 if it lies where it opens.
        column: The same.
        patch: Edge of the patch, in pixels.
        units: Numbers as "bytes" (0..255), "shares" (0..1) or "normalised" for the network.
        light: Which light is let through: "all", "red", "green" or "blue".
        cells: Bytes that were changed, by "row,column,channel" in the picture.
    """

    row: int = -1
    column: int = -1
    patch: int = 4
    units: str = "bytes"
    light: str = "all"
    cells: tuple[tuple[str, int], ...] = ()


RANGES = {
    "row": (0, MAX_PHOTO_PX - 1),
    "column": (0, MAX_PHOTO_PX - 1),
    "patch": (SMALLEST_PATCH, LARGEST_PATCH),
}
WORDS = {"units": ("bytes", "shares", "normalised"), "light": ("all", *COLOURS)}
LEVEL = whole(0, 255)
SENT = json_of(
    record(
        fields(RANGES, WORDS)
        | {name: whole(-1, MAX_PHOTO_PX - 1) for name in ("row", "column")}
        | {"cells": map_of(text(9, r"\d{1,3},\d{1,3},[012]"), LEVEL, MOST_CHANGED)}
    )
)
"""What the browser may send."""


@dataclass(frozen=True)
class Weighing:
    """What is set where the costs are compared.

    Attributes:
        edge: Of a square colour picture, in pixels.
        maps: Feature maps that are made of it.
    """

    edge: int = 64
    maps: int = 8


WEIGHING_RANGES = {"edge": (4, 512), "maps": (1, 64)}
WEIGHING_SENT = json_of(record(fields(WEIGHING_RANGES, {})))
"""What the browser may send."""


def made_possible(settings: Settings, photo: tuple[int, ...]) -> Settings:
    """Return settings whose patch lies within the photograph.

    Args:
        settings: Each within its own range.
        photo: Its height and width.
    """
    height, width = photo[:2]
    patch = min(settings.patch, height, width)
    row, column = min(settings.row, height - patch), min(settings.column, width - patch)
    return replace(settings, patch=patch, row=row, column=column)


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    return asdict(settings) | {"cells": dict(settings.cells)}


def limits_as_sent() -> dict[str, Any]:
    """Return the smallest and largest patch, and how many bytes can be changed."""
    return {"patch": RANGES["patch"], "changed": MOST_CHANGED}
