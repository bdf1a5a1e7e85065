"""Which network: the choice, and getting it ready with progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ali5.catalog import catalog
from ali5.records import Architecture, Edition
from app import address, engine
from app.words import share_in_words

if TYPE_CHECKING:
    from ali5.networks import Network
    from ali5.tracing import Trace

_EDITION_WORDS = {"compact": "Compact", "paper": "Paper", "torchvision": "torchvision"}


def choose_network() -> tuple[Architecture, Edition]:
    """Show the choice of network and edition; return what is chosen."""
    known = catalog()
    chosen = known[
        address.choose(
            "Network",
            {name: f"{each.title} ({each.year})" for name, each in known.items()},
            name="network",
            default="lenet5",
            resets=("edition", "step", "channel"),
            as_list=True,
        )
    ]
    edition = address.choose(
        "Edition",
        {name: _EDITION_WORDS[name] for name in chosen.editions},
        name="edition",
        default=chosen.edition().name,
        resets=("step", "channel"),
        explanation="Compact: the paper's design made small enough to ship. Paper: as published. "
        "torchvision: the model of that library, which differs here and there.",
    )
    return chosen, chosen.edition(edition)


def prepare(architecture: Architecture, edition: Edition, picture: engine.Picture) -> Trace:
    """Return the picture's way through the network, with progress for all that takes time."""
    if not engine.is_loaded():
        engine.start_loading()
        with st.spinner("Loading PyTorch, a few seconds the first time …"):
            while not engine.wait_until_loaded(0.2):
                st.session_state.get("_")  # a yield point, in case the visitor has gone on
    if not engine.is_built(architecture.id, edition.name):
        words = f"Building {architecture.title} with {edition.parameters:,} parameters …"
        with st.spinner(words):
            built = engine.network(architecture.id, edition.name)
    else:
        built = engine.network(architecture.id, edition.name)
    bar = st.empty()

    def progress(done: int, count: int) -> None:
        if done % 8 == 0 and count > 60:
            bar.progress(done / count, f"Step {done} of {count}")

    trace = engine.traced(built, picture, progress)
    bar.empty()
    return trace


def weights_in_words(network: Network) -> str:
    """Say what the weights are: trained on what and how well, or untrained."""
    card = network.card
    if card is not None:
        right = card.accuracy["top1"] * 100
        return f"**Trained** on {card.data}: {right:.2f} % right. Not good for: {card.not_good_for}"
    if network.trained:
        return f"Weights from `{network.weights}`."
    classes = len(network.labels)
    return (
        "**Untrained.** These weights are random: the maps are real, but nothing has been learned "
        f"yet, and each of the {classes:,} classes gets a share near {share_in_words(1 / classes)}."
    )
