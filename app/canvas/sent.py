"""What the components that all pages share are sent. No Streamlit."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ..engine import once
from ..words import linked, share_in_words
from .packing import pack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ali5.tracing.trace import Trace


def shares_as_sent(shares: list[tuple[str, float]], label: str) -> dict[str, Any]:
    """Return what `bars.js` shows: classes and their shares, 0..1."""
    classes = [
        {
            "label": name,
            "share": share if math.isfinite(share) else 0.0,
            "words": share_in_words(share),
        }
        for name, share in shares
    ]
    return {"classes": classes, "label": label}


def prediction_as_sent(trace: Trace) -> dict[str, Any]:
    """Return what `bars.js` shows of a prediction: the five most likely classes.

    It is made once for each trace: do not change it.
    """

    def work() -> dict[str, Any]:
        found = [(p.label, p.probability) for p in trace.predictions()]
        return shares_as_sent(found, "The five most likely classes")

    return once(trace, "prediction", work)


def sentences_as_sent(text: str, parts: Collection[str]) -> dict[str, Any]:
    """Return what `words.js` shows: a text in pieces, some of which stand for parts of the page."""
    return {"pieces": [(piece, part if part in parts else "") for piece, part in linked(text)]}


def pack_mistakes(header: dict[str, Any], images: NDArray[np.uint8]) -> bytes:
    """Pack what `mistakes.js` shows.

    Args:
        header: The counts, and what there is to say of each picture.
        images: [N, 28, 28].
    """
    return pack(header, images.tobytes())
