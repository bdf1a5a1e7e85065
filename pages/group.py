"""Group: which of many pictures are alike to a network, and what does it add to their pixels?"""

import streamlit as st

from ali5.errors import Ali5Error
from ali5.site.app import engine
from ali5.site.app.choose.network import build, choose_network, wait_for_torch, weights_in_words
from ali5.site.app.classify.group import view as grouping
from ali5.site.app.classify.group.bring import choose_collection, default_network
from ali5.site.app.classify.group.words import measured_in_words
from ali5.site.app.classify.many.view import show_progress
from ali5.site.app.words import plain

st.title("Group similar pictures", anchor=False)
st.markdown(
    "A network turns a picture into a list of numbers at each of its steps, its **feature "
    "vector**: each number says how much of one thing was found in the picture, wherever it "
    "stands. Pictures whose lists point the same way are alike *to the network*. Beside it are the "
    "same pictures by their raw pixels: what differs is what the network adds."
)
st.html('<p class="phone-only">Tap » at the top left to change the network.</p>')
engine.start_loading()
collection = choose_collection()
with st.sidebar:
    choice = choose_network(grouping.INSIDE, default_network())
if collection is None:
    st.stop()
wait_for_torch()
looked = grouping.look(collection, choice)
place = st.empty() if looked.work is None else show_progress(looked.work)
if looked.alike is not None:
    grouped = grouping.group_now(looked)
    if grouped.note:
        st.warning(plain(grouped.note))
    st.markdown(measured_in_words(grouped))
    grouping.show_group(grouped)
    grouping.show_more(grouped)
    st.caption(weights_in_words(build(choice)))
try:
    grouping.go_on(looked, place)
except Ali5Error as error:
    st.error(plain(str(error)))
