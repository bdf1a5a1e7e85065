"""The trail above every depth: where the visitor is, one step up, back and on, the link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ... import address
from ...address import INSIDE
from ...words import share_in_words
from ..view import View, open_channel, open_step
from .sent import Way, show_trail

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace

_LARGE = """<style>
html { font-size: 22px; }
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none; }
</style>"""


def show_way(trace: Trace, view: View) -> None:
    """Show where the visitor is, and lead them on."""
    large = address.read("type", ("large",), "") == "large"
    if large:
        st.html(_LARGE)
    network = trace.network.architecture.title
    places = [Way("network", network, f"Back to the whole of {network}")]
    beside: list[Way] = []
    if view.step is not None:
        name = view.step.name
        places.append(Way(f"step {name}", name, f"Back to all of {name}"))
        noun = "unit" if view.step.output.ndim == 2 else "channel"
        if view.channel is None:
            order = [step.name for step in trace.steps]
            at = order.index(name)
            beside = [
                Way(f"step {order[to]}", label.format(order[to]), words.format(order[to]))
                for to, label, words in (
                    (at - 1, "◀ {}", "The step before: {}"),
                    (at + 1, "{} ▶", "The step after: {}"),
                )
                if 0 <= to < len(order)
            ]
        else:
            places.append(Way("", f"{noun} {view.channel}", ""))
            beside = [
                Way(f"channel {to}", label, f"{noun} {to}")
                for to, label in ((view.channel - 1, f"◀ {noun}"), (view.channel + 1, f"{noun} ▶"))
                if 0 <= to < view.step.output.shape[1]
            ]
    best = trace.predictions(1)[0]
    said = f"It says: {best.label}, {share_in_words(best.probability)}"

    def go(key: str) -> None:
        kind, _, rest = key.partition(" ")
        if kind == "network":
            address.write(**dict.fromkeys(INSIDE))
        elif kind == "step":
            open_step(rest)
        elif kind == "channel" and rest.isdecimal():
            open_channel(int(rest))
        elif kind == "large":
            address.write(type=None if large else "large")

    show_trail(places, beside, said if view.step else "", large, go)
