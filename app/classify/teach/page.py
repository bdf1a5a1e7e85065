"""Teach it yours: can a network learn to tell your own groups of pictures apart?"""

from __future__ import annotations

import streamlit as st

from ... import address, engine
from ...choose.network import wait_for_torch
from ...choose.picture import choose_picture
from . import cards, result, view


def show_page() -> None:
    """Show the page."""
    st.title("Teach it yours", anchor=False)
    st.markdown(
        "Sort pictures into groups and give them names; a network learns to tell them apart. **The "
        "backbone stays as it is, only the last layer learns:** the network has seen many "
        "thousands of photographs and can already tell edges, textures and parts of things. What "
        "it sees in a picture is a list of numbers. How to weigh them for *your* groups is all "
        "that is left to learn, and for that a dozen pictures of each often suffice."
    )
    st.html(
        '<p class="phone-only">Tap » at the top left for the picture to try and the backbone.</p>'
    )
    engine.start_loading()
    view.recall()
    with st.sidebar:
        picture = choose_picture()
        backbone = view.choose_backbone()
    wait_for_torch()

    groups = cards.choose_groups()
    cards.show_lesson(groups, backbone)
    head = result.chosen_head()
    if head is not None:
        result.show_result(head, view.lesson_of(groups, backbone), picture)
    result.show_bring()
    code = address.unfold("The same in Python", name="code")
    if code.open:
        code.code(result.code_of(backbone), language="python")
