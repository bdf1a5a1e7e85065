"""One step of a network: all its channels and its kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from app import address
from app.engine import Picture
from app.explore.head import show_head
from app.explore.view import open_channel
from app.words import number_in_words, shape_in_words

if TYPE_CHECKING:
    from ali5.tracing import Step, Trace
    from ali5.walls import Scope


def show_layer(trace: Trace, step: Step, picture: Picture) -> None:
    """Show what a step does, all its channels, and its filters if they can be shown together."""
    from ali5.walls import shows_all_filters
    from app.canvas.views import show_wall

    vector = step.output.ndim == 2
    count = step.output.shape[1]
    filters = has_kernels(step) and shows_all_filters(step)
    show_head(trace, step, ["maps", "inputs", *(["kernels"] if filters else [])])

    sort, scope = "index", "step"
    if vector:
        st.markdown(f"**All {count:,} units**")
    else:
        st.markdown(f"**{'The feature map' if count == 1 else f'All {count:,} feature maps'}**")
        with st.container(horizontal=True, gap="large"):
            sort = address.choose(
                "Sort by",
                {"index": "Index", "strength": "Strength"},
                name="sort",
                default="index",
                explanation="Strength is the mean magnitude of a map's values.",
            )
            scope = address.choose(
                "Colours span the range of",
                {"channel": "Channel", "step": "Step", "network": "Network"},
                name="scope",
                default="step",
                explanation="The same colour means the same value within the chosen range.",
            )
    show_wall(trace, step, cast("Scope", scope), sort, None, open_channel)
    if filters:
        show_filters(step, None)


def has_kernels(step: Step) -> bool:
    """Tell whether a step has kernels, or weights for every unit."""
    return step.weight is not None and step.weight.ndim > 1


def show_filters(step: Step, channel: int | None) -> None:
    """Show the filters of a step together, or all kernels of one of them."""
    from ali5.walls import shows_all_filters, shows_colour_kernels
    from app.canvas.views import show_kernels

    weight = step.weight
    assert weight is not None
    size = shape_in_words((1, *weight.shape[1:]))
    if weight.ndim == 2:
        st.markdown(f"**The {weight.shape[1]:,} weights of unit {channel}**")
        text = "One weight for each input: positive ones vote for this unit, negative ones against."
    elif shows_colour_kernels(step):
        st.markdown(f"**Its {weight.shape[0]:,} filters**")
        text = f"Each sees red, green and blue ({size} weights), so it is shown in colour."
    elif shows_all_filters(step):
        st.markdown(f"**Its {weight.shape[0]:,} kernels**")
        text = f"Kernel 3 ({size} weights) makes feature map 3, and so on."
    else:
        st.markdown(f"**The {weight.shape[1]:,} kernels of filter {channel}**")
        text = (
            f"One for each input channel it sees ({size} weights). Their results are added to make "
            f"feature map {channel}."
        )
    if channel is not None and step.bias is not None:
        text += f" The bias of {channel} is {number_in_words(float(step.bias[channel]))}."
    st.caption(text)
    show_kernels(step, channel, open_channel)
