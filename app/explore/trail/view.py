"""The trail above every depth: where the visitor is, one step up, back and on, the link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ali5.door import text

from ... import address
from ...address import INSIDE
from ...canvas.component import component
from ..view import View, open_channel, open_step
from .sent import trail_as_sent

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace

_trail = component(__file__, "trail", sends={"go": text(210)})

_LARGE = """<style>
html { font-size: 22px; }
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
</style>"""


def show_way(trace: Trace, view: View) -> None:
    """Show where the visitor is, and lead them on; Escape goes to the place before the last one."""
    large = address.read("type", ("large",), "") == "large"
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

    _trail(
        key="trail",
        data=trail_as_sent(trace, view.step, view.channel, large),
        go=go,
    )
