"""What there is to know about a network, its edition and its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from ali5.known.records import TAUGHT

from .. import address
from ..engine import NetworkFacts
from ..words import share_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ali5.known.cards import Card
    from ali5.known.records import Published

_OPTIMISERS = {
    "adamw": "AdamW",
    "sgd": "stochastic gradient descent with momentum",
    "muon": "Muon for the hidden layers, AdamW for the rest",
}


def show_card(network: NetworkFacts | None) -> None:
    """Show the paper, the edition and where it departs, and the weights with their accuracy.

    Args:
        network: None while it is not there: then there is nothing inside yet.
    """
    place = address.unfold("About this network, its edition and its weights", name="about")
    if not place.open or network is None:
        return
    architecture, edition = network.architecture, network.edition
    with place:
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown(f"**{architecture.heading}**")
            if architecture.paper:
                st.markdown(
                    f"{architecture.authors}: “[{architecture.paper}]({architecture.link})”."
                )
            size = edition.preprocessing.size
            st.markdown(
                f"{edition.parameters:,} parameters, {edition.multiply_adds:,} multiply–adds for "
                f"one picture of {size} × {size} pixels."
            )
            if edition.departures:
                st.markdown("Where this edition departs from the paper:")
                st.markdown("\n".join(f"- {each.words}" for each in edition.departures))
        with right:
            if network.card is not None:
                _show_training(network.card)
            elif network.weights == "published" and edition.published is not None:
                _show_published(edition.published)
            elif network.weights == TAUGHT:
                st.markdown(
                    "**The weights** of the last layer were taught on the page “Teach it yours”; "
                    "all others are as they were."
                )
            elif network.trained:
                st.markdown("**The weights** are yours; ALI5 has not measured them.")
            else:
                st.markdown(
                    "**The weights** are random, from a fixed seed: everybody sees the same "
                    "untrained network. Where trained weights ship, it is the one that their "
                    "training began with."
                )


def accuracy_in_words(accuracy: Mapping[str, float]) -> str:
    """Say how often a network is right: first guess, first five, and ten classes alone."""
    words = f"{accuracy['top1']:.1%} at the first guess, {accuracy['top5']:.1%} within five"
    ten = accuracy.get("ten_classes")
    if ten is not None:
        words += f"; {ten:.1%} if only the ten classes of CNN Explainer are asked for"
    return words.replace("%", " %")


def _show_training(card: Card) -> None:
    st.markdown(
        f"**The weights** learned from {card.data}.  \nRight: {accuracy_in_words(card.accuracy)}."
    )
    facts = [
        recipe_in_words(card.recipe),
        f"{card.minutes:.0f} minutes on {card.hardware}; seed {card.seed}.",
        f"Not good for: {card.not_good_for}",
        *card.remarks,
        f"Checksum (SHA-256): `{card.sha256[:16]}…`",
    ]
    st.markdown("\n".join(f"- {fact}" for fact in facts))
    if card.confusions:
        st.markdown("Its most frequent mistakes:")
        st.dataframe(
            [
                {
                    "a picture of": each["truth"],
                    "is taken for": each["taken_for"],
                    "how often": f"{each['share']:.1%}".replace("%", " %"),
                }
                for each in card.confusions
            ],
            hide_index=True,
        )


def recipe_in_words(recipe: Mapping[str, Any]) -> str:
    """Say how a network was trained, in one line."""
    parts = [
        f"{recipe['epochs'] + sum(recipe['again'])} passes over the pictures",
        f"{recipe['batch']} at a time",
        _OPTIMISERS[recipe["optimiser"]],
        f"one-cycle schedule up to a rate of {recipe['peak_rate']:g}",
    ]
    if recipe["again"]:
        further = " and ".join(map(str, recipe["again"]))
        parts.append(f"the last {further} in gentler cycles of their own")
    if recipe["without_start"]:
        parts.append("before the last of them the random start taken out of the first kernels")
    if recipe["revival"]:
        parts.append(
            "before the last of them first kernels that had died became opposites of others"
        )
    if recipe["imitation"]:
        share = share_in_words(recipe["imitation"])
        parts.append(f"and from then on {share} of the goal the network's own answers until there")
    if recipe["label_smoothing"]:
        parts.append(f"label smoothing {recipe['label_smoothing']:g}")
    changes = [
        word
        for name, word in (
            ("flip", "mirrored"),
            ("rotation_degrees", "turned"),
            ("scaling", "scaled"),
            ("shift", "moved"),
            ("colour", "brightened and darkened"),
        )
        if recipe[name]
    ]
    if changes:
        parts.append(f"pictures {', '.join(changes)} at random")
    if recipe["sizes"]:
        edges = " to ".join(str(edge) for edge in dict.fromkeys(recipe["sizes"]))
        parts.append(f"pictures growing from {edges} pixels")
    return f"Recipe: {'; '.join(parts)}."


def _show_published(published: Published) -> None:
    st.markdown(
        "**The weights** are torchvision’s, trained on ImageNet: "
        f"{accuracy_in_words({'top1': published.top1, 'top5': published.top5})} on its validation "
        f"pictures, says their publisher.  \nFile: `{published.file}`, "
        f"{published.mebibytes:.0f} MB."
    )
