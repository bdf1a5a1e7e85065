"""The contact sheet: many small pictures, each with what a network says of it."""

from __future__ import annotations

import math

from ali5.packing import pack
from app.canvas import component
from app.classify.batch import THUMBNAIL_PX, Batch
from app.words import share_in_words

_sheet = component("sheet")


def show_sheet(batch: Batch) -> None:
    """Show all classified pictures of a batch; one that is chosen shows its five classes."""
    items = []
    for row in batch.results:
        verdict = row.verdict
        assert verdict is not None
        items.append(
            {
                "name": row.name,
                "entropy": verdict.entropy if math.isfinite(verdict.entropy) else None,
                "classes": [
                    [label, share if math.isfinite(share) else 0.0, share_in_words(share)]
                    for label, share, _ in verdict.predictions
                ],
            }
        )
    header = {
        "edge": THUMBNAIL_PX,
        "items": items,
        "label": f"Contact sheet of {len(items)} pictures. Arrow keys choose one.",
    }
    _sheet(key="sheet", data=pack(header, *(row.thumbnail for row in batch.results)))
