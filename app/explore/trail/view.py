"""The trail above every depth: where the visitor is, one step up, back and on, the link."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ali5.door import text

from ... import address
from ...address import INSIDE
from ...canvas.component import component
from ..view import open_channel, open_step

_trail = component(__file__, "trail", sends={"go": text(210)})

_LARGE = """<style>
html { font-size: 22px; }
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
</style>"""


def is_large() -> bool:
    """Whether the visitor wants large type."""
    return address.read("type", ("large",), "") == "large"


def show_way(sent: dict[str, Any]) -> None:
    """Show where the visitor is, and lead them on; Escape goes to the place before the last one.

    Args:
        sent: From `trail_as_sent`.
    """
    large = sent["large"]
    if large:
        st.html(_LARGE)

    def go(key: str) -> None:
        kind, _, rest = key.partition(" ")
        if kind == "network":
            address.write(**dict.fromkeys(INSIDE))
        elif kind == "step":
            open_step(rest)
        elif kind == "channel" and rest.isdecimal() and len(rest) < 9:
            open_channel(int(rest))
        elif kind == "large":
            address.write(type=None if large else "large")

    _trail(key="trail", data=sent, go=go)
