"""The parts of the Explore page below the overview: one step, and what there is to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from app import address
from app.engine import Picture
from app.words import (
    COLOURS,
    SENTENCES,
    TITLES,
    number_in_words,
    settings_in_words,
    shape_in_words,
    share_in_words,
)

if TYPE_CHECKING:
    from ali5.tracing import Step, Trace
    from ali5.walls import Scope


def show_step(trace: Trace, step: Step, picture: Picture) -> None:
    """Show a step's wall, one of its channels with exact values, and its kernels."""
    from app.canvas.views import show_lens, show_wall

    vector = step.output.ndim == 2
    count = step.output.shape[1]
    channel = address.read_number("channel", count)

    def choose(number: int) -> None:
        address.write(channel=number or None)

    title = TITLES.get(step.operation, str(step.operation))
    st.subheader(step.name if step.name == title else f"{step.name}: {title}", anchor=False)
    facts = [shape_in_words(step.shape), settings_in_words(step)]
    if step.parameters:
        facts.append(f"{step.parameters:,} parameters")
    if step.multiply_adds:
        facts.append(f"{step.multiply_adds:,} multiply–adds")
    st.markdown(f"{SENTENCES[step.operation]}  \n:gray[{' · '.join(filter(None, facts))}]")

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
    wall = show_wall(trace, step, cast("Scope", scope), sort, channel, choose)

    has_kernels = step.weight is not None and step.weight.ndim > 1
    places = st.columns([3, 2], gap="large") if has_kernels else [st.container()]
    with places[0]:
        if vector:
            _show_unit(trace, step, channel)
        else:
            st.markdown(f"**Feature map {channel}, exact values**")
            show_lens(trace, step, channel, wall.scale_of(channel), picture.image)
    if has_kernels:
        with places[1]:
            _show_kernels(step, channel)


def _show_unit(trace: Trace, step: Step, unit: int) -> None:
    """Show one number of a vector, and which class it stands for at the end of the network."""
    labels = trace.network.labels
    scores = (trace.steps[-1].name, *trace.steps[-1].inputs)
    stands_for = f", the class “{labels[unit]}”" if step.name in scores else ""
    st.markdown(f"**Unit {unit}{stands_for}**")
    value = float(step.output[0, unit])
    words = share_in_words(value) if step.operation == "softmax" else f"{value:.6g}"
    st.metric("Its value", words.replace("-", "−"))
    st.caption("Click another unit above, or walk over them with the arrow keys.")


def _show_kernels(step: Step, channel: int) -> None:
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
        text = f"Kernel {channel} ({size} weights) makes feature map {channel}."
    else:
        st.markdown(f"**The {weight.shape[1]:,} kernels of filter {channel}**")
        text = (
            f"One for each input channel it sees ({size} weights). Their results are added to make "
            f"feature map {channel}."
        )
    bias = (
        "" if step.bias is None else f" Its bias is {number_in_words(float(step.bias[channel]))}."
    )
    st.caption(text + bias)
    show_kernels(step, channel, lambda number: address.write(channel=number or None))


def show_cost(trace: Trace) -> None:
    """Show where the parameters and the arithmetic are."""
    place = address.unfold("Where the parameters and the arithmetic are", name="cost")
    if not place.open:
        return
    import plotly.graph_objects as go

    costly = [step for step in trace.steps if step.parameters or step.multiply_adds]
    colours = [COLOURS[step.operation] for step in costly]
    with place:
        st.markdown(
            "Parameters are the numbers a network has learned; multiply–adds are the "
            "multiplications, each with its addition, that one picture costs."
        )
        for title, values in (
            ("Parameters", [step.parameters for step in costly]),
            ("Multiply–adds", [step.multiply_adds for step in costly]),
        ):
            bars = go.Bar(
                x=[step.name for step in costly],
                y=values,
                marker_color=colours,
                hovertemplate="%{x}: %{y:,}<extra></extra>",
            )
            figure = go.Figure(bars)
            figure.update_layout(
                title=f"{title}: {sum(values):,}",
                height=300,
                margin={"t": 48, "b": 8, "l": 8, "r": 8},
            )
            st.plotly_chart(figure, key=f"cost-{title}", config={"displayModeBar": False})


def show_table(trace: Trace) -> None:
    """Show all steps as a table: the text twin of the overview."""
    place = address.unfold("All steps as a table", name="table")
    if place.open:
        place.dataframe(
            [
                {
                    "step": step.name,
                    "operation": str(step.operation),
                    "reads": ", ".join(step.inputs),
                    "shape": shape_in_words(step.shape),
                    "parameters": step.parameters,
                    "multiply–adds": step.multiply_adds,
                    "sees (pixels)": step.receptive_field.size,
                }
                for step in trace.steps
            ],
            hide_index=True,
        )
