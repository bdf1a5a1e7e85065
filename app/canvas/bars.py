"""What a network says of a picture, as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .component import component
from .sent import prediction_as_sent, shares_as_sent

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace

_bars = component(__file__, "bars")


def show_prediction(trace: Trace) -> None:
    """Show the five most likely classes as bars from 0 to 100 %."""
    show_bars(prediction_as_sent(trace), "bars")


def show_shares(shares: list[tuple[str, float]], label: str, key: str) -> None:
    """Show classes and their shares, 0..1, as bars from 0 to 100 %."""
    show_bars(shares_as_sent(shares, label), key)


def show_bars(sent: dict[str, Any], key: str) -> None:
    """Show what the packers of `sent.py` give."""
    _bars(key=key, data=sent)
