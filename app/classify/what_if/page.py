"""What if: what becomes of the answer when the network or the picture is changed?"""

from __future__ import annotations

import functools

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.network import choose_network, given_to, prepare, weights_in_words
from ...choose.picture import choose_picture
from ...words import plain
from .findings import curve_of, find, job_of, ranks_of
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
        before = prepare(choice, picture)
        picture = given_to(choice, picture)
    except Ali5Error as error:
        st.error(plain(str(error)))
        return

    preview = take_preview()
    settings, left_out = read_settings(before, preview)
    for sentence in left_out:
        st.warning(plain(sentence))
    try:
        findings = find(settings, choice, picture, before)
    except Ali5Error as error:
        st.error(plain(str(error)))
        return
    if findings.lost:
        st.warning(plain(findings.lost))
    job = None if preview else job_of(settings, choice, picture, before)
    show_what_if(
        choice.weights,
        settings,
        findings,
        curve_of(settings, choice, picture),
        ranks_of(settings, choice, picture),
        job is not None,
    )
    if job is not None:
        bar = st.progress(0.0, f"{job.words} …")
        try:
            job.run(functools.partial(_tell, bar, job.words))
        except Ali5Error as error:
            bar.empty()
            st.error(plain(str(error)))
            return
        st.rerun()
    code = address.unfold("The same in Python", name="code")
    if code.open:
        code.code(code_of(settings, choice, picture), language="python")
    st.caption(weights_in_words(engine.facts_of(before.network)))
    for note in (*picture.notes, *before.notes):
        st.caption(note)


def _tell(bar: DeltaGenerator, words: str, share: float) -> None:
    bar.progress(share, f"{words}: {share:.0%}")
