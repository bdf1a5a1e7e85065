"""Group: which of many pictures are alike to a network, and what does it add to their pixels?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import engine
from ...choose.network import choose_network, ready, wait_for_torch, weights_in_words
from ...engine import facts_of
from ...words import plain
from ..many.view import show_progress
from . import view as grouping
from .bring import choose_collection, default_network
from .words import measured_in_words


def show_page() -> None:
    """Show the page."""
    st.title("Group similar pictures", anchor=False)
    st.markdown(
        "A network turns a picture into a list of numbers at each of its steps, its **feature "
        "vector**: each number says how much of one thing was found in the picture, wherever it "
        "stands. Pictures whose lists point the same way are alike *to the network*. Beside it are "
        "the same pictures by their raw pixels: what differs is what the network adds."
    )
    st.html('<p class="phone-only">Tap » at the top left to change the network.</p>')
    engine.start_loading()
    collection = choose_collection()
    with st.sidebar:
        choice = choose_network(grouping.INSIDE, default_network())
    if collection is None:
        return
    wait_for_torch()
    try:
        looked = grouping.look(collection, choice)
        place = st.empty() if looked.work is None else show_progress(looked.work)
        grouped = looked.grouped
        if grouped is not None:
            if grouped.note:
                st.warning(plain(grouped.note))
            st.markdown(measured_in_words(grouped))
            grouping.show_group(grouped)
            grouping.show_more(grouped)
            st.caption(weights_in_words(engine.ask(facts_of, ready(choice))))
        grouping.go_on(looked, place)
    except Ali5Error as error:
        st.error(plain(str(error)))
