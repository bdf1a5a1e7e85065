"""The page "Group" in the browser and in the address; from here to Explore.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ... import address, engine
from ...address import plain_choices, read_plain
from ...canvas.component import component
from ...choose.choice import Choice
from ...choose.network import ready
from ...choose.picture import take_over
from ...engine.picture import OWN
from ...words import plain
from ..many.view import go_on as go_on_with
from .bring import WORK
from .collection import Collection
from .grouped import Grouped, Looked, Looking, Rows, Wanted, features_in, placed_by
from .python import code_of
from .settings import SENT, Settings, opening_of, ranges_of, words_of
from .table import rows_of, table_as_csv

INSIDE = ("step",)
"""Choices that make no sense any more for another network."""

_group = component(__file__, "group", sends={"settings": SENT})


def read_settings(collection: Collection) -> Settings:
    """Return what the address says; what is not possible is as at first."""
    ranges, words = ranges_of(len(collection.pictures)), words_of(collection)
    return Settings(**read_plain(opening_of(collection), ranges, words))


def look(collection: Collection, choice: Choice) -> Looked:
    """Return what a network has made of pictures, as far as it is, grouped as the address says."""
    kept = _grouped(collection, choice)
    if kept is not None:
        st.session_state.pop(WORK, None)
        return Looked(kept)
    work: Looking | None = st.session_state.get(WORK)
    if work is None or (work.collection, work.choice) != (collection, choice):
        work = st.session_state[WORK] = Looking(collection, choice)
    if work.stopped:
        work.settle()
    rows = work.rows
    done = len(rows) == work.count
    if len(rows) < 2 or not (done or work.stopped):
        return Looked(None, work)
    grouped = _grouped(collection.first(len(rows)), choice, Rows(rows))
    if done:
        st.session_state.pop(WORK, None)  # thousands of numbers for each picture
        return Looked(grouped)
    return Looked(grouped, work)


def _grouped(collection: Collection, choice: Choice, rows: Rows | None = None) -> Grouped | None:
    """Place and group pictures as the address says; None if nobody has compared them."""
    settings = read_settings(collection)
    wanted = Wanted(collection.digest, collection.kinds, settings, address.text("step"))
    one = collection.pictures[0]
    first = engine.Picture(OWN, one.image, one.digest, one.name)
    placed = engine.ask(placed_by, ready(choice), first, choice.weights, wanted, rows)
    if placed is None:
        return None
    return Grouped(**vars(placed), collection=collection, choice=choice, settings=settings)


def go_on(looked: Looked, place: DeltaGenerator) -> None:
    """Look at more pictures for a while, then run the page again; last on a page.

    Raises:
        Ali5Error: The forward pass of a user's own network failed.
    """
    work = looked.work
    if work is None or work.stopped:
        return
    chosen = ready(work.choice)
    go_on_with(
        work, place, lambda: work.look(lambda images: engine.ask(features_in, chosen, images))
    )


def show_group(grouped: Grouped) -> None:
    """Show pictures placed and grouped; what is set in it goes to the address."""
    from .sent import pack_group

    collection, default_step = grouped.collection, grouped.default_step

    def changed(sent: Mapping[str, Any]) -> None:
        write_settings(collection, default_step, sent)

    _group(
        key="group",
        data=pack_group(grouped),
        settings=changed,
    )


def write_settings(collection: Collection, default_step: str, sent: Mapping[str, Any]) -> None:
    """Put the settings that the browser has sent into the address."""
    opening = opening_of(collection)
    choices = plain_choices(sent, opening, asdict(opening))
    step = sent["step"]
    address.write(**choices, step=step if step != default_step else None)


def show_more(grouped: Grouped) -> None:
    """Show what can be done with the chosen picture and with all of them."""
    chosen = grouped.collection.pictures[grouped.settings.chosen]
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
                query_params={**here, **place, **grouped.choice.place},
            )
        st.download_button(
            "Download clusters and neighbours as CSV",
            table_as_csv(grouped).encode("utf-8-sig"),
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
    if not grouped.collection.known:
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
