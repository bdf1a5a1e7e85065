"""Grouped pictures as a table, as a file and as Python code; from here to Explore."""

from __future__ import annotations

import streamlit as st

from ... import address
from ...choose.picture import take_over
from ...words import plain
from .view import Grouped, code_of, rows_of, table_as_csv


def show_more(grouped: Grouped) -> None:
    """Show what can be done with the chosen picture and with all of them."""
    chosen = grouped.pile.pictures[grouped.settings.chosen]
    with st.container(horizontal=True):
        if st.button(
            f"See “{plain(chosen.name)}” in every layer",
            help="Takes the middle square of the chosen picture to the page Explore.",
        ):
            place = take_over(chosen.image, chosen.name)
            # The browser goes back to this page with what the other one was asked for: so the
            # choices that are made here go along.
            here = st.query_params.to_dict()
            st.switch_page(
                address.script_of("explore"),
                query_params={**here, **place, **grouped.looked.choice.place},
            )
        st.download_button(
            "Download clusters and neighbours as CSV",
            lambda: table_as_csv(grouped).encode("utf-8-sig"),
            "groups.csv",
            "text/csv",
            on_click="ignore",
        )
    table = address.unfold("All pictures as a table", name="table")
    if table.open:
        _show_table(table, grouped)
    code = address.unfold("The same in Python", name="code")
    if code.open:
        code.code(code_of(grouped), language="python")


def _show_table(place: st.delta_generator.DeltaGenerator, grouped: Grouped) -> None:
    rows = rows_of(grouped)
    if not grouped.pile.known:
        rows = [{name: value for name, value in row.items() if name != "kind"} for row in rows]
    distance = st.column_config.NumberColumn(format="%.3f")
    place.dataframe(
        rows,
        hide_index=True,
        column_config={
            "distance": distance,
            "nearest_by_pixels": st.column_config.TextColumn("nearest by pixels"),
            "distance_by_pixels": st.column_config.NumberColumn(
                "distance by pixels", format="%.3f"
            ),
        },
    )
