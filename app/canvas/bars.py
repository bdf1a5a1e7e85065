"""What a network says of a picture, as bars."""

from __future__ import annotations

from typing import Any

from .component import component
from .sent import shares_as_sent

_bars = component(__file__, "bars")


def show_shares(shares: list[tuple[str, float]], label: str, key: str) -> None:
    """Show classes and their shares, 0..1, as bars from 0 to 100 %."""
    show_bars(shares_as_sent(shares, label), key)


def show_bars(sent: dict[str, Any], key: str) -> None:
    """Show what the packers of `sent.py` give."""
    _bars(key=key, data=sent)
