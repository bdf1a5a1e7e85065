"""The bar at the top, and the page that it leads to."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING

import streamlit as st

from ali5.errors import Ali5Error
from ali5.paths import ASSETS, SITE
from ali5.site.classroom import CLASSROOM
from ali5.site.guard import faults

from . import address, engine, fields, presence
from .explore import page as first
from .runs import fragment, in_turn
from .words import plain

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


LOOK_S = 1.0
"""So often a page whose engine cannot be reached looks whether it is back."""

_ADDRESSES = {"classroom": "class"}


def _page(name: str, title: str, default: bool = False) -> StreamlitPage:
    """Return a page for one run, which marks the one that it shows."""
    return copy.copy(_known(name, title, default))


@functools.cache
def _known(name: str, title: str, default: bool) -> StreamlitPage:
    """Return a page; to make one, Streamlit follows its path through all folders of the disk."""
    address_of_it = _ADDRESSES.get(name, name.replace("_", "-"))
    return st.Page(address.script_of(name), title=title, url_path=address_of_it, default=default)


def get_ready() -> None:
    """Import and read what the first visitor is shown, before they come; loads no torch."""
    first.get_ready()


def show_site() -> None:
    """Show the page that the visitor has gone to, when it is their turn."""
    with in_turn():
        presence.give_way()
        _show_site()


def _show_site() -> None:
    st.set_page_config(
        page_title="ALI5",
        page_icon=str(ASSETS / "icon.png"),
        layout="wide",
        initial_sidebar_state=300,
    )
    st.html(SITE / "app" / "site.css")
    rooms = {
        "": [_page("explore", "Explore", default=True)],
        "Labs": [
            _page("pixels", "Pixels"),
            _page("convolution", "Convolution"),
            _page("pooling", "Pooling"),
            _page("stacking", "Stacking"),
            _page("final_layer", "Final layer"),
            _page("learning", "Learning"),
        ],
        "Classify": [
            _page("compare", "Compare"),
            _page("why", "Why"),
            _page("what_if", "What if"),
            _page("group", "Group"),
            _page("teach", "Teach it yours"),
        ],
    }
    if CLASSROOM.is_on:
        rooms[""].append(_page("classroom", "Class"))
    page = st.navigation(rooms, position="top")
    presence.attend()
    address.follow(page.url_path)
    try:
        page.run()
    except Exception as error:
        words = _in_words(error)
        if not words:
            raise
        st.error(words)
    if engine.is_away():
        fragment(_go_on, every_s=LOOK_S)()


def _go_on() -> None:
    """Show the page again once the engine is back."""
    if engine.is_loaded():
        st.rerun()


def _in_words(error: Exception) -> str:
    """Say what an error means for the visitor, in Markdown; "" if that is not known."""
    return plain(str(error)) if isinstance(error, Ali5Error) else engine.says_full(error)


fields.guard()
faults.says = _in_words  # also where no page is on the way: in fragments, and when a button acts
