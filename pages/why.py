"""Why: which part of the picture does an answer come from, and how far can that be trusted?"""

import streamlit as st

from ali5.errors import Ali5Error
from ali5.site.app import address, engine
from ali5.site.app.choose.network import choose_network, given_to, prepare, weights_in_words
from ali5.site.app.choose.picture import choose_picture
from ali5.site.app.classify.why.python import code_of
from ali5.site.app.classify.why.view import (
    ask,
    show_all_methods,
    show_classes,
    show_map,
    show_method,
    show_sanity,
)
from ali5.site.app.words import plain

st.title("Why this answer?", anchor=False)
st.markdown(
    "Ask a network why it sees a class in a picture. Each method paints a **map** over the "
    "picture; none of them reads the network’s mind, so each comes with what it claims, where it "
    "ends, and two ways to doubt it."
)
st.html('<p class="phone-only">Tap » at the top left to change the picture or the network.</p>')
engine.start_loading()
with st.sidebar:
    picture = choose_picture()
    choice = choose_network()

try:
    trace = prepare(choice, picture)
    picture = given_to(choice, picture)
    asked = ask(choice, picture, trace)
except Ali5Error as error:
    st.error(plain(str(error)))
    st.stop()

seen, told = st.columns([3, 2], gap="large")
with told:  # first: a map can take a while
    show_classes(asked)
    show_method(asked.method)
    st.markdown(weights_in_words(trace.network))
    for note in (*picture.notes, *trace.notes):
        st.caption(note)
with seen:
    try:
        found = show_map(asked)
    except Ali5Error as error:
        st.error(plain(str(error)))
        st.stop()
show_all_methods(asked, found)
show_sanity(asked, found)
code = address.unfold("The same in Python", name="code")
if code.open:
    code.code(code_of(asked), language="python")
