"""Grouped pictures in the browser: two planes with the pictures as marks, neighbours, the depth."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from PIL import Image

from ali5.classifying.grouping import FEWEST_CLUSTERS, MOST_CLUSTERS, Kinship, perplexity_range

from ...canvas.component import answer, component
from ...canvas.packing import Body, pack
from ...engine.cache import ByteCache
from ..many.brought import THUMBNAIL_PX
from .piles import Pile
from .view import MOST_KINDS, Grouped, Side, letter_of, opening_of
from .words import clusters_in_words, plane_in_words

_group = component(__file__, "group")

COLUMNS = 16
"""Pictures in a row of the sheet that they are sent on."""

SHEET_BYTES = 20_000_000
"""Sheets kept for all visitors together; 200 photographs are 0.4 MB."""

_sheets: ByteCache[bytes] = ByteCache(SHEET_BYTES, len)


def show_group(grouped: Grouped, changed: Callable[[str], None]) -> None:
    """Show pictures placed and grouped.

    Args:
        grouped: What there is to show.
        changed: Called with all settings as JSON.
    """
    pile, settings = grouped.pile, grouped.settings
    kinds = pile.known if 1 < len(pile.known) <= MOST_KINDS else ()
    low, high = perplexity_range(len(pile.pictures))
    sheet = _sheet_of(pile)
    body = Body()
    header = {
        "settings": {**asdict(settings), "step": grouped.step},
        "opening": {**asdict(opening_of(pile)), "step": grouped.default_step},
        "key": f"{pile.digest} {len(pile.pictures)}",
        "title": grouped.looked.choice.architecture.title,
        "items": [
            {"name": each.name, "kind": kind}
            for each, kind in zip(pile.pictures, pile.kinds, strict=True)
        ],
        "kinds": kinds,
        "limits": {"clusters": [FEWEST_CLUSTERS, MOST_CLUSTERS], "perplexity": [low, high]},
        "canScatter": len(pile.pictures) >= 4,
        "sides": [
            _side(body, grouped.deep, plane_in_words(settings, grouped.deep)),
            _side(body, grouped.flat, plane_in_words(settings, grouped.flat)),
        ],
        "letters": [letter_of(number) for number in range(MOST_CLUSTERS)],
        "clusterWords": clusters_in_words(grouped),
        "steps": [
            {"name": step, "width": width, **_share(grouped.measured.get(step))}
            for step, width in grouped.alike.widths.items()
        ],
        "pixelShare": _share(grouped.flat.kinship),
        "edge": THUMBNAIL_PX,
        "columns": COLUMNS,
        "sheet": {"at": body.add(sheet), "length": len(sheet)},
    }
    _group(
        key="group",
        data=pack(header, *body.parts),
        on_settings_change=answer("group", "settings", changed),
    )


def _side(body: Body, side: Side, words: str) -> dict[str, Any]:
    """Return one of the two planes; its distances, float32 [N, N], go into the body."""
    return {
        "points": side.plane.points.round(4).tolist(),
        "distances": body.add(np.ascontiguousarray(side.distances).tobytes()),
        "clusters": side.clusters.labels,
        "count": side.clusters.count,
        "width": side.width,
        "words": words,
    }


def _share(found: Kinship | None) -> dict[str, Any]:
    if found is None:
        return {"share": None}
    chance = found.chance
    return {"share": found.share, "right": found.right, "count": found.count, "chance": chance}


def _sheet_of(pile: Pile) -> bytes:
    """Return all pictures small, on one sheet, as WebP."""

    def make() -> bytes:
        rows = -(-len(pile.pictures) // COLUMNS)
        sheet = Image.new("RGB", (COLUMNS * THUMBNAIL_PX, rows * THUMBNAIL_PX))
        for number, each in enumerate(pile.pictures):
            row, column = divmod(number, COLUMNS)
            small = Image.frombytes("RGB", (THUMBNAIL_PX, THUMBNAIL_PX), each.thumbnail)
            sheet.paste(small, (column * THUMBNAIL_PX, row * THUMBNAIL_PX))
        file = io.BytesIO()
        sheet.save(file, "WEBP", quality=88, method=2)
        return file.getvalue()

    return _sheets.get((pile.digest, len(pile.pictures)), make)
