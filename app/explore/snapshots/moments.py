"""The moments of a training that a network can be seen at. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ali5.known.cards import Moment, moments

from ... import engine
from ...engine import NetworkFacts, Picture

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace

UNTRAINED = "untrained"
TRAINED = "trained"
"""What the address calls the first moment and the last one."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A moment of a training and what the network made of the picture then.

    Attributes:
        name: In the address.
        label: On its button.
        words: When it was.
        top1: Share of test pictures that it had right, 0..1; None if nobody measured.
        trace: The picture's way through it.
    """

    name: str
    label: str
    words: str
    top1: float | None
    trace: Trace


def points_of(network: NetworkFacts) -> tuple[Moment, ...]:
    """Return the moments that a network can be seen at, the earliest first.

    Weights that do not ship with ALI5, published ones or a visitor's file, have two: random ones
    and themselves.
    """
    known = moments(network.architecture.id, network.edition.name)
    if _ships(network):
        return known
    return known[0], Moment(network.weights, None, None, None)


def _ships(network: NetworkFacts) -> bool:
    """Tell whether the weights are a point of a training whose result ships."""
    return network.card is not None or network.weights == "untrained"


def name_of(point: Moment) -> str:
    """Return what the address calls a moment."""
    if point.step is None:
        return TRAINED
    return f"step-{point.step}" if point.step else UNTRAINED


def show_to(trace: Trace, point: Moment, picture: Picture) -> Shown:
    """Return what the network of a moment makes of a picture.

    Args:
        trace: The picture's way through the network that is looked at.
        point: One of its moments, from `points_of`.
        picture: As the network is given it.
    """
    network = engine.facts_of(trace.network)
    weights = point.weights or "bundled"
    if weights != network.weights:
        name, edition = network.architecture.id, network.edition.name
        trace = engine.traced(engine.network(name, edition, weights), weights, picture)
    if point.step is None:
        passes = f", {point.epoch:g} passes over its pictures" if point.epoch else ""
        return Shown(name_of(point), "Trained", f"Trained{passes}", point.top1, trace)
    if point.step == 0:
        began = "the random weights that the training began with"
        words = f"Untrained: {began if _ships(network) else 'random weights'}"
        return Shown(name_of(point), "Untrained", words, point.top1, trace)
    epoch = f"{point.epoch:.2g} {'pass' if point.epoch == 1 else 'passes'} over its pictures"
    words = f"After {point.step:,} {'step' if point.step == 1 else 'steps'}, {epoch}"
    return Shown(name_of(point), f"Step {point.step:,}", words, point.top1, trace)
