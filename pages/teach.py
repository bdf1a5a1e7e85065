"""Teach it yours: can a network learn to tell your own groups of pictures apart?"""

import streamlit as st

from app import address, engine
from app.classify import teach
from app.classify import teach_cards as cards
from app.classify import teach_result as result
from app.networks import wait_for_torch
from app.pictures import choose_picture

st.title("Teach it yours", anchor=False)
st.markdown(
    "Sort pictures into groups and give them names; a network learns to tell them apart. **The "
    "backbone stays as it is, only the last layer learns:** the network has seen many thousands "
    "of photographs and can already tell edges, textures and parts of things. What it sees in a "
    "picture is a list of numbers. How to weigh them for *your* groups is all that is left to "
    "learn, and for that a dozen pictures of each often suffice."
)
st.html('<p class="phone-only">Tap » at the top left for the picture to try and the backbone.</p>')
engine.start_loading()
teach.recall()
with st.sidebar:
    picture = choose_picture()
    backbone = teach.choose_backbone()
wait_for_torch()

groups = cards.choose_groups()
cards.show_lesson(groups, backbone)
head = result.chosen_head()
if head is not None:
    result.show_result(head, teach.lesson_of(groups, backbone), picture)
result.show_bring()
code = address.unfold("The same in Python", name="code")
if code.open:
    code.code(result.code_of(backbone), language="python")
