"""What a network says of a picture, as bars."""

from __future__ import annotations

import math

from ali5.tracing.trace import Trace

from ..words import share_in_words
from .component import component

_bars = component(__file__, "bars")


def show_prediction(trace: Trace) -> None:
    """Show the five most likely classes as bars from 0 to 100 %."""
    found = [(p.label, p.probability) for p in trace.predictions()]
    show_shares(found, "The five most likely classes", "bars")


def show_shares(shares: list[tuple[str, float]], label: str, key: str) -> None:
    """Show classes and their shares, 0..1, as bars from 0 to 100 %."""
    classes = [
        {
            "label": name,
            "share": share if math.isfinite(share) else 0.0,
            "words": share_in_words(share),
        }
        for name, share in shares
    ]
    _bars(key=key, data={"classes": classes, "label": label})
