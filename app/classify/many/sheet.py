"""The contact sheet: many small pictures, each with what a network says of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...canvas.component import component
from ...canvas.packing import pack
from ...words import share_in_words
from .batch import THUMBNAIL_PX, Batch

_sheet = component(__file__, "sheet")


def show_sheet(batch: Batch) -> None:
    """Show all classified pictures of a batch; one that is chosen shows its five classes."""
    items: list[Item] = []
    for row in batch.results:
        verdict = row.verdict
        assert verdict is not None
        shares = [(each.label, each.probability) for each in verdict.predictions]
        items.append(Item(row.name, shares, verdict.entropy, row.thumbnail))
    show_items(items, THUMBNAIL_PX, f"Contact sheet of {len(items)} pictures", "sheet")


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


def show_items(items: Sequence[Item], edge: int, label: str, key: str) -> None:
    """Show small pictures; one that is chosen shows its classes.

    Args:
        items: In the order of their names.
        edge: Of their thumbnails, in pixels.
        label: What they are.
        key: Of the component.
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
    _sheet(key=key, data=pack(header, *(each.thumbnail for each in items)))
