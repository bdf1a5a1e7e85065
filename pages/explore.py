"""Explore: what does every layer of a network make of this picture?"""

import streamlit as st

from ali5.errors import Ali5Error
from app import address, engine
from app.explorer import show_cost, show_step, show_table
from app.network_card import show_card
from app.networks import choose_network, prepare, weights_in_words
from app.pictures import choose_picture
from app.weights import offer_download

st.title("Look inside a neural network", anchor=False)
st.html('<p class="phone-only">Tap » at the top left to change the picture or the network.</p>')
engine.start_loading()

with st.sidebar:
    picture = choose_picture()
    choice = choose_network()

try:
    trace = prepare(choice, picture)
except Ali5Error as error:
    st.error(str(error))
    st.stop()

from app.canvas.views import show_overview, show_prediction  # noqa: E402  (needs torch)

names = [step.name for step in trace.steps]
first = next((step.name for step in trace.steps if step.weight is not None), names[0])
chosen = address.read("step", names, first)

seen, guess = st.columns([3, 2], gap="large")
with seen:
    st.markdown(
        f"{choice.architecture.heading} looks at {picture.caption}. {choice.architecture.idea}"
    )
    st.markdown(weights_in_words(trace.network))
    offer_download(choice.edition, choice.weights)
    for note in (*picture.notes, *trace.notes):
        st.caption(note)
with guess:
    st.markdown("**Its prediction**")
    show_prediction(trace)

st.subheader("Every step, from the picture to the prediction", anchor=False)
show_overview(trace, picture.image, chosen, lambda name: address.write(step=name, channel=None))
show_step(trace, trace[chosen], picture)
show_card(trace.network)
show_cost(trace)
show_table(trace)
