"""Why: which part of the picture does an answer come from, and how far can that be trusted?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.network import choose_network, look, weights_in_words
from ...choose.picture import choose_picture
from ...words import plain
from .python import code_of
from .view import (
    ask,
    show_all_methods,
    show_classes,
    show_map,
    show_method,
    show_sanity,
)


def show_page() -> None:
    """Show the page."""
    st.title("Why this answer?", anchor=False)
    st.markdown(
        "Ask a network why it sees a class in a picture. Each method paints a **map** over the "
        "picture; none of them reads the network’s mind, so each comes with what it claims, where "
        "it ends, and two ways to doubt it."
    )
    st.html('<p class="phone-only">Tap » at the top left to change the picture or the network.</p>')
    engine.start_loading()
    with st.sidebar:
        picture = choose_picture()
        choice = choose_network()

    try:
        passage = look(choice, picture)
        question, classes = ask(choice, passage)
    except Ali5Error as error:
        st.error(plain(str(error)))
        return

    seen, told = st.columns([3, 2], gap="large")
    with told:  # first: a map can take a while
        show_classes(question, classes)
        show_method(question.method)
        st.markdown(weights_in_words(passage.network))
        for note in (*picture.notes, *passage.notes):
            st.caption(note)
    with seen:
        try:
            show_map(passage, question)
        except Ali5Error as error:
            st.error(plain(str(error)))
            return
    name = classes.names[question.target]
    show_all_methods(passage, question, name)
    show_sanity(passage, question)
    code = address.unfold("The same in Python", name="code")
    if code.open:
        code.code(code_of(question, name), language="python")
