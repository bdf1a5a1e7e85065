"""One channel of a layer, or one unit of a vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.engine import Picture
from app.words import share_in_words

if TYPE_CHECKING:
    from ali5.tracing import Step, Trace


def show_unit(trace: Trace, step: Step, channel: int, picture: Picture) -> None:
    """Show one channel with exact values beside the picture, or one number of a vector."""
    from ali5.walls import step_scale
    from app.canvas.views import show_lens

    if step.output.ndim == 2:
        _show_number(trace, step, channel)
    else:
        st.markdown(f"**Feature map {channel}, exact values**")
        show_lens(trace, step, channel, step_scale(step), picture.image)


def _show_number(trace: Trace, step: Step, unit: int) -> None:
    """Show one number of a vector, and which class it stands for at the end of the network."""
    labels = trace.network.labels
    scores = (trace.steps[-1].name, *trace.steps[-1].inputs)
    stands_for = f", the class “{labels[unit]}”" if step.name in scores else ""
    st.markdown(f"**Unit {unit}{stands_for}**")
    value = float(step.output[0, unit])
    words = share_in_words(value) if step.operation == "softmax" else f"{value:.6g}"
    st.metric("Its value", words.replace("-", "−"))
