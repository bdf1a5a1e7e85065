"""Deconvolution: from one unit back to the picture."""

from __future__ import annotations

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...canvas.component import component
from ...choose.colours import read_colours
from ...engine import Passage, StepFacts

_deconvolution = component(__file__, "deconvolution")

CLAIM = (
    "It shows what in **this** picture the unit's value was built from: the activation is sent "
    "back through the same filters and put where the max pooling had found its maxima, as the "
    "authors of ZFNet did in 2014 ([paper](https://arxiv.org/abs/1311.2901))."
)
LIMITS = (
    "It does not show why the network decides as it does, nor all that would excite the unit: the "
    "places are the picture's own, so even an untrained network paints something like the picture."
)


def show_deconvolution(
    passage: Passage,
    step: StepFacts,
    channel: int,
    row: int | None,
    column: int | None,
) -> None:
    """Show a unit's way back to the picture in a part that is folded away at first.

    Args:
        passage: The picture's way through the network.
        step: The unit's step.
        channel: Its channel.
        row: Its row; None, also for the column, for the strongest unit of the channel.
        column: Its column.
    """
    if step.operation == "input":
        return
    place = address.unfold("Back to the picture: deconvolution", name="deconvolution")
    if not place.open:
        return
    from .sent import pack_stages

    with place:
        words = st.empty()
        try:
            packed = engine.ask(
                pack_stages,
                passage,
                step.name,
                channel,
                row,
                column,
                passage.subject.picture.image,
                read_colours(),
            )
        except Ali5Error as error:
            words.info(str(error))
        else:
            _deconvolution(key="deconvolution", data=packed)
            words.markdown(f"{CLAIM} {LIMITS}")
