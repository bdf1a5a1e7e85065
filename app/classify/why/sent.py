"""A map over a photograph: large with its controls, or small beside others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ali5.explain.attributions.methods import Method

from ...canvas.packing import pack
from .settings import RANGES, Settings

if TYPE_CHECKING:
    from ali5.explain.attributions.attribution import Attribution


@dataclass(frozen=True, eq=False)
class Shown:
    """A map to be shown large.

    Attributes:
        found: The map.
        method: How it was found.
        name: Of the class.
        caption: Above the map.
        words: What it says, one sentence each.
        lines: What is written under it when it is saved as a picture.
        file: What a saved file is called, without its ending.
    """

    found: Attribution
    method: Method
    name: str
    caption: str
    words: list[str]
    lines: list[str]
    file: str


@dataclass(frozen=True, eq=False)
class Tile:
    """A map to be shown small; or why there is none.

    Attributes:
        title: Under it.
        method: How it was found.
        found: The map.
        photo: What lies under it, RGB, [H, W, 3].
        settings: How it is shown.
        words: A few words under the title; the refusal, if there is no map.
        chosen: Whether it is the one that is shown large.
    """

    title: str
    method: Method
    found: Attribution | None
    photo: NDArray[np.uint8] | None
    settings: Settings
    words: str
    chosen: bool = False


def pack_overlay(
    shown: Shown,
    photo: NDArray[np.uint8],
    settings: Settings,
    opening: Settings,
    colours: str,
) -> bytes:
    """Return a map over its photograph, as `overlay.js` takes it.

    Args:
        shown: The map and what is said about it.
        photo: RGB, [H, W, 3].
        settings: How it is shown.
        opening: How it is shown at first.
        colours: Name of the colour map.
    """
    found = shown.found
    coarse = found.cells is not found.map
    header: dict[str, Any] = {
        "settings": asdict(settings),
        "opening": asdict(opening),
        "limits": RANGES,
        "map": _size(found.map),
        "cells": _size(found.cells) if coarse else None,
        "photo": {"height": photo.shape[0], "width": photo.shape[1]},
        "signed": shown.method.signed,
        "colours": colours,
        "drops": shown.method.drops,
        "unit": shown.method.unit,
        "step": found.step,
        "name": shown.name,
        "score": found.score if np.isfinite(found.score) else None,
        "caption": shown.caption,
        "words": shown.words,
        "lines": shown.lines,
        "file": shown.file,
    }
    cells = found.cells.numpy().tobytes() if coarse else b""
    return pack(header, found.map.numpy().tobytes(), cells, photo.tobytes())


def pack_tile(tile: Tile, opens: bool, colours: str) -> bytes:
    """Return a small map, as `tile.js` takes it.

    Args:
        tile: The map and what is said about it.
        opens: Whether it can be clicked.
        colours: Name of the colour map.
    """
    header: dict[str, Any] = {
        "title": tile.title,
        "words": tile.words,
        "chosen": tile.chosen,
        "opens": opens,
        "signed": tile.method.signed,
        "colours": colours,
        "settings": asdict(tile.settings),
        "map": None,
        "photo": None,
    }
    parts: list[bytes] = []
    if tile.found is not None and tile.photo is not None:
        height, pixels = tile.photo.shape[:2]
        header |= {"map": _size(tile.found.map), "photo": {"height": height, "width": pixels}}
        parts = [tile.found.map.numpy().tobytes(), tile.photo.tobytes()]
    return pack(header, *parts)


def _size(values: Any) -> dict[str, int]:
    return {"height": values.shape[0], "width": values.shape[1]}
