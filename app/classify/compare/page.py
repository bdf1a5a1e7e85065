"""Compare: what do the landmark networks make of the same picture, and at what cost?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error
from ali5.known.catalog import landmarks

from ... import address, engine
from ...choose.colours import choose_colours
from ...choose.network import choose_network, wait_for_torch
from ...choose.picture import choose_picture, show_own_pictures
from ...words import numeral, plain
from ..many.view import show_progress, show_refused
from . import batch_view as batches
from . import view as comparing
from .cost import show_cost
from .words import agreement_in_words, voters


def show_page() -> None:
    """Show the page."""
    st.title("Compare", anchor=False)
    st.markdown(
        f"What {numeral(len(landmarks()))} landmark networks say of one picture, how sure they "
        "are, what it costs them and what they see on the way; or what one of them says of up to "
        "200 pictures."
    )
    with st.container(horizontal=True, gap="large"):
        ask = address.choose(
            "Ask about",
            {"one": "One picture", "many": "Many pictures"},
            name="ask",
            default="one",
        )
        colours = "" if ask == "many" else choose_colours()
    st.html('<p class="phone-only">Tap » at the top left for other pictures and networks.</p>')
    engine.start_loading()

    if ask == "many":
        with st.sidebar:
            choice = choose_network()
        wait_for_torch()
        batch = batches.take_batch(choice)
        if batch is None:
            return
        place = show_progress(batch)
        batches.show_summary(batch, choice)
        if batch.results:
            batches.show_sheet(batch)
            batches.show_table(batch)
        show_refused(batch.refused)
        try:
            batches.go_on(batch, place)
        except Ali5Error as error:
            st.error(plain(str(error)))
        return

    with st.sidebar:
        picture = choose_picture(several=True)
        choices = comparing.choose_editions()
    comparing.follow_wish(choices)

    wait_for_torch()
    show_own_pictures()
    columns = comparing.look(choices, picture)
    place = st.empty()
    if all(each.state in ("done", "failed") for each in columns):
        st.markdown(agreement_in_words(voters(columns)))
        comparing.offer_again(columns, picture)
    else:
        place = comparing.show_progress(columns, picture)
    comparing.show_comparison(columns, picture, colours)
    st.caption(
        "Confidence is the share of the first class, not how often it is right: networks are "
        "mostly too sure. Entropy counts what is left to the others: 0 bits if one class has all, "
        "1 bit is as undecided as between two classes, 2 bits as among four. A star marks the best "
        "of a row."
    )
    show_cost()
    comparing.go_on(columns, picture, place)
