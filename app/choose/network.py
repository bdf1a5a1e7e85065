"""Which network: the choice, and getting it ready with progress."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ali5.known.catalog import catalog
from ali5.known.records import TAUGHT
from ali5.site.exploring import own

from .. import address, engine
from ..address import INSIDE
from ..allowed import editions_of
from ..engine import facts_of
from ..words import share_in_words, so_far
from . import heads
from .choice import OWN, Choice, own_choice
from .weights import choose_weights

_EDITION_WORDS = {
    "compact": "Compact",
    "paper": "Paper",
    "torchvision": "torchvision",
    "colour": "Colour",
}

QUICK_SECONDS = 0.3
"""What takes no longer gets no progress bar: it would only flicker."""

REDRAW_SECONDS = 0.1


def choose_network(
    inside: Collection[str] = INSIDE, default: str = engine.FIRST_NETWORK[0]
) -> Choice:
    """Show the choice of network, edition and weights; return what is chosen.

    Args:
        inside: Choices of the page that make no sense any more for another network.
        default: The network that is asked if nobody has chosen one or brought their own.
    """
    mine = own()
    known = dict(catalog())
    if mine is not None:
        known = {OWN: mine.network.architecture, **known}
    taught = heads.kept()
    key = address.choose(
        "Network",
        {name: each.heading for name, each in known.items()}
        | ({} if mine is None else {OWN: f"{mine.network.architecture.heading}, yours"})
        | {name: heads.title_of(each) for name, each in taught.items()},
        name="network",
        default=default if mine is None else OWN,
        resets=("edition", "weights", "open", *inside),
        as_list=True,
    )
    if key in taught:
        return taught[key].choice
    if heads.is_name(address.text("network")):
        st.info(heads.ABSENT)
    chosen = known[key]
    if mine is not None and key == OWN:
        engine.forget_other_own(mine.key)
        return own_choice(mine)
    colour = (
        " Colour: LeNet-5 for photographs, to compare it." if "colour" in chosen.editions else ""
    )
    name = address.choose(
        "Edition",
        {name: _EDITION_WORDS[name] for name in editions_of(chosen)},
        name="edition",
        default=chosen.edition().name,
        resets=("weights", *inside),
        explanation="Compact: the paper's design made small enough to ship. Paper: as published. "
        f"torchvision: the model of that library, which differs here and there.{colour}",
    )
    edition = chosen.edition(name)
    return Choice(chosen, edition, choose_weights(chosen, edition))


def look(choice: Choice, picture: engine.Picture) -> engine.Passage:
    """Let the network look at the picture, with progress for all that takes time."""
    subject = engine.Subject(ready(choice), given_to(choice, picture))
    with showing_steps() as progress:
        return engine.look(subject, progress)


@contextlib.contextmanager
def showing_steps() -> Iterator[engine.Progress]:
    """Show how far a network is, once it has taken a while; nothing is left of that after it."""
    bar = st.empty()
    began = shown = time.monotonic()

    def progress(done: int, count: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - began > QUICK_SECONDS and now - shown > REDRAW_SECONDS:
            shown = now
            bar.progress(done / count, f"Step {done} of {count}")

    yield progress
    if shown > began:  # else it is empty
        bar.empty()


def telling(bar: DeltaGenerator) -> engine.Tell:
    """Return what shows progress in a place."""

    def tell(share: float, words: str) -> None:
        bar.progress(share, words)

    return tell


def given_to(choice: Choice, picture: engine.Picture) -> engine.Picture:
    """Return a picture as a network gets it: with the tensor that was given together with it."""
    mine = own()
    if mine is None or not choice.weights == mine.key == picture.digest:
        return picture
    return replace(picture, prepared=mine.prepared)


def ready(choice: Choice) -> engine.Chosen:
    """Return what the engine is asked for; it is there already, with a word if that takes time."""
    wait_for_torch()
    chosen = _chosen(choice)
    first = chosen.backbone or chosen
    if not engine.is_ready(first) and engine.is_of_the_catalog(first):
        parameters = f"{choice.edition.parameters:,} parameters"
        with st.spinner(f"Building {choice.architecture.title} with {parameters} …"):
            engine.ask(facts_of, first)
    return chosen


def _chosen(choice: Choice) -> engine.Chosen:
    """Return what the engine is asked for: with the file of the head, if it is one."""
    head = heads.find(choice.weights)
    if head is None:
        return engine.Chosen(*choice.key)
    return engine.Chosen(*choice.key, head.content, _chosen(head.backbone))


def wait_for_torch(after_s: float = 0.0) -> None:
    """Wait until the engine can compute, with a word about it.

    Args:
        after_s: Let so much time go by before it is loaded, unless somebody else needs it.
    """
    if engine.is_loaded():
        return
    with st.spinner(engine.loading_in_words()):
        while not engine.wait_until_loaded(0.2, after_s):
            st.session_state.get("_")  # a yield point, in case the visitor has gone on


def weights_in_words(network: engine.NetworkFacts) -> str:
    """Say what the weights are: trained on what and how well, or untrained."""
    card, published = network.card, network.edition.published
    if network.weights == TAUGHT:
        return (
            "**Taught by you.** Its last layer learned your groups; all others are as they were. "
            "The page “Teach it yours” says how good it is."
        )
    if network.own:
        return "**Your network.** ALI5 knows nothing of what it learned from."
    if card is not None:
        right = card.accuracy["top1"] * 100
        digits = 2 if right > 99 else 1
        return (
            f"**Trained{so_far(network.weights)}** on {card.data}: {right:.{digits}f} % right. "
            f"Not good for: {card.not_good_for}"
        )
    if network.weights == "published" and published is not None:
        return (
            "**Trained** on 1.3 million photographs of ImageNet and published by torchvision, "
            f"which measured {share_in_words(published.top1)} right on ImageNet’s validation "
            "pictures."
        )
    if network.trained:
        return "**Your weights.** ALI5 knows nothing of what they learned from."
    classes = len(network.labels)
    return (
        "**Untrained.** These weights are random: the maps are real, but nothing has been learned "
        f"yet. The shares of the {classes:,} classes are as random, and mean nothing."
    )
