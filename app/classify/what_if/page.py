"""What if: what becomes of the answer when the network or the picture is changed?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.colours import read_colours
from ...choose.network import choose_network, look, telling, weights_in_words
from ...choose.picture import choose_picture
from ...words import plain
from .answers import carry_out, what_if_of
from .python import code_of
from .view import (
    INSIDE,
    read_settings,
    show_what_if,
    take_preview,
)


def show_page() -> None:
    """Show the page."""
    st.title("What if", anchor=False)
    st.markdown(
        "What does an answer hang on? **Change the network**: mute, keep only, double or invert a "
        "channel, a branch or a residual block. **Change the picture**: paint over, blur, shift, "
        "turn, crop. Before and after stand side by side; take it back, and every number is as it "
        "was."
    )
    st.html('<p class="phone-only">Tap » at the top left to change the picture or the network.</p>')
    engine.start_loading()

    with st.sidebar:
        picture = choose_picture()
        choice = choose_network(INSIDE)

    try:
        passage = look(choice, picture)
    except Ali5Error as error:
        st.error(plain(str(error)))
        return

    picture, preview = passage.subject.picture, take_preview()
    settings, left_out = read_settings(passage, preview)
    for sentence in left_out:
        st.warning(plain(sentence))
    try:
        shown = engine.ask(
            what_if_of, passage, settings, choice, picture, preview is not None, read_colours()
        )
    except Ali5Error as error:
        st.error(plain(str(error)))
        return
    if shown.lost:
        st.warning(plain(shown.lost))
    show_what_if(shown)
    if shown.job:
        bar = st.progress(0.0, f"{shown.job} …")
        try:
            engine.ask(carry_out, passage, settings, choice, picture, telling(bar))
        except Ali5Error as error:
            bar.empty()
            st.error(plain(str(error)))
            return
        st.rerun()
    code = address.unfold("The same in Python", name="code")
    if code.open:
        code.code(code_of(settings, choice, picture), language="python")
    st.caption(weights_in_words(passage.network))
    for note in (*picture.notes, *passage.notes):
        st.caption(note)
