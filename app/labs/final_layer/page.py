"""Final layer: how do feature maps become an answer, and why this one?"""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...choose.network import wait_for_torch, weights_in_words
from ...choose.picture import choose_picture
from ..quiz import ask
from .comparison import limits_in_words
from .network import chosen_offer, compare, limits_of
from .offers import first_offer, token_of
from .tasks import (
    code_of,
    network_code_of,
    questions_of,
    shares_code_of,
)
from .toy import toy_of
from .view import read_settings, show_final_layer


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

    wait_for_torch()
    offer = chosen_offer()
    token = token_of(offer, picture)
    settings = read_settings("" if offer.id == first_offer() else offer.id, token)
    toy = toy_of(settings)
    comparison, refusal = None, ""
    try:
        comparison = compare(offer, picture, settings)
    except Ali5Error as error:
        refusal = str(error)
    show_final_layer(settings, token, picture.image, comparison, refusal)

    ask(questions_of(settings, toy, comparison), "final layer")
    code = address.unfold("The same in PyTorch", name="code")
    if code.open:
        code.markdown("The layer above, with numbers of its own:")
        code.code(code_of(settings, toy), language="python")
        if comparison is not None:
            title = f"{offer.choice.architecture.title} on {picture.caption}"
            if settings.source == "network":
                code.markdown(f"The shares of {title}:")
                code.code(shares_code_of(settings, comparison), language="python")
            code.markdown(f"Why A and not B, {title}:")
            code.code(network_code_of(comparison), language="python")

    st.subheader("What feed-forward means, and what such a network cannot answer", anchor=False)
    if comparison is None:
        st.error(refusal)
        return
    st.caption(
        f"{offer.choice.architecture.heading} looks at {picture.caption}. "
        + weights_in_words(engine.facts_of(comparison.trace.network))
    )
    limits = engine.once(
        comparison.trace,
        ("limits", settings.a, settings.b),
        lambda: limits_in_words(limits_of(comparison, offer), comparison),
    )
    for pair in (limits[:2], limits[2:]):
        for column, (heading, sentence) in zip(st.columns(2), pair, strict=True):
            column.container(border=True, height="stretch").markdown(f"**{heading}.** {sentence}")
