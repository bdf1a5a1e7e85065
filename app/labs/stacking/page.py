"""Stacking: what do layers see that stand on one another?"""

from __future__ import annotations

import streamlit as st

from ... import address, engine
from ...choose.network import wait_for_torch
from ...choose.picture import choose_picture
from ..quiz import ask
from .tasks import code_of, questions_of
from .view import previewed, read_settings, show_stacking


def show_page() -> None:
    """Show the page."""
    st.title("Stacking", anchor=False)
    st.markdown(
        "A convolution, a bend such as ReLU and often a pooling make one **layer**, and networks "
        "are stacks of layers. Each works on the maps of the one before: deeper layers see more of "
        "the photo, their maps shrink, and there are more of them. Build a stack, then move, turn, "
        "blur or shuffle the photo, and watch which maps move along and which do not notice."
    )
    st.html('<p class="phone-only">Tap » at the top left for other pictures and pages.</p>')
    engine.start_loading()
    with st.sidebar:
        picture = choose_picture()

    wait_for_torch()
    settings, left_out = read_settings()
    for sentence in left_out:
        st.warning(sentence)
    show_stacking(previewed(settings), picture)
    st.caption(
        "In a stack of your own the first convolution has fixed kernels (edges, spots, lines, "
        "colour contrasts); deeper ones are random, the same at every visit (He et al. 2015). What "
        "training makes of kernels can be seen in the networks’ own first stages."
    )
    ask(engine.work_out(questions_of, settings, picture), "stacking")
    code = address.unfold("The same in PyTorch", name="code")
    if code.open:
        code.code(engine.work_out(code_of, settings, picture), language="python")
