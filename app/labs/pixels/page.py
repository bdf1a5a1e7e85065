"""A picture is numbers: which ones, what becomes of them, and what they cost."""

from __future__ import annotations

import streamlit as st

from ... import address, engine
from ...canvas.charts import drawn_once
from ...choose.network import wait_for_torch
from ...choose.picture import choose_picture
from ..quiz import ask
from .numbers import photo_of
from .view import (
    choose_edition,
    code_of,
    draw_costs,
    own_size_words,
    questions_of,
    read_settings,
    read_weighing,
    show_patch,
    show_rungs,
    show_weighing,
)


def show_page() -> None:
    """Show the page."""
    st.title("A picture is numbers", anchor=False)
    st.markdown(
        "A computer has no eyes. A picture is a table of **pixels**, and every pixel is three "
        "numbers: how much red, green and blue light it sends. Each colour alone is a plane, a "
        "**channel**; everything a network ever knows of the picture is in these numbers."
    )
    st.html('<p class="phone-only">Tap » at the top left for other pictures and pages.</p>')
    engine.start_loading()
    with st.sidebar:
        picture = choose_picture()

    wait_for_torch()
    patch_place, ladder_place = st.container(), st.container()
    with ladder_place:
        st.subheader("From the file into a network", anchor=False)
        st.markdown(
            "Networks want squares of one size, and numbers around zero. Every network has its own "
            "recipe; choose one to see what it makes of the picture."
        )
        architecture, edition = choose_edition()
        show_rungs(picture, edition.preprocessing)

    photo = photo_of(picture)
    settings = read_settings(photo.shape)
    with patch_place:
        show_patch(settings, photo, edition.preprocessing)

    st.subheader("Why not join everything with everything?", anchor=False)
    st.markdown(
        "A fully connected layer gives every output a weight for every number of the picture. A "
        "convolution looks through a small window and uses the same weights everywhere."
    )
    weighing = read_weighing()
    show_weighing(weighing)
    figure = drawn_once(draw_costs, weighing)
    st.plotly_chart(figure, key="costs", config={"displayModeBar": False})
    st.caption(own_size_words(picture.image, weighing.maps))

    title = f"{architecture.title} ({edition.name})"
    ask(questions_of(settings, photo, title, edition.preprocessing), "pixels")
    code = address.unfold("The same in PyTorch", name="code")
    if code.open:
        code.code(code_of(settings, photo, picture, edition.preprocessing), language="python")
