"""A map over a photograph: large with its controls, or small beside others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ali5.explain.attributions.methods import Method

from ...canvas.component import answer, component
from ...canvas.packing import pack
from ...choose.colours import read_colours

if TYPE_CHECKING:
    from ali5.explain.attributions.attribution import Attribution

    from .view import Settings

_overlay = component(__file__, "overlay")
_tile = component(__file__, "tile")


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


def show_overlay(
    shown: Shown,
    photo: NDArray[np.uint8],
    settings: Settings,
    opening: Settings,
    changed: Callable[[str], None],
) -> None:
    """Show a map over its photograph; call `changed` with the settings as JSON on release.

    Args:
        shown: The map and what is said about it.
        photo: RGB, [H, W, 3].
        settings: How it is shown.
        opening: How it is shown at first.
        changed: Called with the settings as JSON.
    """
    found = shown.found
    coarse = found.cells is not found.map
    header: dict[str, Any] = {
        "settings": asdict(settings),
        "opening": asdict(opening),
        "map": _size(found.map),
        "cells": _size(found.cells) if coarse else None,
        "photo": {"height": photo.shape[0], "width": photo.shape[1]},
        "signed": shown.method.signed,
        "colours": read_colours(),
        "occlusion": shown.method.id == "occlusion",
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
    _overlay(
        key="overlay",
        data=pack(header, found.map.numpy().tobytes(), cells, photo.tobytes()),
        on_settings_change=answer("overlay", "settings", changed),
    )


def show_tile(tile: Tile, key: str, width: int, open_: Callable[[], None] | None) -> None:
    """Show a small map; call `open_` when it is clicked, if it can be.

    Args:
        tile: The map and what is said about it.
        key: Of the component.
        width: In CSS pixels.
        open_: Called without anything.
    """
    header: dict[str, Any] = {
        "title": tile.title,
        "words": tile.words,
        "chosen": tile.chosen,
        "opens": open_ is not None,
        "signed": tile.method.signed,
        "colours": read_colours(),
        "settings": asdict(tile.settings),
        "map": None,
        "photo": None,
    }
    parts: list[bytes] = []
    if tile.found is not None and tile.photo is not None:
        height, pixels = tile.photo.shape[:2]
        header |= {"map": _size(tile.found.map), "photo": {"height": height, "width": pixels}}
        parts = [tile.found.map.numpy().tobytes(), tile.photo.tobytes()]

    def opened(_: object) -> None:
        if open_ is not None:
            open_()

    _tile(
        key=key,
        data=pack(header, *parts),
        width=width,
        on_open_change=answer(key, "open", opened),
    )


def _size(values: Any) -> dict[str, int]:
    return {"height": values.shape[0], "width": values.shape[1]}
