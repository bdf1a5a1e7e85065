"""The contact sheet: many small pictures, each with what a network says of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...canvas.packing import pack
from ...words import share_in_words


@dataclass(frozen=True)
class Item:
    """A small picture with what is said of it.

    Attributes:
        name: What to call it.
        classes: Name and share, 0..1, of each class that is said, the likeliest first.
        entropy: Of the shares, in bits.
        thumbnail: RGB bytes of a square.
    """

    name: str
    classes: Sequence[tuple[str, float]]
    entropy: float
    thumbnail: bytes


def pack_sheet(items: Sequence[Item], edge: int, label: str) -> bytes:
    """Return small pictures, as `sheet.js` takes them.

    Args:
        items: In the order of their names.
        edge: Of their thumbnails, in pixels.
        label: What they are.
    """
    header = {
        "edge": edge,
        "items": [
            {
                "name": each.name,
                "entropy": each.entropy if math.isfinite(each.entropy) else None,
                "classes": [
                    [name, share if math.isfinite(share) else 0.0, share_in_words(share)]
                    for name, share in each.classes
                ],
            }
            for each in items
        ],
        "label": f"{label}. Arrow keys choose one.",
    }
    return pack(header, *(each.thumbnail for each in items))
