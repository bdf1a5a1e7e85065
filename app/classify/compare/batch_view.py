"""Compare, asked about many pictures: a visitor's batch, the contact sheet, the table.

Importing this module does not import torch.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ali5.pictures.batches import read_batch

from ... import engine
from ...choose.choice import Choice
from ...choose.network import ready
from ...words import share_in_words
from ..many.sent import Item
from ..many.view import bring_files, forget_files, show_items
from ..many.view import go_on as go_on_with
from .batch import (
    THUMBNAIL_PX,
    Batch,
    named,
    said_of,
    second_of,
    summary_in_words,
    table_as_csv,
    verdicts_of,
)

_KEY, _FILES = "batch", "batch-files"


def take_batch(choice: Choice) -> Batch | None:
    """Show where files are brought; return this session's batch, if there is one.

    Once it was brought it stays, also when the visitor has been on another page.
    """
    files = bring_files(_FILES)
    kept: Batch | None = st.session_state.get(_KEY)
    ids = tuple(each.file_id for each in files)
    if not ids or (kept is not None and (kept.ids, kept.choice) == (ids, choice)):
        return kept
    with st.spinner("Looking through the files …"):
        members = read_batch([(each.name, each) for each in files])
    batch = Batch(ids, choice, members)
    st.session_state[_KEY] = batch
    return batch


def _forget() -> None:
    forget_files(_FILES)
    st.session_state.pop(_KEY, None)


def go_on(batch: Batch, place: DeltaGenerator) -> None:
    """Work on a batch for a while, then run the page again; last on a page."""
    if batch.is_done or batch.stopped:
        return
    chosen = ready(batch.choice)
    go_on_with(batch, place, lambda: batch.work(lambda images: engine.ask(said_of, chosen, images)))


def show_summary(batch: Batch, choice: Choice) -> None:
    """Say in words what came of a batch, and offer to download or to forget it.

    Args:
        batch: With or without results.
        choice: The network that is chosen now; files that are gone cannot be shown to it.
    """
    st.markdown(summary_in_words(batch))
    if choice != batch.choice:
        st.info(
            f"These are the answers of {named(batch.choice)}; the files themselves are not kept. "
            f"Bring the pictures again to ask {named(choice)}."
        )
    with st.container(horizontal=True):
        st.download_button(
            "Download all as CSV",
            lambda: table_as_csv(batch).encode("utf-8-sig"),
            "pictures.csv",
            "text/csv",
            on_click="ignore",
            disabled=not batch.rows,
        )
        st.button("Forget these pictures", on_click=_forget)


def show_sheet(batch: Batch) -> None:
    """Show all classified pictures of a batch; one that is chosen shows its five classes."""
    items = [
        Item(
            row.name,
            [(each.label, each.probability) for each in verdict.predictions],
            verdict.entropy,
            row.thumbnail,
        )
        for row, verdict in verdicts_of(batch)
    ]
    show_items(items, THUMBNAIL_PX, f"Contact sheet of {len(items)} pictures", "sheet")


def show_table(batch: Batch) -> None:
    """Show all results as a table that can be sorted by each column."""
    if not batch.results:
        return
    st.dataframe(
        [
            {
                "picture": row.name,
                "says": verdict.best.label,
                "share": 100 * verdict.best.probability,
                "entropy": verdict.entropy,
                "runner-up": second_of(verdict).label,
                "its share": share_in_words(second_of(verdict).probability),
            }
            for row, verdict in verdicts_of(batch)
        ],
        hide_index=True,
        column_config={
            "share": st.column_config.ProgressColumn(
                "share", format="%.1f %%", min_value=0, max_value=100
            ),
            "entropy": st.column_config.NumberColumn(
                "entropy (bits)",
                format="%.2f",
                help="0 if one class has all; 1 is as undecided as between two, 2 as among four.",
            ),
        },
    )
