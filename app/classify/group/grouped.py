"""Many pictures by a network: their features, how alike they are, and how that groups them.

No Streamlit; importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ali5.classifying.grouping import (
    Clusters,
    Distances,
    Kinship,
    Likeness,
    Plane,
    cluster,
    is_finite,
    kinship,
    principal_plane,
    tsne_plane,
)

from ... import engine
from ...choose.choice import Choice
from ...engine.cache import ByteCache
from ..many.brought import Brought
from ..many.work import AT_ONCE, Work
from .collection import Collection
from .settings import Settings

if TYPE_CHECKING:
    from PIL import Image

    from ali5.classifying.features import Features
    from ali5.networks.networks import Network

ONE_FOUND = 16_000
"""What a plane or clusters of pictures may come to, in bytes."""

_likenesses: ByteCache[Likeness] = ByteCache(lambda found: found.nbytes)
_found: ByteCache[Any] = ByteCache(lambda found: ONE_FOUND)


class Looking(Work[Brought, "Features"]):
    """Pictures on their way through a network.

    Attributes:
        collection: The pictures.
        choice: The network.
    """

    def __init__(self, collection: Collection, choice: Choice) -> None:
        super().__init__(collection.pictures)
        self.collection = collection
        self.choice = choice

    def look(self, see: Callable[[Sequence[Image.Image]], list[Features]]) -> None:
        """Let the network look at the next pictures.

        Args:
            see: Returns what it sees in each of them.
        """
        # A large network takes seconds for a few pictures, and the visitor may have gone on.
        at_once = 2_000_000_000 // max(1, self.choice.edition.multiply_adds)
        self.advance(
            lambda group: see([each.image for each in group]),
            at_once=max(1, min(AT_ONCE, at_once)),
        )


@dataclass(frozen=True, eq=False)
class Looked:
    """What a network has seen so far.

    Attributes:
        collection: The pictures that it has looked at.
        choice: The network.
        alike: How alike they are to it; None as long as there are fewer than two.
        work: What is still to be done; None if nothing is.
    """

    collection: Collection
    choice: Choice
    alike: Likeness | None
    work: Looking | None = None

    @property
    def key(self) -> tuple[str | int, ...]:
        """What caches go by."""
        return key_of(self.collection, self.choice)


def key_of(collection: Collection, choice: Choice) -> tuple[str | int, ...]:
    """Return what caches know pictures by as a network sees them."""
    return *choice.key, collection.digest, len(collection.pictures)


def kept_likeness(collection: Collection, choice: Choice) -> Likeness | None:
    """Return how alike pictures are to a network, if that was worked out before."""
    return _likenesses.kept(key_of(collection, choice))


def compared(collection: Collection, choice: Choice, rows: Sequence[Features]) -> Likeness:
    """Return how alike pictures are to a network, worked out once for all visitors.

    Args:
        collection: The pictures.
        choice: The network.
        rows: What it has seen in each of them.
    """

    def compare() -> Likeness:
        from ali5.classifying.grouping import likeness

        with engine.slot():
            return likeness(rows)

    return _likenesses.get(key_of(collection, choice), compare)


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
    def collection(self) -> Collection:
        """The pictures."""
        return self.looked.collection

    @property
    def alike(self) -> Likeness:
        """How alike they are at every step."""
        assert self.looked.alike is not None
        return self.looked.alike


def features_in(network: Network, images: Sequence[Image.Image]) -> list[Features]:
    """Return what pictures are at every step of a network."""
    from ali5.classifying.features import feature_vectors

    return feature_vectors(network, images)


def last_step_on(network: Network, image: Image.Image) -> str:
    """Return what the classifier at the end of a network reads."""
    from ali5.classifying.features import last_step
    from ali5.tracing.trace import trace

    with engine.slot():
        return last_step(trace(network, image))


def default_step_of(looked: Looked, ready: Callable[[Choice], engine.Chosen]) -> str:
    """Return the step that is shown at first: what the classifier at the end reads.

    If some pictures have no finite features there, the last step before it where all have.

    Args:
        looked: With a likeness.
        ready: Returns what the engine is asked for.
    """

    def find() -> str:
        first = looked.collection.pictures[0].image
        return engine.ask(last_step_on, ready(looked.choice), first)

    assert looked.alike is not None
    last: str = _found.get((*looked.key, "last"), find)
    names = [*looked.alike.steps]
    upto = names[: names.index(last) + 1] if last in names else names
    return next(name for name in reversed(upto) if is_finite(looked.alike[name]))


def group(
    looked: Looked, settings: Settings, wanted: str, ready: Callable[[Choice], engine.Chosen]
) -> Grouped:
    """Place and group pictures.

    Args:
        looked: With a likeness.
        settings: How.
        wanted: By which step; by the one that is shown at first, if there is none of that name.
        ready: Returns what the engine is asked for.
    """
    alike = looked.alike
    assert alike is not None
    default = default_step_of(looked, ready)
    step, note = wanted if wanted in alike.steps else default, ""
    if not is_finite(alike[step]):
        note = (
            f"At step “{step}” some pictures have features that are not finite numbers (NaN or "
            f"infinite): they have no place among the others. You see “{default}” instead."
        )
        step = default
    known = len(looked.collection.known) > 1
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
        return {step: kinship(each, looked.collection.kinds) for step, each in alike.steps.items()}

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
    return Side(distances, plane, clusters, kinship(distances, looked.collection.kinds), width)
