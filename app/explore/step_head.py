"""What there is to say about a step, above its maps."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from .. import address
from ..canvas.words import show_sentences
from ..engine import Passage, StepFacts
from ..words import CURIOUS, SENTENCES, TITLES, plain, shape_in_words


def show_head(passage: Passage, step: StepFacts, parts: Collection[str]) -> None:
    """Say what a step does, for beginners and for the curious, and where it departs from the paper.

    Args:
        passage: The picture's way through the network.
        step: One of its steps.
        parts: What of the page the words can light, as `app.words.PARTS` names it.
    """
    title = TITLES.get(step.operation, str(step.operation))
    name = plain(step.name)
    st.subheader(name if step.name == title else f"{name}: {title}", anchor=False)
    show_sentences(SENTENCES[step.operation], parts)
    facts = [shape_in_words(step.shape), step.settings]
    if step.parameters:
        facts.append(f"{step.parameters:,} parameters")
    if step.multiply_adds:
        facts.append(f"{step.multiply_adds:,} multiply–adds")
    size = step.sees
    facts.append(f"sees {size:,} × {size:,} pixels" if size > 1 else "sees single pixels")
    st.markdown(f":gray[{' · '.join(filter(None, facts))}]")
    for departure in passage.network.edition.departures:
        if departure.concerns(step.name):
            st.caption(f"**Not as in the paper:** {departure.words}")
    place = address.unfold("More about this step", name="more")
    if place.open:
        place.markdown(CURIOUS[step.operation])
