"""What there is to know about all steps together: their costs, and a table of them."""

from __future__ import annotations

import html

import streamlit as st

from .. import address
from ..canvas.charts import plotly
from ..engine import Passage
from ..words import COLOURS, shape_in_words


def show_cost(passage: Passage | None) -> None:
    """Show where the parameters and the arithmetic are; without a passage, nothing inside yet."""
    place = address.unfold("Where the parameters and the arithmetic are", name="cost")
    if not place.open or passage is None:
        return
    go = plotly()

    costly = [step for step in passage.steps if step.parameters or step.multiply_adds]
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
                x=[html.escape(step.name) for step in costly],
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


def show_table(passage: Passage | None) -> None:
    """Show all steps as a table, the text twin of the overview; likewise."""
    place = address.unfold("All steps as a table", name="table")
    if place.open and passage is not None:
        place.dataframe(
            [
                {
                    "step": step.name,
                    "operation": str(step.operation),
                    "reads": ", ".join(step.inputs),
                    "shape": shape_in_words(step.shape),
                    "parameters": step.parameters,
                    "multiply–adds": step.multiply_adds,
                    "sees (pixels)": step.sees,
                }
                for step in passage.steps
            ],
            hide_index=True,
        )
