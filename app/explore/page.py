"""Explore: what does every layer of a network make of this picture?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error
from ali5.pictures.samples import open_sample

from .. import address, engine
from ..choose.network import choose_network, look
from ..choose.picture import choose_picture
from ..choose.sent import samples_as_sent
from ..words import plain
from .deconvolution.view import show_deconvolution
from .kernels.view import show_kernels
from .map.view import show_strip
from .overview.prepared import read_first_page
from .overview.view import show_first_page, show_overview
from .snapshots.view import show_snapshots
from .trail.sent import trail_as_sent
from .trail.view import is_large, show_way
from .unit.view import read_look, show_unit
from .view import read_view
from .wall.view import show_layer


def get_ready() -> None:
    """Read what a visitor who has chosen nothing is shown."""
    read_first_page()
    samples_as_sent(engine.FIRST_PICTURE)
    open_sample(engine.FIRST_PICTURE)


def show_page() -> None:
    """Show the page."""
    if not address.text("step"):  # deeper down, the trail says where one is
        st.title("Look inside a neural network", anchor=False)
    st.html('<p class="phone-only">Tap » at the top left to change the picture or the network.</p>')

    with st.sidebar:
        picture = choose_picture()
        choice = choose_network()
    show_first_page(choice, picture)
    engine.start_loading()

    try:
        passage = look(choice, picture)
    except Ali5Error as error:
        st.error(plain(str(error)))
        return

    view = read_view(passage)
    if view.step is None:
        show_overview(passage, choice)
        return
    show_way(engine.ask(trail_as_sent, passage, view.step.name, view.channel, is_large()))
    show_strip(passage, view.step)
    if view.channel is None:
        show_layer(passage, view.step)
        show_snapshots(passage, view.step)
    else:
        show_unit(passage, view.step, view.channel, choice)
        row, column = read_look(view.step).at or (None, None)
        show_deconvolution(passage, view.step, view.channel, row, column)
        if view.step.has_kernels:
            show_kernels(passage, view.step, view.channel)
