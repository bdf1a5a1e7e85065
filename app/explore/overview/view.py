"""The overview: what a network says of the picture, and its map. Importing it loads no torch."""

from __future__ import annotations

import streamlit as st

from ali5.site.exploring import own

from ... import address, engine
from ...canvas.bars import show_bars
from ...choose.card import show_card
from ...choose.choice import Choice
from ...choose.colours import read_colours
from ...choose.network import wait_for_torch, weights_in_words
from ...engine import Passage, Picture
from ..facts import show_cost, show_table
from ..map.settings import LENSES
from ..map.view import show_map
from ..trail.view import is_large, show_way
from .prepared import Overview, check_first_page, read_first_page

BREATH_S = 1.0
"""So long the browser gets to paint what it was sent, before loading torch takes a core."""


def show_first_page(choice: Choice, picture: Picture) -> None:
    """Show a visitor who asks for nothing else what was prepared, until the engine is there.

    Then the page is run again. For all others, and once the engine is there, this does nothing.
    """
    if engine.is_loaded() or not _is_first(choice, picture):
        return
    prepared = read_first_page()
    if prepared is None:
        return
    st.empty()  # where a page that computes shows how far it is
    _show(prepared, choice, picture, None)
    wait_for_torch(BREATH_S)
    st.rerun()


def show_overview(passage: Passage, choice: Choice) -> None:
    """Show what a network says of a picture, and the map of it all."""
    from .sent import overview_of

    picture = passage.subject.picture
    overview = engine.ask(
        overview_of,
        passage,
        picture.image,
        weights_in_words(passage.network),
        opened=address.text("open"),
        lens=address.read("lens", LENSES, "none"),
        colours=read_colours(),
        large=is_large(),
    )
    if _is_first(choice, picture):
        check_first_page(overview)
    _show(overview, choice, picture, passage)


def _is_first(choice: Choice, picture: Picture) -> bool:
    """Whether this is what the page opens on, with nothing chosen or unfolded."""
    what = (
        own() is None
        and choice.key == engine.FIRST_NETWORK
        and picture.name == engine.FIRST_PICTURE
    )
    return what and address.is_empty()


def _show(overview: Overview, choice: Choice, picture: Picture, passage: Passage | None) -> None:
    """Show all of it; without a passage nothing can be unfolded yet."""
    show_way(overview.trail)
    seen, guess = st.columns([3, 2], gap="large")
    with seen:
        st.markdown(
            f"{choice.architecture.heading} looks at {picture.caption}. {choice.architecture.idea}"
            f"\n\n{overview.weights}"
        )
        for note in (*picture.notes, *overview.notes):
            st.caption(note)
    with guess:
        st.markdown("**Its prediction**")
        show_bars(overview.shares, "bars")
    show_map(overview.map)
    show_card(None if passage is None else passage.network)
    show_cost(passage)
    show_table(passage)
