"""Explore: what does every layer of a network make of this picture?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from .. import address, engine
from ..choose.card import show_card
from ..choose.network import choose_network, given_to, prepare, weights_in_words
from ..choose.picture import choose_picture
from ..words import plain
from .deconvolution.view import show_deconvolution
from .facts import show_cost, show_table
from .kernels.view import has_kernels, show_kernels
from .map.view import show_map
from .snapshots.view import show_snapshots
from .trail.view import show_way
from .unit.view import read_look, show_unit
from .view import read_view
from .wall.view import show_layer


def show_page() -> None:
    """Show the page."""
    if not address.text("step"):  # deeper down, the trail says where one is
        st.title("Look inside a neural network", anchor=False)
    st.html('<p class="phone-only">Tap » at the top left to change the picture or the network.</p>')
    engine.start_loading()

    with st.sidebar:
        picture = choose_picture()
        choice = choose_network()

    try:
        trace = prepare(choice, picture)
        picture = given_to(choice, picture)
    except Ali5Error as error:
        st.error(plain(str(error)))
        return

    from ..canvas.bars import show_prediction

    view = read_view(trace)
    show_way(trace, view)
    if view.step is None:
        seen, guess = st.columns([3, 2], gap="large")
        with seen:
            st.markdown(
                f"{choice.architecture.heading} looks at {picture.caption}. "
                f"{choice.architecture.idea}\n\n{weights_in_words(trace.network)}"
            )
            for note in (*picture.notes, *trace.notes):
                st.caption(note)
        with guess:
            st.markdown("**Its prediction**")
            show_prediction(trace)
    show_map(trace, picture.image, view.step)
    if view.step is None:
        show_card(trace.network)
        show_cost(trace)
        show_table(trace)
    elif view.channel is None:
        show_layer(trace, view.step, picture)
        show_snapshots(trace, view.step, picture)
    else:
        show_unit(trace, view.step, view.channel, picture, choice)
        row, column = read_look(view.step).at or (None, None)
        show_deconvolution(trace, view.step, view.channel, row, column, picture)
        if has_kernels(view.step):
            show_kernels(trace, view.step, view.channel)
