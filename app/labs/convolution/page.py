"""Convolution: what does a window that moves over a picture give?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.network import wait_for_torch
from ...choose.picture import choose_picture
from ..quiz import ask
from .numbers import convolved, photo_of, planes_of, weights_of
from .settings import EXAMPLES
from .view import (
    code_of,
    questions_of,
    read_settings,
    show_convolution,
    show_example,
)

if TYPE_CHECKING:
    from ali5.labs.arithmetic import Convolution


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
    photo = photo_of(picture)
    settings = read_settings(photo.shape[:2])

    def result() -> Convolution:
        return convolved(settings, planes_of(settings, photo), weights_of(settings))

    try:
        questions = engine.once(
            photo, ("questions", repr(settings)), lambda: questions_of(settings, result())
        )
    except Ali5Error as error:
        st.error(str(error))
        return
    show_convolution(settings, photo)

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
        code.code(code_of(settings, result(), picture), language="python")
