"""The bar at the top, and the page that it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ali5.paths import ASSETS, SITE

from . import address, engine, presence

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage


def _page(name: str, title: str, default: bool = False) -> StreamlitPage:
    address_of_it = name.replace("_", "-")
    return st.Page(address.script_of(name), title=title, url_path=address_of_it, default=default)


def show_site() -> None:
    """Show the page that the visitor has gone to."""
    st.set_page_config(
        page_title="ALI5",
        page_icon=str(ASSETS / "icon.png"),
        layout="wide",
        initial_sidebar_state=300,
    )
    st.html(SITE / "app" / "site.css")
    page = st.navigation(
        {
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
        },
        position="top",
    )
    presence.attend()
    address.follow(page.url_path)
    try:
        page.run()
    except Exception as error:
        words = engine.says_full(error)
        if not words:
            raise
        st.error(words)
