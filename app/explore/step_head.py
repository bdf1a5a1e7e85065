"""What there is to say about a step, above its maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from .. import address
from ..canvas.words import show_sentences
from ..words import CURIOUS, SENTENCES, TITLES, plain, settings_in_words, shape_in_words

if TYPE_CHECKING:
    from collections.abc import Collection

    from ali5.tracing.trace import Step, Trace


def show_head(trace: Trace, step: Step, parts: Collection[str]) -> None:
    """Say what a step does, for beginners and for the curious, and where it departs from the paper.

    Args:
        trace: The picture's way through the network.
        step: One of its steps.
        parts: What of the page the words can light, as `app.words.PARTS` names it.
    """
    title = TITLES.get(step.operation, str(step.operation))
    name = plain(step.name)
    st.subheader(name if step.name == title else f"{name}: {title}", anchor=False)
    show_sentences(SENTENCES[step.operation], parts)
    facts = [shape_in_words(step.shape), settings_in_words(step)]
    if step.parameters:
        facts.append(f"{step.parameters:,} parameters")
    if step.multiply_adds:
        facts.append(f"{step.multiply_adds:,} multiply–adds")
    size = step.receptive_field.size
    facts.append(f"sees {size:,} × {size:,} pixels" if size > 1 else "sees single pixels")
    st.markdown(f":gray[{' · '.join(filter(None, facts))}]")
    for departure in trace.network.edition.departures:
        if departure.concerns(step.name):
            st.caption(f"**Not as in the paper:** {departure.words}")
    place = address.unfold("More about this step", name="more")
    if place.open:
        place.markdown(CURIOUS[step.operation])
