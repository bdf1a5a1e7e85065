"""What is said about grouped pictures, in plain language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ali5.classifying.grouping import agreement

from ...words import plain, share_in_words

if TYPE_CHECKING:
    from .grouped import Grouped, Side
    from .settings import Settings


def letter_of(number: int) -> str:
    """Return what a cluster is called."""
    return chr(ord("A") + number)


def measured_in_words(grouped: Grouped) -> str:
    """Say how often the nearest neighbour is of the same kind, by the network and the pixels."""
    deep, flat = grouped.deep.kinship, grouped.flat.kinship
    choice = grouped.choice
    by = f"{plain(grouped.step)} of {plain(choice.architecture.title)}"
    random = " Its weights are random: it has not learned anything yet." if choice.untrained else ""
    if deep is None or flat is None:
        if grouped.collection.known:
            return (
                "**The pictures here are all of one kind, or each is alone of its kind,** so there "
                f"is nothing to measure.{random}"
            )
        return (
            "**No kinds are known,** so nothing is measured. Put the pictures into folders, one "
            f"for each kind, and bring them as a zip archive: then every step is.{random}"
        )
    words = (
        f"**By {by}, {deep.right} of {deep.count} pictures have a picture of their own kind as "
        f"their nearest neighbour; by raw pixels, {flat.right}{_ratio(deep.right, flat.right)}.** "
    )
    return f"{words}Drawn by lot, about {deep.chance * deep.count:.0f} would.{random}"


def _ratio(deep: int, flat: int) -> str:
    if not flat or deep == flat:
        return ", as many" if deep == flat else ""
    if deep > flat:
        return f": {deep / flat:.1f} times as many" if deep / flat >= 1.05 else ": hardly fewer"
    return ": here the pixels do better"


def clusters_in_words(grouped: Grouped) -> str:
    """Say how far apart the clusters are, and how well they agree with the kinds."""
    deep, flat = grouped.deep.clusters, grouped.flat.clusters
    if deep.silhouette is None:
        return "All pictures are the same here: one cluster."
    words = f"Silhouette {_two_digits(deep.silhouette)} by the features"
    if flat.silhouette is not None:
        words += f", {_two_digits(flat.silhouette)} by the pixels"
    words += " (1: far apart; 0: no gap between them)."
    kinds = grouped.collection.kinds
    found, pixels = agreement(deep.labels, kinds), agreement(flat.labels, kinds)
    if found is not None and pixels is not None:
        words += (
            f" {found[0]} of {found[1]} pictures are in a cluster where most are of their kind; "
            f"by the pixels {pixels[0]}."
        )
    return words


def _two_digits(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def plane_in_words(settings: Settings, side: Side) -> str:
    """Say what is seen on a plane and what is not."""
    shares = side.plane.shares
    if settings.place == "pca" and shares is not None:
        return (
            f"The two directions in which the pictures differ most: {share_in_words(shares[0])} of "
            f"the spread across, {share_in_words(shares[1])} up and down. The rest is not seen."
        )
    return (
        "Near neighbours stay near. How far apart groups stand, and how large they look, means "
        "nothing."
    )
