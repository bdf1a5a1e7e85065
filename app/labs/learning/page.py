"""Learning: how do random weights become a network that reads digits?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.network import wait_for_torch
from ..quiz import ask
from .in_address import read_settings
from .mnist import offer_mnist
from .session import begun_run, run_of
from .settings import mnist_folder
from .tasks import code_of, questions_of
from .view import show_controls_alone, show_lab


def show_page() -> None:
    """Show the page."""
    st.title("Learning", anchor=False)
    st.markdown(
        "A network begins with random weights and no opinion. It looks at a **batch** of pictures, "
        "measures how wrong it is (the **loss**), works out for every weight which way would make "
        "that smaller (the **gradient**), and moves each a little. Then comes the next batch. When "
        "it has seen them all, an **epoch** is over. Here LeNet-5 learns while you watch."
    )
    st.html('<p class="phone-only">Tap » at the top left for other pages.</p>')
    engine.start_loading()
    wait_for_torch()

    settings = read_settings()
    folder = mnist_folder() if settings.data == "mnist" else None
    ready = settings.data != "mnist" or folder is not None
    if not ready:
        offer_mnist()
    run = begun_run()
    if run is None and ready:
        try:
            with st.spinner("Getting the pictures …"):
                run = run_of(settings, folder)
        except Ali5Error as error:
            st.error(str(error))
    if run is None:
        show_controls_alone(settings)
        return
    show_lab(run)
    if not ready:
        return
    questions = address.unfold("Predict, then reveal: three questions", name="questions")
    if questions.open:  # their answers are found by training
        with questions, st.spinner("Three short trainings find the answers …"):
            found = engine.work_out(questions_of, settings)
        with questions:
            ask(found, "learning")
    code = address.unfold("The same in PyTorch", name="code")
    if code.open:
        code.markdown("The first batch of the training that is set, with exactly its loss:")
        code.code(engine.work_out(code_of, settings), language="python")
