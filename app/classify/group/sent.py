"""Grouped pictures in the browser: two planes with the pictures as marks, neighbours, the depth."""

from __future__ import annotations

import io
from dataclasses import asdict
from typing import Any

import numpy as np
from PIL import Image

from ali5.classifying.grouping import FEWEST_CLUSTERS, MOST_CLUSTERS, Kinship, perplexity_range

from ...canvas.packing import Body, pack
from ...engine.cache import ByteCache
from ..many.brought import THUMBNAIL_PX
from .collection import Collection
from .grouped import Grouped, Side
from .settings import MOST_KINDS, opening_of
from .words import clusters_in_words, letter_of, plane_in_words

COLUMNS = 16
"""Pictures in a row of the sheet that they are sent on."""

_sheets: ByteCache[bytes] = ByteCache(len)
"""Of 200 photographs one has 0.4 MB."""


def pack_group(grouped: Grouped) -> bytes:
    """Return pictures placed and grouped, as `group.js` takes them."""
    collection, settings = grouped.collection, grouped.settings
    kinds = collection.known if 1 < len(collection.known) <= MOST_KINDS else ()
    low, high = perplexity_range(len(collection.pictures))
    sheet = _sheet_of(collection)
    body = Body()
    header = {
        "settings": {**asdict(settings), "step": grouped.step},
        "opening": {**asdict(opening_of(collection)), "step": grouped.default_step},
        "key": f"{collection.digest} {len(collection.pictures)}",
        "title": grouped.choice.architecture.title,
        "items": [
            {"name": each.name, "kind": kind}
            for each, kind in zip(collection.pictures, collection.kinds, strict=True)
        ],
        "kinds": kinds,
        "limits": {"clusters": [FEWEST_CLUSTERS, MOST_CLUSTERS], "perplexity": [low, high]},
        "canScatter": len(collection.pictures) >= 4,
        "sides": [
            _side(body, grouped.deep, plane_in_words(settings, grouped.deep)),
            _side(body, grouped.flat, plane_in_words(settings, grouped.flat)),
        ],
        "letters": [letter_of(number) for number in range(MOST_CLUSTERS)],
        "clusterWords": clusters_in_words(grouped),
        "steps": [
            {"name": step, "width": width, **_share(grouped.measured.get(step))}
            for step, width in grouped.widths.items()
        ],
        "pixelShare": _share(grouped.flat.kinship),
        "edge": THUMBNAIL_PX,
        "columns": COLUMNS,
        "sheet": {"at": body.add(sheet), "length": len(sheet)},
    }
    return pack(header, *body.parts)


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


def _sheet_of(collection: Collection) -> bytes:
    """Return all pictures small, on one sheet, as WebP."""

    def make() -> bytes:
        rows = -(-len(collection.pictures) // COLUMNS)
        sheet = Image.new("RGB", (COLUMNS * THUMBNAIL_PX, rows * THUMBNAIL_PX))
        for number, each in enumerate(collection.pictures):
            row, column = divmod(number, COLUMNS)
            small = Image.frombytes("RGB", (THUMBNAIL_PX, THUMBNAIL_PX), each.thumbnail)
            sheet.paste(small, (column * THUMBNAIL_PX, row * THUMBNAIL_PX))
        file = io.BytesIO()
        sheet.save(file, "WEBP", quality=88, method=2)
        return file.getvalue()

    return _sheets.get((collection.digest, len(collection.pictures)), make)
