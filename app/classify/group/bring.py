"""Which pictures are grouped: the choice, and how a visitor brings their own.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ali5.pictures.batches import MAX_PICTURES, read_batch

from ... import address
from ..many.brought import Refusal
from ..many.view import bring_files, forget_files, go_on, show_progress, show_refused
from .collection import EXAMPLES, Arrival, Collection, example

MINE = "own"

DEFAULT = "shapes"

NETWORKS = {"digits": "lenet5"}
"""The network that is asked first, where it is not ResNet-18."""

_WORDS = {
    "shapes": "drawings by code: shapes, each anywhere, at any size and in any two colours. Their "
    "kind is the shape.",
    "digits": "digits, drawn by code as if by hand, each a little different.",
    "photographs": "squares cut out of the sample photographs, anywhere. Their kind is the "
    "photograph that they come from.",
    "samples": "sample pictures: all that ALI5 brings along. Their kind is photograph, pattern or "
    "digit.",
}

_KEY, _FILES = "group-arrival", "group-files"

WORK = "group-work"
"""In the session: what is looked at now."""

_RESETS = ("step", "clusters", "perplexity", "chosen", "frames")
"""Choices that other pictures make anew."""


def choose_collection() -> Collection | None:
    """Show where the pictures come from; return them once there are some."""
    which = address.choose(
        "Pictures",
        {**EXAMPLES, MINE: "Yours"},
        name="set",
        default=DEFAULT,
        resets=_RESETS,
        explanation="Examples whose kinds are known, and your own.",
    )
    if which != MINE:
        collection = example(which)
        st.caption(f"{len(collection.pictures)} {_WORDS[which]}")
        return collection
    return _own_collection()


def default_network() -> str:
    """Return the network that is asked first about the chosen pictures."""
    return NETWORKS.get(address.read("set", (*EXAMPLES, MINE), DEFAULT), "resnet18")


def _own_collection() -> Collection | None:
    """Show where files are brought; return what has been opened, once that is done or stopped."""
    arrival = _take_files()
    if arrival is None:
        st.markdown(
            f"Bring from two to {MAX_PICTURES} pictures: holiday photographs, leaves, product "
            "pictures, X-rays. Two or more **folders in a zip archive** are taken for kinds: then "
            "every layer is measured by how often the nearest neighbour is of the same kind. Files "
            "that cannot be opened are listed, each with its reason; the others go on."
        )
        return None
    intake = arrival.intake
    place = show_progress(intake)
    go_on(intake, place, intake.open_next)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Forget these pictures", on_click=_forget)
        _show_all_refused(intake.refused)
    if len(intake.pictures) < 2:
        st.info("Two pictures or more are needed: one alone is like no other.")
        return None
    return arrival.collection


def _show_all_refused(refused: Sequence[Refusal]) -> None:
    if not refused:
        return
    noun = "1 file" if len(refused) == 1 else f"{len(refused)} files"
    with st.expander(f"{noun} could not be opened"):
        show_refused(refused)


def _take_files() -> Arrival | None:
    """Return this session's files; once they were brought they stay, also on other pages."""
    files = bring_files(_FILES)
    kept: Arrival | None = st.session_state.get(_KEY)
    ids = tuple(each.file_id for each in files)
    if not ids or (kept is not None and kept.ids == ids):
        return kept
    with st.spinner("Looking through the files …"):
        arrival = Arrival(ids, read_batch([(each.name, each) for each in files]))
    st.session_state[_KEY] = arrival
    return arrival


def _forget() -> None:
    forget_files(_FILES)
    st.session_state.pop(_KEY, None)
    st.session_state.pop(WORK, None)
