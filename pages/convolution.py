"""Convolution: what does a window that moves over a picture give?"""

import streamlit as st

from ali5.errors import Ali5Error
from ali5.site.app import address, engine
from ali5.site.app.choose.network import wait_for_torch
from ali5.site.app.choose.picture import choose_picture
from ali5.site.app.labs.convolution.numbers import convolved, photo_of, planes_of, weights_of
from ali5.site.app.labs.convolution.settings import EXAMPLES
from ali5.site.app.labs.convolution.view import (
    code_of,
    questions_of,
    read_settings,
    show_convolution,
    show_example,
)
from ali5.site.app.labs.quiz import ask

st.title("Convolution", anchor=False)
st.markdown(
    "A small window moves over the picture. Every number under it is multiplied with the weight "
    "that lies on it, and all products are added: that sum is one pixel of the **feature map**. "
    "(Strictly it is a cross-correlation: the kernel is not flipped, as in every deep learning "
    "library.)"
)
st.html('<p class="phone-only">Tap » at the top left for other pictures and pages.</p>')
engine.start_loading()
with st.sidebar:
    picture = choose_picture()

wait_for_torch()
photo = photo_of(picture)
settings = read_settings(photo.shape[:2])
try:
    result = convolved(settings, planes_of(settings, photo), weights_of(settings))
except Ali5Error as error:
    st.error(str(error))
    st.stop()
show_convolution(settings, photo)

st.selectbox(
    "Published examples",
    EXAMPLES,
    index=None,
    key="example",
    on_change=show_example,
    placeholder="From “A guide to convolution arithmetic” (Dumoulin & Visin 2016)",
)
ask(questions_of(settings, result), "convolution")
code = address.unfold("The same in PyTorch", name="code")
if code.open:
    code.code(code_of(settings, result, picture), language="python")
