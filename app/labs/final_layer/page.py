"""Final layer: how do feature maps become an answer, and why this one?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.colours import read_colours
from ...choose.network import look, showing_steps, weights_in_words
from ...choose.picture import choose_picture
from ..quiz import ask
from .answers import lab_with, lab_without, limits_said, network_codes, toy_code
from .offers import first_offer, token_of
from .view import chosen_offer, read_settings, show_final_layer


def show_page() -> None:
    """Show the page."""
    st.title("Final layer", anchor=False)
    st.markdown(
        "At the end of a network the feature maps are written out as one list of numbers, every "
        "class gets a weighted sum of them, its **logit**, and **softmax** turns the logits into "
        "shares of one hundred percent. First with few numbers, which you can change; then with a "
        "real network, asked why it says this and not that."
    )
    st.html('<p class="phone-only">Tap » at the top left for other pictures and pages.</p>')
    engine.start_loading()
    with st.sidebar:
        picture = choose_picture()

    offer = chosen_offer()
    token = token_of(offer, picture)
    settings = read_settings("" if offer.id == first_offer() else offer.id, token)
    passage, refusal = None, ""
    try:
        passage = look(offer.choice, picture)
        lab = engine.ask(lab_with, passage, settings, token, offer, picture, read_colours())
    except Ali5Error as error:
        passage, refusal = None, str(error)
        lab = engine.work_out(lab_without, settings, token, picture, refusal, read_colours())
    show_final_layer(lab.packed)

    ask(lab.questions, "final layer")
    code = address.unfold("The same in PyTorch", name="code")
    if code.open:
        code.markdown("The layer above, with numbers of its own:")
        code.code(engine.work_out(toy_code, settings), language="python")
        if passage is not None:
            shares, why = engine.ask(network_codes, passage, settings, offer, picture)
            title = f"{offer.choice.architecture.title} on {picture.caption}"
            if settings.source == "network":
                code.markdown(f"The shares of {title}:")
                code.code(shares, language="python")
            code.markdown(f"Why A and not B, {title}:")
            code.code(why, language="python")

    st.subheader("What feed-forward means, and what such a network cannot answer", anchor=False)
    if passage is None:
        st.error(refusal)
        return
    st.caption(
        f"{offer.choice.architecture.heading} looks at {picture.caption}. "
        + weights_in_words(passage.network)
    )
    with showing_steps() as progress:
        limits = engine.ask(limits_said, passage, settings, offer, picture, progress)
    for pair in (limits[:2], limits[2:]):
        for column, (heading, sentence) in zip(st.columns(2), pair, strict=True):
            column.container(border=True, height="stretch").markdown(f"**{heading}.** {sentence}")
