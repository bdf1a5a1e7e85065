"""Many pictures on a page: how they are brought, progress, refusals, the contact sheet."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ali5.pictures.batches import MAX_PICTURES
from ali5.pictures.images import MAX_BYTES

from ...canvas.component import component
from ...choose.picture import SUFFIXES
from ...words import counted, plain
from .sent import Item as Shown
from .sent import pack_sheet
from .work import Work, progress_in_words

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

PATIENCE_S = 1.0
"""After so long, what has been done meanwhile is shown."""

Item = TypeVar("Item")
Row = TypeVar("Row")

_sheet = component(__file__, "sheet")


class Refused(Protocol):
    """Something that was refused."""

    @property
    def name(self) -> str:
        """As it was given."""
        ...

    @property
    def refusal(self) -> str:
        """Why it was, one sentence."""
        ...


def bring_files(key: str) -> list[UploadedFile]:
    """Show where files and archives are brought; return them, until `forget_files` lets them go."""
    return st.file_uploader(
        f"Up to {MAX_PICTURES} pictures, or zip archives of them",
        type=[*SUFFIXES, "zip"],
        accept_multiple_files=True,
        key=f"{key}-{st.session_state.get(_turn(key), 0)}",
        help=f"Each picture may have {MAX_BYTES // 2**20} MB. They stay in the memory of the "
        "computer that runs ALI5, for you alone, until you bring others or forget them.",
    )


def forget_files(key: str) -> None:
    """Let the files go that `bring_files` was given: an empty field takes the place of theirs."""
    st.session_state[_turn(key)] = st.session_state.get(_turn(key), 0) + 1


def _turn(key: str) -> str:
    return f"{key}-turn"


def show_progress(work: Work[Item, Row]) -> DeltaGenerator:
    """Show how far it is, and the buttons to stop it and to go on; return the bar's place."""
    if work.is_done:
        return st.empty()
    bar, button = st.columns([5, 1], vertical_alignment="center")
    place = bar.empty()
    _tell(work, place)

    def turn() -> None:
        work.stopped = not work.stopped

    button.button("Go on" if work.stopped else "Stop", on_click=turn, width="stretch")
    return place


def go_on(work: Work[Item, Row], place: DeltaGenerator, advance: Callable[[], None]) -> None:
    """Work for a while, then run the page again; last on a page.

    Args:
        work: What is to be done.
        place: Of the bar.
        advance: Does the next group.
    """
    if work.is_done or work.stopped:
        return
    start = time.monotonic()
    while not work.is_done and time.monotonic() - start < PATIENCE_S:
        advance()
        _tell(work, place)
    st.rerun()


def _tell(work: Work[Item, Row], place: DeltaGenerator) -> None:
    place.progress(len(work.rows) / work.count, progress_in_words(work))


def show_refused(refused: Sequence[Refused]) -> None:
    """List what was refused, each with its sentence."""
    if not refused:
        return
    st.markdown(f"**{counted(len(refused), 'file')} could not be opened**")
    lines = [f"- “{plain(each.name)}”: {plain(each.refusal)}" for each in refused]
    with st.container(height=300 if len(lines) > 12 else "content"):
        st.markdown("\n".join(lines))


def show_items(items: Sequence[Shown], edge: int, label: str, key: str) -> None:
    """Show small pictures; one that is chosen shows its classes.

    Args:
        items: In the order of their names.
        edge: Of their thumbnails, in pixels.
        label: What they are.
        key: Of the component.
    """
    _sheet(key=key, data=pack_sheet(items, edge, label))
