"""What accuracy costs: the networks that were measured on the same pictures, chart and table.

Importing this module does not import torch.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ali5.known.cards import Card, bundled_weights, read_card
from ali5.known.catalog import landmarks
from ali5.known.records import Architecture, Edition

from ... import address
from ...canvas.charts import drawn_once, plotly
from ...words import listed, share_in_words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SHARED = "tiny-imagenet"
"""The classes that the networks are compared on."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A network with weights that ship, and what was measured of it."""

    architecture: Architecture
    edition: Edition
    card: Card


@functools.cache
def measured() -> tuple[Measured, ...]:
    """Return what was measured on the shared validation pictures, the most accurate first."""
    found = []
    for name, known in landmarks().items():
        for edition in known.editions.values():
            weights = bundled_weights(name, edition.name)
            if edition.labels == SHARED and weights is not None:
                found.append(Measured(known, edition, read_card(weights)))
    return tuple(sorted(found, key=lambda each: -each.card.accuracy["top1"]))


def show_cost() -> None:
    """Show how accuracy and cost go together; only what was measured."""
    found = measured()
    st.subheader("What accuracy costs", anchor=False)
    here = {each.architecture.id for each in found}
    missing = [known.title for name, known in landmarks().items() if name not in here]
    words = (
        f"From the model cards: trained on {found[0].card.data}."
        if found
        else "Nothing was measured yet."
    )
    if found and missing:
        verb = "is" if len(missing) == 1 else "are"
        words += f" {listed(missing)} {verb} not trained yet."
    st.caption(f"{words} The larger a circle, the more parameters.")
    if not found:
        return
    st.plotly_chart(drawn_once(_chart), key="accuracy-cost", config={"displayModeBar": False})
    table = address.unfold("The same as a table", name="costs")
    if table.open:
        large = st.column_config.NumberColumn(format="localized")
        table.dataframe(
            [_row(each) for each in found],
            hide_index=True,
            column_config={
                "multiply–adds": large,
                "parameters": large,
                "year": st.column_config.NumberColumn(format="plain"),
            },
        )


def _chart() -> Figure:
    return chart_of(measured())


def chart_of(found: Sequence[Measured]) -> Figure:
    """Return accuracy against multiply-adds as a Plotly figure."""
    go = plotly()

    sides = ("middle right", "middle left")
    largest = max(each.edition.parameters for each in found)
    points = go.Scatter(
        x=[each.edition.multiply_adds for each in found],
        y=[100 * each.card.accuracy["top1"] for each in found],
        text=[f" {each.architecture.heading} " for each in found],
        textposition=[sides[number % 2] for number in range(len(found))],
        mode="markers+text",
        marker={
            "size": [each.edition.parameters for each in found],
            "sizemode": "area",
            "sizeref": 2 * largest / 34**2,
            "sizemin": 5,
            "opacity": 0.8,
            "line": {"width": 1, "color": "#808080"},
        },
        customdata=[
            [each.edition.parameters, 100 * each.card.accuracy["top5"], each.edition.name]
            for each in found
        ],
        hovertemplate="<b>%{text}</b>, %{customdata[2]}<br>%{y:.1f} % right, "
        "%{customdata[1]:.1f} % within five<br>%{x:,} multiply–adds<br>"
        "%{customdata[0]:,} parameters<extra></extra>",
        textfont_size=14,
        cliponaxis=False,
    )
    costs = [each.edition.multiply_adds for each in found]
    figure = go.Figure(points)
    figure.update_layout(height=400, margin={"t": 16, "b": 8, "l": 8, "r": 16})
    figure.update_xaxes(
        type="log",
        title="multiply–adds for one picture (each line: ten times as many)",
        dtick=1,
        range=[math.log10(min(costs)) - 0.4, math.log10(max(costs)) + 0.6],
    )
    figure.update_yaxes(title="right at the first guess, %", rangemode="tozero")
    return figure


def _row(each: Measured) -> dict[str, object]:
    return {
        "network": each.architecture.title,
        "year": each.architecture.year,
        "edition": each.edition.name,
        "right": share_in_words(each.card.accuracy["top1"]),
        "within five": share_in_words(each.card.accuracy["top5"]),
        "multiply–adds": each.edition.multiply_adds,
        "parameters": each.edition.parameters,
    }
