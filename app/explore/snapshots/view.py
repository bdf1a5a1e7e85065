"""The same picture before, while and after the network learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ali5.known.cards import Moment, moments
from ali5.known.records import TAUGHT

from ... import address, engine
from ...choose.colours import read_colours
from ...engine import Picture

if TYPE_CHECKING:
    from ali5.networks.networks import Network
    from ali5.tracing.trace import Step, Trace

    from .sent import Shown

_UNTRAINED = "untrained"
_TRAINED = "trained"


def show_snapshots(trace: Trace, step: Step, picture: Picture) -> None:
    """Show a step at every kept moment of the training, in a part that is folded away at first.

    Nothing is shown where there is nothing to compare: for the picture itself, for a visitor's own
    module, for a taught head, which has other classes than the network before, and where there are
    no trained weights.
    """
    network = trace.network
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
    from .sent import show_moments

    with place:
        with st.spinner(f"Showing the picture to {len(points)} networks …"):
            shown = [_shown(trace, point, picture) for point in points]
        st.markdown(
            f"**{step.name}** on the same picture, before, while and after it learned. Each map "
            "belongs to the same channel at every moment."
            if between
            else f"**{step.name}** on the same picture, before and after it learned. Each map "
            "belongs to the same channel both times."
        )
        chosen = address.read("snapshot", [each.name for each in shown], _TRAINED)
        span = address.read("span", ("all", "own"), "all")
        show_moments(shown, step.name, chosen, span, read_colours(), _choose)


def points_of(network: Network) -> tuple[Moment, ...]:
    """Return the moments that a network can be seen at, the earliest first.

    Weights that do not ship with ALI5, published ones or a visitor's file, have two: random ones
    and themselves.
    """
    known = moments(network.architecture.id, network.edition.name)
    if _ships(network):
        return known
    return known[0], Moment(network.weights, None, None, None)


def _ships(network: Network) -> bool:
    """Tell whether the weights are a point of a training whose result ships."""
    return network.card is not None or network.weights == "untrained"


def _shown(trace: Trace, point: Moment, picture: Picture) -> Shown:
    from .sent import Shown

    network = trace.network
    weights = point.weights or "bundled"
    if weights != network.weights:
        name, edition = network.architecture.id, network.edition.name
        trace = engine.traced(engine.network(name, edition, weights), weights, picture)
    if point.step is None:
        passes = f", {point.epoch:g} passes over its pictures" if point.epoch else ""
        return Shown(_TRAINED, "Trained", f"Trained{passes}", point.top1, trace)
    if point.step == 0:
        began = "the random weights that the training began with"
        words = f"Untrained: {began if _ships(network) else 'random weights'}"
        return Shown(_UNTRAINED, "Untrained", words, point.top1, trace)
    epoch = f"{point.epoch:.2g} {'pass' if point.epoch == 1 else 'passes'} over its pictures"
    words = f"After {point.step:,} {'step' if point.step == 1 else 'steps'}, {epoch}"
    return Shown(f"step-{point.step}", f"Step {point.step:,}", words, point.top1, trace)


def _choose(chosen: dict[str, str]) -> None:
    moment, span = chosen["moment"], chosen["span"]
    address.write(
        snapshot=None if moment == _TRAINED else moment, span=None if span == "all" else span
    )
