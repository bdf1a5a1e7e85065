"""A picture is numbers: which ones, what becomes of them, and what they cost."""

from __future__ import annotations

import streamlit as st

from ... import address, engine
from ...canvas.charts import drawn_once
from ...choose.network import wait_for_torch
from ...choose.picture import choose_picture
from ..photo import shape_of
from ..quiz import ask
from .costs import own_size_words
from .settings import MAX_PHOTO_PX
from .tasks import code_of, questions_of
from .view import (
    choose_edition,
    draw_costs,
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

    settings = read_settings(engine.work_out(shape_of, picture, MAX_PHOTO_PX))
    with patch_place:
        show_patch(settings, picture, edition.preprocessing)

    st.subheader("Why not join everything with everything?", anchor=False)
    st.markdown(
        "A fully connected layer gives every output a weight for every number of the picture. A "
        "convolution looks through a small window and uses the same weights everywhere."
    )
    weighing = read_weighing()
    show_weighing(weighing)
    figure = drawn_once(draw_costs, weighing)
    st.plotly_chart(figure, key="costs", config={"displayModeBar": False})
    width, height = picture.image.size
    st.caption(engine.work_out(own_size_words, height, width, weighing.maps))

    title = f"{architecture.title} ({edition.name})"
    questions = engine.work_out(questions_of, settings, picture, title, edition.preprocessing)
    ask(questions, "pixels")
    code = address.unfold("The same in PyTorch", name="code")
    if code.open:
        lines = engine.work_out(code_of, settings, picture, edition.preprocessing)
        code.code(lines, language="python")
