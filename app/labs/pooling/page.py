"""Pooling: what is kept when a window becomes one number?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.network import wait_for_torch
from ...choose.picture import choose_picture
from ..photo import shape_of
from ..quiz import ask
from .numbers import MAX_PHOTO_PX
from .tasks import code_of, questions_of
from .view import read_settings, show_pooling


def show_page() -> None:
    """Show the page."""
    st.title("Pooling", anchor=False)
    st.markdown(
        "A window moves over the picture and keeps one number of all those under it: the "
        "**maximum** or the **average**. The map shrinks, later layers see more at once, and small "
        "changes of the picture matter less. How much less is measured below, and it is not always "
        "less."
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
    show_pooling(settings, picture)
    ask(questions, "pooling")
    code = address.unfold("The same in PyTorch", name="code")
    if code.open:
        code.code(engine.work_out(code_of, settings, picture), language="python")
