"""Convolution: what does a window that moves over a picture give?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.network import wait_for_torch
from ...choose.picture import choose_picture
from ..photo import shape_of
from ..quiz import ask
from .numbers import MAX_PHOTO_PX
from .settings import EXAMPLES
from .tasks import code_of, questions_of
from .view import read_settings, show_convolution, show_example


def show_page() -> None:
    """Show the page."""
    st.title("Convolution", anchor=False)
    st.markdown(
        "A small window moves over the picture. Every number under it is multiplied with the "
        "weight that lies on it, and all products are added: that sum is one pixel of the "
        "**feature map**. (Strictly it is a cross-correlation: the kernel is not flipped, as in "
        "every deep learning library.)"
    )
    st.html('<p class="phone-only">Tap » at the top left for other pictures and pages.</p>')
    engine.start_loading()
    with st.sidebar:
        picture = choose_picture()

    wait_for_torch()
    settings = read_settings(engine.work_out(shape_of, picture, MAX_PHOTO_PX))
    try:
        questions = engine.work_out(questions_of, settings, picture)
    except Ali5Error as error:
        st.error(str(error))
        return
    show_convolution(settings, picture)

    st.selectbox(
        "Published examples",
        EXAMPLES,
        index=None,
        key="example",
        on_change=show_example,
        placeholder="From “A guide to convolution arithmetic” (Dumoulin & Visin 2016)",
    )
    ask(questions, "convolution")
    code = address.unfold("The same in PyTorch", name="code")
    if code.open:
        code.code(engine.work_out(code_of, settings, picture), language="python")
