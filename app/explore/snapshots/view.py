"""The same picture before, while and after the network learned."""

from __future__ import annotations

import streamlit as st

from ali5.door import one_of, record, text
from ali5.known.records import TAUGHT

from ... import address, engine
from ...canvas.component import component
from ...choose.colours import read_colours
from ...engine import Passage, StepFacts
from .moments import TRAINED, name_of, points_of

SPANS = ("all", "own")
"""Whose range the colours span: that of all moments, or of each its own; the first as a rule."""

_snapshots = component(
    __file__, "snapshots", sends={"select": record({"moment": text(80), "span": one_of(SPANS)})}
)


def show_snapshots(passage: Passage, step: StepFacts) -> None:
    """Show a step at every kept moment of the training, in a part that is folded away at first.

    Nothing is shown where there is nothing to compare: for the picture itself, for a visitor's own
    module, for a taught head, which has other classes than the network before, and where there are
    no trained weights.
    """
    network = passage.network
    if step.operation == "input" or network.own or network.weights == TAUGHT:
        return
    points = points_of(network)
    if len(points) < 2:
        return
    between = len(points) - 2
    kept = f", and {between} moments between" if between else ""
    place = address.unfold(f"While it learned: untrained, trained{kept}", name="learned")
    if not place.open:
        return
    from .sent import pack_training

    with place:
        with st.spinner(f"Showing the picture to {len(points)} networks …"):
            packed = engine.ask(
                pack_training,
                passage,
                step.name,
                passage.subject.picture,
                address.read("snapshot", list(map(name_of, points)), TRAINED),
                address.read("span", SPANS, SPANS[0]),
                read_colours(),
            )
        st.markdown(
            f"**{step.name}** on the same picture, before, while and after it learned. Each map "
            "belongs to the same channel at every moment."
            if between
            else f"**{step.name}** on the same picture, before and after it learned. Each map "
            "belongs to the same channel both times."
        )
        _snapshots(key="snapshots", data=packed, select=_choose)


def _choose(chosen: dict[str, str]) -> None:
    moment, span = chosen["moment"], chosen["span"]
    address.write(
        snapshot=None if moment == TRAINED else moment, span=None if span == SPANS[0] else span
    )
