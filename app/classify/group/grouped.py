"""Many pictures by a network: their features, how alike they are, and how that groups them.

No Streamlit; importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ali5.classifying.grouping import (
    Clusters,
    Distances,
    Features,
    Kinship,
    Likeness,
    Plane,
    cluster,
    is_finite,
    kinship,
    likeness,
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

    from ali5.networks.networks import Network

ONE_FOUND = 16_000
"""What a plane or clusters of pictures may come to, in bytes."""

_likenesses: ByteCache[Likeness] = ByteCache(lambda found: found.nbytes)
_found: ByteCache[Any] = ByteCache(lambda found: ONE_FOUND)


class Looking(Work[Brought, Features]):
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
class Wanted:
    """Which pictures are placed and grouped, and how.

    Attributes:
        digest: Of the collection.
        kinds: What each picture is; "" where that is not known.
        settings: How.
        step: Of the network; the one that is shown at first, if there is none of that name.
    """

    digest: str
    kinds: tuple[str, ...]
    settings: Settings
    step: str


@dataclass(frozen=True, eq=False)
class Rows:
    """What a network has seen in each of some pictures."""

    features: tuple[Features, ...]


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
class Placed:
    """Pictures placed and grouped, as the engine answers.

    Attributes:
        step: Of the network.
        default_step: That is shown at first.
        deep: By the features of that step.
        flat: By the pixels.
        measured: Of every step in execution order, how often the nearest neighbour is of the same
            kind; None where a picture has no finite features. Empty if kinds are not known.
        widths: How many numbers a picture is compared by, by the name of the step.
        note: Why another step is shown than was asked for, one sentence; "" if it is not.
    """

    step: str
    default_step: str
    deep: Side
    flat: Side
    measured: Mapping[str, Kinship | None]
    widths: Mapping[str, int]
    note: str


@dataclass(frozen=True, eq=False)
class Grouped(Placed):
    """Everything that the page shows.

    Attributes:
        collection: The pictures.
        choice: The network.
        settings: How they are shown.
    """

    collection: Collection
    choice: Choice
    settings: Settings


@dataclass(frozen=True, eq=False)
class Looked:
    """What a network has seen so far.

    Attributes:
        grouped: The pictures that it has looked at; None as long as there are fewer than two.
        work: What is still to be done; None if nothing is.
    """

    grouped: Grouped | None
    work: Looking | None = None


def features_in(network: Network, images: Sequence[Image.Image]) -> list[Features]:
    """Return what pictures are at every step of a network."""
    from ali5.classifying.features import feature_vectors

    return feature_vectors(network, images)


def placed_by(
    network: Network, first: engine.Picture, name: str, wanted: Wanted, rows: Rows | None
) -> Placed | None:
    """Place and group pictures as a network sees them.

    How alike they are is worked out once for all visitors.

    Args:
        network: What has looked at them.
        first: The first of them.
        name: What the network was asked for by, a kind of weights or the digest of a file.
        wanted: Which pictures, and how.
        rows: What it has seen in them; None to go by what was worked out before.

    Returns:
        None if how alike they are is not known, or not any more.
    """
    key = (network.architecture.id, network.edition.name, name, wanted.digest, len(wanted.kinds))
    if rows is None:
        alike = _likenesses.kept(key)
        if alike is None:
            return None
    else:
        alike = _likenesses.get(key, lambda: _compared(rows))
    return _placed(network, first, key, wanted, alike)


def _compared(rows: Rows) -> Likeness:
    with engine.slot():
        return likeness(rows.features)


Key = tuple[str | int, ...]
"""What caches know pictures by as a network sees them."""


def _placed(
    network: Network, first: engine.Picture, key: Key, wanted: Wanted, alike: Likeness
) -> Placed:
    default = _default_step(network, first, key, alike)
    step, note = wanted.step if wanted.step in alike.steps else default, ""
    if not is_finite(alike[step]):
        note = (
            f"At step “{step}” some pictures have features that are not finite numbers (NaN or "
            f"infinite): they have no place among the others. You see “{default}” instead."
        )
        step = default
    known = len({kind for kind in wanted.kinds if kind}) > 1
    return Placed(
        step,
        default,
        _side(key, wanted, step, alike[step], alike.widths[step]),
        _side(key, wanted, "", alike.pixels, alike.pixel_width),
        _measured(key, wanted.kinds, alike) if known else {},
        alike.widths,
        note,
    )


def _default_step(network: Network, first: engine.Picture, key: Key, alike: Likeness) -> str:
    """Return the step that is shown at first: what the classifier at the end reads.

    If some pictures have no finite features there, the last step before it where all have.
    """

    def find() -> str:
        from ali5.classifying.features import last_step
        from ali5.tracing.trace import trace

        with engine.slot():
            return last_step(trace(network, first.image))

    last: str = _found.get((*key, "last"), find)
    names = [*alike.steps]
    upto = names[: names.index(last) + 1] if last in names else names
    return next(name for name in reversed(upto) if is_finite(alike[name]))


def _measured(key: Key, kinds: Sequence[str], alike: Likeness) -> dict[str, Kinship | None]:
    def measure() -> dict[str, Kinship | None]:
        return {step: kinship(each, kinds) for step, each in alike.steps.items()}

    found: dict[str, Kinship | None] = _found.get((*key, "measured"), measure)
    return found


def _side(key: Key, wanted: Wanted, step: str, distances: Distances, width: int) -> Side:
    settings = wanted.settings
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
    plane: Plane = _found.get((*key, "plane", step, *place_key), place_them)
    clusters: Clusters = _found.get((*key, "clusters", step, count), sort_them)
    return Side(distances, plane, clusters, kinship(distances, wanted.kinds), width)
