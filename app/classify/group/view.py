"""The page "Group": features of many pictures, how alike they are, and what is said about it.

Importing this module does not import torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ali5.classifying.grouping import (
    FEWEST_CLUSTERS,
    MOST_CLUSTERS,
    Clusters,
    Distances,
    Kinship,
    Likeness,
    Plane,
    cluster,
    is_finite,
    kinship,
    neighbours,
    perplexity_range,
    principal_plane,
    tsne_plane,
)

from ... import address, engine
from ...address import plain_choices, read_plain
from ...choose.choice import Choice
from ...choose.network import build
from ...engine.cache import ByteCache
from ..many import work as many
from ..many.brought import Brought
from ..many.work import Work, as_csv
from .piles import WORK, Pile

if TYPE_CHECKING:
    from ali5.classifying.features import Features  # noqa: F401  (in the base of a class)
    from ali5.networks.networks import Network

LIKENESS_BYTES = 250_000_000
"""Distances kept in memory for all visitors together; 200 pictures at 70 steps are 11 MB."""

FOUND_BYTES, ONE_FOUND = 16_000_000, 16_000
"""Planes and clusters kept for all visitors together, and what one of them may come to."""

PERPLEXITY = 15

PLACES = ("tsne", "pca")

FRAMES = ("clusters", "pixels", "kinds")
"""What the frames around the pictures may show: clusters by the network or the pixels, or kinds."""

FEWEST_SCATTERED = 12
"""With fewer pictures than that, t-SNE has hardly any neighbours to keep: PCA comes first."""

MOST_KINDS = 12
"""More kinds than that are not told apart by colours and letters."""

INSIDE = ("step",)
"""Choices that make no sense any more for another network."""


_likenesses: ByteCache[Likeness] = ByteCache(LIKENESS_BYTES, lambda found: found.nbytes)
_found: ByteCache[Any] = ByteCache(FOUND_BYTES, lambda found: ONE_FOUND)


@dataclass(frozen=True)
class Settings:
    """How the pictures are placed and grouped.

    Attributes:
        place: "tsne" or "pca".
        perplexity: Of t-SNE.
        clusters: How many.
        frames: What the frames show, of `FRAMES`.
        chosen: Number of the picture whose neighbours are shown.
    """

    place: str = "tsne"
    perplexity: int = PERPLEXITY
    clusters: int = 6
    frames: str = "clusters"
    chosen: int = 0


def opening_of(pile: Pile) -> Settings:
    """Return how a pile is shown at first: as many clusters as there are kinds."""
    count = len(pile.pictures)
    wanted = len(pile.known) or round(math.sqrt(count / 2))
    low, high = perplexity_range(count)
    return Settings(
        place="tsne" if count >= FEWEST_SCATTERED else "pca",
        perplexity=min(max(PERPLEXITY, low), high),
        clusters=min(max(wanted, FEWEST_CLUSTERS), MOST_CLUSTERS),
    )


def _ranges(pile: Pile) -> dict[str, tuple[int, int]]:
    return {
        "perplexity": perplexity_range(len(pile.pictures)),
        "clusters": (FEWEST_CLUSTERS, MOST_CLUSTERS),
        "chosen": (0, len(pile.pictures) - 1),
    }


def _words(pile: Pile) -> dict[str, tuple[str, ...]]:
    return {
        "place": PLACES if len(pile.pictures) >= 4 else PLACES[1:],
        "frames": FRAMES if 1 < len(pile.known) <= MOST_KINDS else FRAMES[:2],
    }


def read_settings(pile: Pile) -> Settings:
    """Return what the address says; what is not possible is as at first."""
    return Settings(**read_plain(opening_of(pile), _ranges(pile), _words(pile)))


# --- Features -----------------------------------------------------------------------------------


class Looking(Work[Brought, "Features"]):
    """Pictures on their way through a network.

    Attributes:
        pile: The pictures.
        choice: The network.
    """

    def __init__(self, pile: Pile, choice: Choice) -> None:
        super().__init__(pile.pictures)
        self.pile = pile
        self.choice = choice

    def look(self, network: Network) -> None:
        """Let the network look at the next pictures."""
        from ali5.classifying.features import feature_vectors

        # A large network takes seconds for a few pictures, and the visitor may have gone on.
        at_once = 2_000_000_000 // max(1, self.choice.edition.multiply_adds)
        self.advance(
            lambda group: feature_vectors(network, [each.image for each in group]),
            at_once=max(1, min(many.AT_ONCE, at_once)),
        )


@dataclass(frozen=True, eq=False)
class Looked:
    """What a network has seen so far.

    Attributes:
        pile: The pictures that it has looked at.
        choice: The network.
        alike: How alike they are to it; None as long as there are fewer than two.
        work: What is still to be done; None if nothing is.
    """

    pile: Pile
    choice: Choice
    alike: Likeness | None
    work: Looking | None = None

    @property
    def key(self) -> tuple[str | int, ...]:
        """What caches go by."""
        return _key(self.pile, self.choice)


def _key(pile: Pile, choice: Choice) -> tuple[str | int, ...]:
    name, edition = choice.architecture.id, choice.edition.name
    return name, edition, choice.weights, pile.digest, len(pile.pictures)


def look(pile: Pile, choice: Choice) -> Looked:
    """Return what a network has made of pictures, as far as it is."""
    kept = _likenesses.kept(_key(pile, choice))
    if kept is not None:
        st.session_state.pop(WORK, None)
        return Looked(pile, choice, kept)
    work: Looking | None = st.session_state.get(WORK)
    if work is None or (work.pile, work.choice) != (pile, choice):
        work = st.session_state[WORK] = Looking(pile, choice)
    if work.stopped:
        work.settle()
    rows = work.rows
    seen = pile.first(len(rows))
    done = len(rows) == work.count
    if len(rows) < 2 or not (done or work.stopped):
        return Looked(seen, choice, None, work)

    def compare() -> Likeness:
        from ali5.classifying.grouping import likeness

        with engine.slot():
            return likeness(rows)

    alike = _likenesses.get(_key(seen, choice), compare)
    if done:
        st.session_state.pop(WORK, None)  # thousands of numbers for each picture
        return Looked(seen, choice, alike)
    return Looked(seen, choice, alike, work)


def go_on(looked: Looked, place: DeltaGenerator) -> None:
    """Look at more pictures for a while, then run the page again; last on a page.

    Raises:
        Ali5Error: The forward pass of a user's own network failed.
    """
    work = looked.work
    if work is None or work.stopped:
        return
    network = build(looked.choice)
    many.go_on(work, place, lambda: work.look(network))


# --- What follows from it -----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Side:
    """Pictures by one of the two ways to compare them: a step of the network, or the pixels.

    Attributes:
        distances: Cosine distances, [N, N].
        plane: Where the pictures stand.
        clusters: Which belong together.
        kinship: How often the nearest neighbour is of the same kind, if kinds are known.
        width: How many numbers a picture is compared by.
    """

    distances: Distances
    plane: Plane
    clusters: Clusters
    kinship: Kinship | None
    width: int


@dataclass(frozen=True, eq=False)
class Grouped:
    """Everything that the page shows.

    Attributes:
        looked: What it is about.
        settings: How it is shown.
        step: Of the network.
        default_step: That is shown at first.
        deep: By the features of that step.
        flat: By the pixels.
        measured: Of every step in execution order, how often the nearest neighbour is of the same
            kind; None where a picture has no finite features. Empty if kinds are not known.
        note: Why another step is shown than was asked for, one sentence; "" if it is not.
    """

    looked: Looked
    settings: Settings
    step: str
    default_step: str
    deep: Side
    flat: Side
    measured: dict[str, Kinship | None]
    note: str

    @property
    def pile(self) -> Pile:
        """The pictures."""
        return self.looked.pile

    @property
    def alike(self) -> Likeness:
        """How alike they are at every step."""
        assert self.looked.alike is not None
        return self.looked.alike


def default_step_of(looked: Looked) -> str:
    """Return the step that is shown at first: what the classifier at the end reads.

    If some pictures have no finite features there, the last step before it where all have.
    """

    def find() -> str:
        from ali5.classifying.features import last_step
        from ali5.tracing.trace import trace

        network = build(looked.choice)
        with engine.slot():
            return last_step(trace(network, looked.pile.pictures[0].image))

    assert looked.alike is not None
    last: str = _found.get((*looked.key, "last"), find)
    names = [*looked.alike.steps]
    upto = names[: names.index(last) + 1] if last in names else names
    return next(name for name in reversed(upto) if is_finite(looked.alike[name]))


def group(looked: Looked, settings: Settings) -> Grouped:
    """Place and group pictures by the step that the address names."""
    alike = looked.alike
    assert alike is not None
    default = default_step_of(looked)
    step, note = address.read("step", alike.steps, default), ""
    if not is_finite(alike[step]):
        note = (
            f"At step “{step}” some pictures have features that are not finite numbers (NaN or "
            f"infinite): they have no place among the others. You see “{default}” instead."
        )
        step = default
    known = len(looked.pile.known) > 1
    measured = {} if not known else _measured(looked, alike)
    return Grouped(
        looked,
        settings,
        step,
        default,
        _side(looked, settings, step, alike[step], alike.widths[step]),
        _side(looked, settings, "", alike.pixels, alike.pixel_width),
        measured,
        note,
    )


def _measured(looked: Looked, alike: Likeness) -> dict[str, Kinship | None]:
    def measure() -> dict[str, Kinship | None]:
        return {step: kinship(each, looked.pile.kinds) for step, each in alike.steps.items()}

    found: dict[str, Kinship | None] = _found.get((*looked.key, "measured"), measure)
    return found


def _side(looked: Looked, settings: Settings, step: str, distances: Distances, width: int) -> Side:
    place, perplexity, count = settings.place, settings.perplexity, settings.clusters

    def place_them() -> Plane:
        if place == "pca":
            return principal_plane(distances)
        with engine.slot():
            return tsne_plane(distances, perplexity)

    def sort_them() -> Clusters:
        with engine.slot():
            return cluster(distances, count)

    place_key = (place,) if place == "pca" else (place, perplexity)
    plane: Plane = _found.get((*looked.key, "plane", step, *place_key), place_them)
    clusters: Clusters = _found.get((*looked.key, "clusters", step, count), sort_them)
    return Side(distances, plane, clusters, kinship(distances, looked.pile.kinds), width)


def write_settings(grouped: Grouped, text: str) -> None:
    """Put the settings that the browser has sent, as JSON, into the address."""
    pile = grouped.pile
    sent, choices = plain_choices(text, opening_of(pile), _ranges(pile), _words(pile))
    step = str(sent["step"])
    address.write(**choices, step=step if step != grouped.default_step else None)


# --- To take away -------------------------------------------------------------------------------

_COLUMNS = (
    *("picture", "kind", "cluster", "nearest", "distance"),
    *("nearest_by_pixels", "distance_by_pixels", "network", "step"),
)


def letter_of(number: int) -> str:
    """Return what a cluster is called."""
    return chr(ord("A") + number)


def rows_of(grouped: Grouped) -> list[dict[str, Any]]:
    """Return what is known of each picture: its cluster and its nearest neighbours."""
    pile = grouped.pile
    rows = []
    for number, (picture, kind) in enumerate(zip(pile.pictures, pile.kinds, strict=True)):
        near, near_pixels = (
            neighbours(side.distances, number)[0] for side in (grouped.deep, grouped.flat)
        )
        rows.append(
            {
                "picture": picture.name,
                "kind": kind,
                "cluster": letter_of(grouped.deep.clusters.labels[number]),
                "nearest": pile.pictures[near].name,
                "distance": float(grouped.deep.distances[number, near]),
                "nearest_by_pixels": pile.pictures[near_pixels].name,
                "distance_by_pixels": float(grouped.flat.distances[number, near_pixels]),
            }
        )
    return rows


def table_as_csv(grouped: Grouped) -> str:
    """Return the rows as comma-separated values."""
    choice = grouped.looked.choice
    about = (f"{choice.architecture.title}, {choice.edition.name}", grouped.step)
    rows = (
        [f"{each:.6f}" if isinstance(each, float) else each for each in row.values()]
        for row in rows_of(grouped)
    )
    return as_csv(_COLUMNS, ([*cells, *about] for cells in rows))


def code_of(grouped: Grouped) -> str:
    """Return the same in Python."""
    choice, settings = grouped.looked.choice, grouped.settings
    plane = (
        "grouping.principal_plane(distances)"
        if settings.place == "pca"
        else f"grouping.tsne_plane(distances, perplexity={settings.perplexity})"
    )
    return f"""from pathlib import Path

import ali5
from ali5.classifying import grouping

network = {choice.code}
images = [ali5.open_image(path) for path in sorted(Path("pictures").glob("*.jpg"))]
alike = ali5.likeness(ali5.feature_vectors(network, images))
distances = alike[{grouped.step!r}]  # [N, N], cosine; alike.pixels are those of the pixels
points = {plane}.points  # [N, 2]
clusters = grouping.cluster(distances, {settings.clusters})  # .labels, .silhouette
nearest = grouping.neighbours(distances, {settings.chosen})  # the nearest first
kinds = [path.parent.name for path in sorted(Path("pictures").glob("*/*.jpg"))]
# grouping.kinship(distances, kinds).share: how often the nearest one is of the same kind"""
