"""Learning: how do random weights become a network that reads digits?"""

import streamlit as st

from ali5.errors import Ali5Error
from ali5.site.app import address, engine
from ali5.site.app.choose.network import wait_for_torch
from ali5.site.app.labs.learning.in_address import read_settings
from ali5.site.app.labs.learning.lessons import begun_run, run_of
from ali5.site.app.labs.learning.mnist import offer_mnist
from ali5.site.app.labs.learning.settings import mnist_folder, plan_of
from ali5.site.app.labs.learning.tasks import code_of, questions_of
from ali5.site.app.labs.learning.view import show_controls_alone, show_lab
from ali5.site.app.labs.quiz import ask

st.title("Learning", anchor=False)
st.markdown(
    "A network begins with random weights and no opinion. It looks at a **batch** of pictures, "
    "measures how wrong it is (the **loss**), works out for every weight which way would make that "
    "smaller (the **gradient**), and moves each a little. Then comes the next batch. When it has "
    "seen them all, an **epoch** is over. Here LeNet-5 learns while you watch."
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
            run = run_of(plan_of(settings), folder)
    except Ali5Error as error:
        st.error(str(error))
if run is None:
    show_controls_alone(settings)
    st.stop()
show_lab(run)
if not ready:
    st.stop()
ask(questions_of(settings), "learning")
code = address.unfold("The same in PyTorch", name="code")
if code.open:
    code.markdown("The first batch of the training that is set, with exactly its loss:")
    code.code(code_of(settings), language="python")
