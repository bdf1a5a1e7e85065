"""One step of a network: all its channels, and its kernels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import streamlit as st

from ali5.errors import Ali5Error

from ... import address
from ...choose.colours import choose_colours, read_colours
from ...engine import Picture
from ...words import number_in_words, shape_in_words
from ..step_head import show_head
from ..view import open_channel, open_channel_of
from .measures import (
    SORTS,
    as_csv,
    channels_of,
    describe_source,
    histogram_of,
    rank,
    rows_of,
    sorts_of,
)

if TYPE_CHECKING:
    from ali5.tracing.trace import Step, Trace
    from ali5.tracing.walls import Scope

    from .sent import Look


def show_layer(trace: Trace, step: Step, picture: Picture) -> None:
    """Show what a step does, all its channels, and its filters if they can be shown together."""
    from ali5.tracing.walls import shows_all_filters

    from .sent import show_wall

    filters = has_kernels(step) and shows_all_filters(step)
    show_head(trace, step, ["maps", "inputs", *(["kernels"] if filters else [])])
    look = _choose_look(trace, step, picture)
    show_wall(
        trace,
        step,
        look,
        channels_of(trace, step),
        rank(trace, step, look.sort),
        histogram_of(trace, step),
        open_channel,
        lambda pins: address.write(pins=pins or None),
    )
    _show_numbers(trace, step)
    if filters:
        show_filters(trace, step, None)


def _choose_look(trace: Trace, step: Step, picture: Picture) -> Look:
    """Let the visitor choose how the wall is looked at."""
    from .sent import MOST_PINS, Look

    count = step.shape[1]
    sort, scope, sort_words = "index", "step", ""
    if step.output.ndim == 2:
        st.markdown(f"**All {count:,} units**")
        colours = choose_colours()
    else:
        st.markdown(f"**{'The feature map' if count == 1 else f'All {count:,} feature maps'}**")
        sorts = sorts_of(trace, step)
        sort = address.choose(
            "Sort by",
            sorts,
            name="sort",
            default="index",
            explanation="  \n".join(
                f"**{title}:** {SORTS[name][1]}" for name, title in sorts.items() if name != "index"
            ),
        )
        with st.container(horizontal=True, gap="medium"):
            scope = address.choose(
                "Colours span the range of",
                {"channel": "Channel", "step": "Step", "network": "Network"},
                name="scope",
                default="step",
                explanation="The same colour means the same value within the chosen range.",
            )
            colours = choose_colours()
        if not trace.network.readable:
            st.caption(
                "What a channel adds to the prediction is not known for this network: its steps "
                "were written down while it ran, so there are no gradients."
            )
        if sort == "contribution":
            best = trace.predictions(1)[0].label
            sort_words = f"contribution to “{best}”"
        elif sort in ("strength", "spread", "sparsity"):
            sort_words = sort
    shown = re.sub(r"\\(.)", r"\1", picture.caption)  # it was made for Markdown
    sorted_by = "" if sort == "index" else f" Sorted by {sort_words or SORTS[sort][0].lower()}."
    return Look(
        sort=sort,
        sort_words=sort_words,
        scope=cast("Scope", scope),
        colours=colours,
        pins=address.read_numbers("pins", count, MOST_PINS),
        caption=(describe_source(trace, step), f"Picture: {shown}.{sorted_by}"),
    )


def _show_numbers(trace: Trace, step: Step) -> None:
    """Offer the numbers about all channels as a table and as a file."""
    from .sent import file_name

    noun = "units" if step.output.ndim == 2 else "channels"
    place = address.unfold(f"All {noun} as a table", name="channels")
    if place.open:
        with place:
            st.dataframe(rows_of(trace, step), hide_index=True)
            st.download_button(
                "Save numbers (CSV)",
                data=lambda: as_csv(trace, step),
                file_name=file_name(trace, step, f"{noun}.csv"),
                mime="text/csv",
                on_click="ignore",
            )


def has_kernels(step: Step) -> bool:
    """Tell whether a step has kernels, or weights for every unit."""
    kinds = {"convolution": 4, "linear": 2}
    dimensions = kinds.get(step.operation, 0)  # of its weight and of what it gives
    return step.weight is not None and step.weight.ndim == step.output.ndim == dimensions


def show_filters(trace: Trace, step: Step, channel: int | None) -> None:
    """Show all filters of a first layer, or all kernels of the filter of one channel."""
    from ali5.tracing.filters import input_contributions

    from ..kernels import sent

    weight = step.weight
    assert weight is not None
    if channel is None:
        _show_all_filters(step)
        return
    adds, refusal = None, ""
    try:
        adds = input_contributions(trace, step, channel)
    except Ali5Error as error:
        refusal = str(error)
    source = step.inputs[0]

    def choose(number: int) -> None:
        open_channel_of(source, number)

    if weight.ndim == 2:
        st.markdown(f"**The {weight.shape[1]:,} weights of unit {channel}**")
        st.caption(
            "One weight for each input: positive ones vote for this unit, negative ones against."
            + _sum_in_words(step, channel, adds is not None)
        )
        what = "weights"
        if adds is not None:
            what = address.choose(
                "Show",
                {"weights": "Weights", "products": "Weight × input"},
                name="kernels",
                default="weights",
            )
        sent.show_weights(trace, step, channel, adds, what == "products", read_colours(), choose)
    else:
        count = weight.shape[1]
        st.markdown(
            f"**The {'kernel' if count == 1 else f'{count:,} kernels'} of filter {channel}**"
        )
        size = shape_in_words((1, *weight.shape[1:]))
        each = "One for each input channel it sees" if count > 1 else "It sees one input channel"
        st.caption(f"{each} ({size} weights).{_sum_in_words(step, channel, adds is not None)}")
        order = "contribution" if adds is not None else "index"
        if adds is not None and count > 1:
            order = address.choose(
                "Kernels by",
                {"contribution": "Contribution", "index": "Index"},
                name="kernels",
                default="contribution",
                explanation="What a kernel adds to its feature map, on average over the map: the "
                "mean of all it is laid over, times the kernel.",
            )
        sent.show_kernels(step, channel, adds, order == "contribution", read_colours(), choose)
    if refusal:
        st.caption(refusal)


def _show_all_filters(step: Step) -> None:
    from ali5.tracing.walls import shows_colour_kernels

    from ..kernels import sent

    weight = step.weight
    assert weight is not None
    size = shape_in_words((1, *weight.shape[1:]))
    if shows_colour_kernels(step):
        st.markdown(f"**Its {weight.shape[0]:,} filters**")
        st.caption(f"Each sees red, green and blue ({size} weights), so it is shown in colour.")
    else:
        st.markdown(f"**Its {weight.shape[0]:,} kernels**")
        st.caption(f"Kernel 3 ({size} weights) makes feature map 3, and so on.")
    sent.show_filters(step, read_colours(), open_channel)


def _sum_in_words(step: Step, channel: int, known: bool) -> str:
    """Say what the kernels of a filter, or the weights of a unit, add up to."""
    bias = "" if step.bias is None else number_in_words(float(step.bias[channel]))
    if not known:
        return f" Its bias is {bias}." if bias else ""
    total = number_in_words(float(step.output[0, channel].double().mean()))
    with_bias = f" and the bias of {bias}" if bias else ""
    if step.output.ndim == 2:
        return f" The weights times the inputs{with_bias} add up to its value, {total}."
    return f" Averaged over the map, the kernels{with_bias} add up to its mean, {total}."
