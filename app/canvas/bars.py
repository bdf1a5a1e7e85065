"""What a network says of a picture, as bars."""

from __future__ import annotations

from ali5.tracing.trace import Trace

from .component import component
from .sent import shares_as_sent

_bars = component(__file__, "bars")


def show_prediction(trace: Trace) -> None:
    """Show the five most likely classes as bars from 0 to 100 %."""
    found = [(p.label, p.probability) for p in trace.predictions()]
    show_shares(found, "The five most likely classes", "bars")


def show_shares(shares: list[tuple[str, float]], label: str, key: str) -> None:
    """Show classes and their shares, 0..1, as bars from 0 to 100 %."""
    _bars(key=key, data=shares_as_sent(shares, label))
