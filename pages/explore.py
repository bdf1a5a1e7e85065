"""Explore: what does every layer of a network make of this picture?"""

import streamlit as st

from ali5.errors import Ali5Error
from app import address, engine
from app.colours import read_colours
from app.explore.deconvolution import show_deconvolution
from app.explore.facts import show_cost, show_table
from app.explore.layer import has_kernels, show_filters, show_layer
from app.explore.snapshots import show_snapshots
from app.explore.trail import show_way
from app.explore.unit import read_look, show_unit
from app.explore.view import open_step, read_view
from app.network_card import show_card
from app.networks import choose_network, given_to, prepare, weights_in_words
from app.pictures import choose_picture
from app.words import plain

if not address.text("step"):  # deeper down, the trail says where one is
    st.title("Look inside a neural network", anchor=False)
st.html('<p class="phone-only">Tap » at the top left to change the picture or the network.</p>')
engine.start_loading()

with st.sidebar:
    picture = choose_picture()
    choice = choose_network()

try:
    trace = prepare(choice, picture)
    picture = given_to(choice, picture)
except Ali5Error as error:
    st.error(plain(str(error)))
    st.stop()

from app.canvas.bars import show_prediction  # noqa: E402
from app.canvas.network_map import LENSES, read_opened, show_map  # noqa: E402  (needs torch)

view = read_view(trace)
show_way(trace, view)
if view.step is None:
    seen, guess = st.columns([3, 2], gap="large")
    with seen:
        st.markdown(
            f"{choice.architecture.heading} looks at {picture.caption}. {choice.architecture.idea}"
        )
        st.markdown(weights_in_words(trace.network))
        for note in (*picture.notes, *trace.notes):
            st.caption(note)
    with guess:
        st.markdown("**Its prediction**")
        show_prediction(trace)
chosen = view.step and view.step.name
show_map(
    trace,
    picture.image,
    chosen=chosen,
    opened=read_opened(trace, address.text("open"), chosen),
    lens=address.read("lens", LENSES, "none"),
    colours=read_colours(),
    height="tall" if view.step is None else "strip",
    choose=open_step,
    fold=lambda keys: address.write(open=keys),
    weigh=lambda lens: address.write(lens=None if lens == "none" else lens),
)
if view.step is None:
    show_card(trace.network)
    show_cost(trace)
    show_table(trace)
elif view.channel is None:
    show_layer(trace, view.step, picture)
    show_snapshots(trace, view.step, picture)
else:
    show_unit(trace, view.step, view.channel, picture)
    row, column = read_look(view.step).at or (None, None)
    show_deconvolution(trace, view.step, view.channel, row, column, picture)
    if has_kernels(view.step):
        show_filters(trace, view.step, view.channel)
