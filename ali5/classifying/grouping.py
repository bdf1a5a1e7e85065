"""How alike pictures are, and what follows from it: neighbours, clusters, a plane to see them on.

Everything here goes by one distance, the cosine distance of two vectors: 1 minus the cosine of the
angle between them. So two lists of numbers are compared by their direction, not by how large they
are. 0 is the same direction, 1 nothing in common, 2 the opposite; where no number is negative, as
after a ReLU, it is 1 at most. A list of zeros is at distance 1 from all but other zeros. For
vectors scaled to length 1 it is half the squared Euclidean distance, and thus PCA, k-means and
t-SNE of such vectors follow from the distances alone. No torch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ali5.errors import Ali5Error, UnknownName
from ali5.known.chance import SEED

Floats = NDArray[np.float64]
Distances = NDArray[np.float32]
Vector = NDArray[np.float32]


FEWEST_CLUSTERS, MOST_CLUSTERS = 2, 12

LEAST_PERPLEXITY, MOST_PERPLEXITY = 2, 50

_FITS = 10
"""Beginnings of k-means, of which the best end is taken."""


@dataclass(frozen=True, eq=False)
class Features:
    """What one picture is at every step of a network.

    Attributes:
        pixels: The prepared picture itself, normalised, [C * H * W], channel by channel and row by
            row; averaged down to 64 x 64 if it is larger.
        steps: By the name of the step, in execution order: the feature vector, [D], in raw
            activations. After a ReLU no number is negative.
    """

    pixels: Vector
    steps: Mapping[str, Vector]

    def __getitem__(self, step: str) -> Vector:
        """Return the feature vector at a step, [D]."""
        return self.steps[step]

    @property
    def nbytes(self) -> int:
        """Memory that all vectors hold, in bytes."""
        return self.pixels.nbytes + sum(each.nbytes for each in self.steps.values())


@dataclass(frozen=True, eq=False)
class Likeness:
    """How far pictures are from one another at every step of a network, and by their pixels.

    Attributes:
        pixels: Cosine distances of the prepared pictures, [N, N], 0..2.
        steps: By the name of the step, in execution order: those of the feature vectors, [N, N]; a
            row and a column of NaN for a picture whose features are not all finite numbers.
        widths: How many numbers a feature vector has, by the name of the step.
        pixel_width: How many numbers a prepared picture has.
    """

    pixels: Distances
    steps: Mapping[str, Distances]
    widths: Mapping[str, int]
    pixel_width: int

    def __getitem__(self, step: str) -> Distances:
        """Return the distances at a step, [N, N].

        Raises:
            UnknownName: There is no such step; offers the nearest one.
        """
        if step not in self.steps:
            raise UnknownName("step", step, self.steps)
        return self.steps[step]

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.pixels)

    @property
    def nbytes(self) -> int:
        """Memory that all distances hold, in bytes."""
        return self.pixels.nbytes + sum(each.nbytes for each in self.steps.values())


def likeness(found: Sequence[Features]) -> Likeness:
    """Compare pictures at every step that all of them have.

    Args:
        found: From `ali5.feature_vectors`, all of one network.

    Raises:
        Ali5Error: There are no pictures.
    """
    if not found:
        raise Ali5Error("There are no pictures to compare. Bring two or more.")
    shared = [
        step
        for step, vector in found[0].steps.items()
        if all(step in each.steps and each[step].shape == vector.shape for each in found)
    ]
    return Likeness(
        cosine_distances(np.stack([each.pixels for each in found])),
        {step: cosine_distances(np.stack([each[step] for each in found])) for step in shared},
        {step: len(found[0][step]) for step in shared},
        len(found[0].pixels),
    )


def cosine_distances(vectors: NDArray[np.floating]) -> Distances:
    """Return the cosine distance of every two rows, [N, N], of vectors [N, D].

    It is NaN where one of the two is not finite.
    """
    finite = np.isfinite(vectors).all(1)
    rows = np.where(finite[:, None], vectors, 0).astype(np.float64)
    rows /= np.maximum(np.abs(rows).max(1, keepdims=True), 1e-300)  # no square overflows
    lengths = np.linalg.norm(rows, axis=1)
    zero = lengths == 0
    rows /= np.where(zero, 1, lengths)[:, None]
    cosines = rows @ rows.T
    cosines[np.ix_(zero, zero)] = 1
    np.fill_diagonal(cosines, 1)
    distances = np.clip(1 - cosines, 0, 2).astype(np.float32)
    distances[~finite] = distances[:, ~finite] = np.nan
    return distances


def is_finite(distances: Distances) -> bool:
    """Tell whether every picture has a place: the functions below need that."""
    return not np.isnan(np.diagonal(distances)).any()


# --- Neighbours ---------------------------------------------------------------------------------


def neighbours(distances: Distances, number: int) -> list[int]:
    """Return all other pictures, the nearest to picture `number` first."""
    order = np.argsort(distances[number], kind="stable").tolist()
    return [other for other in order if other != number]


@dataclass(frozen=True)
class Kinship:
    """How often the nearest neighbour of a picture is of its own kind.

    Attributes:
        right: Pictures whose nearest neighbour is.
        count: Pictures whose kind is known and is not theirs alone.
        chance: The share that would be right if neighbours were drawn by lot, 0..1.
    """

    right: int
    count: int
    chance: float

    @property
    def share(self) -> float:
        """Of pictures whose nearest neighbour is of their kind, 0..1."""
        return self.right / self.count


def kinship(distances: Distances, kinds: Sequence[str]) -> Kinship | None:
    """Measure how well distances tell kinds apart: one nearest neighbour, each picture left out.

    It is the leave-one-out accuracy of the nearest-neighbour rule (Cover and Hart, "Nearest
    neighbor pattern classification", 1967), also called recall at 1.

    Args:
        distances: Of the pictures, [N, N].
        kinds: What each is; "" where that is not known: it is left out, also as a neighbour.

    Returns:
        None if fewer than two kinds are known, no picture has another of its kind, or a distance is
        not a number.
    """
    known = np.array([bool(kind) for kind in kinds])
    own = np.array(kinds)[known]
    counts = Counter(own.tolist())
    asked = np.array([counts[kind] > 1 for kind in own], bool)
    if len(counts) < 2 or not asked.any():
        return None
    among = distances[np.ix_(known, known)].astype(np.float64)
    if np.isnan(among).any():
        return None
    np.fill_diagonal(among, np.inf)
    right = own[among.argmin(1)] == own
    chances = [(counts[kind] - 1) / (len(own) - 1) for kind in own[asked]]
    return Kinship(int(right[asked].sum()), int(asked.sum()), float(np.mean(chances)))


# --- On a plane ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Plane:
    """Where pictures stand on a plane.

    Attributes:
        points: x and y of each, [N, 2]; the middle is at 0.
        shares: How much of the spread of all pictures lies along x and along y, 0..1; for PCA.
    """

    points: Floats
    shares: tuple[float, float] | None = None


def coordinates(distances: Distances) -> Floats:
    """Return points, [N, R], with the same distances: half their squared Euclidean ones.

    They are the principal components of the vectors scaled to length 1, the widest first (classical
    scaling: Torgerson 1952; Gower, "Some distance properties of latent root and vector methods used
    in multivariate analysis", 1966, section 2). Each component's largest number is positive.
    """
    middle = np.eye(len(distances)) - 1 / len(distances)
    squares, axes = np.linalg.eigh(middle @ (1 - distances.astype(np.float64)) @ middle)
    squares, axes = squares[::-1], axes[:, ::-1]
    kept = squares > 1e-6 * max(float(squares[0]), 1e-6)  # what float32 can tell
    points = axes[:, kept] * np.sqrt(squares[kept])
    largest = np.abs(points).argmax(0) if len(points) else 0
    signs = np.sign(points[largest, np.arange(points.shape[1])])
    placed: Floats = points * signs
    return placed


def principal_plane(distances: Distances) -> Plane:
    """Return the first two principal components of the vectors scaled to length 1."""
    points = coordinates(distances)
    spread = (points**2).sum(0)
    shares = [*(spread / max(float(spread.sum()), 1e-300)).tolist(), 0.0, 0.0]
    return Plane(_two(points), (shares[0], shares[1]))


def perplexity_range(count: int) -> tuple[int, int]:
    """Return the smallest and the largest perplexity for that many pictures.

    A third of the others at most: beyond, nearly all would be near.
    """
    return LEAST_PERPLEXITY, max(LEAST_PERPLEXITY, min(MOST_PERPLEXITY, (count - 1) // 3))


def tsne_plane(distances: Distances, perplexity: float = 15, seed: int = SEED) -> Plane:
    """Return where t-SNE puts pictures (van der Maaten and Hinton, 2008), as scikit-learn does it.

    It keeps near pictures near; how far apart far ones stand means nothing. It begins with the two
    principal components, so the same distances always give the same plane.

    Args:
        distances: Of the pictures, [N, N], four or more.
        perplexity: About how many neighbours each picture minds; brought into the possible range.
        seed: Of what is drawn by lot.

    Raises:
        Ali5Error: There are fewer than four pictures.
    """
    if len(distances) < 4:
        raise Ali5Error("t-SNE needs four pictures or more. Take PCA, or bring more.")
    from sklearn.manifold import TSNE

    points = coordinates(distances)
    first = _two(points)
    spread = float(first[:, 0].std())
    if spread == 0:  # all pictures are the same
        return Plane(first)
    low, high = perplexity_range(len(distances))
    placed = TSNE(
        perplexity=min(max(perplexity, low), high),
        init=(first / spread * 1e-4).astype(np.float32),
        learning_rate="auto",
        method="exact" if len(distances) <= 64 else "barnes_hut",
        random_state=seed,
    ).fit_transform(points.astype(np.float32))
    centred: Floats = placed.astype(np.float64) - placed.mean(0)
    return Plane(centred)


def _two(points: Floats) -> Floats:
    """Return the first two columns, with zeros where there are none."""
    padded = np.zeros((len(points), 2))
    padded[:, : points.shape[1]] = points[:, :2]
    return padded


# --- Clusters -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clusters:
    """Pictures sorted into groups.

    Attributes:
        labels: The cluster of each picture, from 0; cluster 0 is the largest.
        silhouette: How much nearer pictures are to their own cluster than to the next one, -1..1:
            1 is far apart, 0 is no gap at all; None if there is one cluster only.
    """

    labels: tuple[int, ...]
    silhouette: float | None

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return max(self.labels) + 1


def cluster(distances: Distances, count: int, seed: int = SEED) -> Clusters:
    """Sort pictures into `count` clusters by k-means of the vectors scaled to length 1.

    It is the best of ten fits of scikit-learn's `KMeans` (Lloyd 1982; begun as Arthur and
    Vassilvitskii, "k-means++", 2007).

    Args:
        distances: Of the pictures, [N, N].
        count: How many clusters; fewer come out if there are fewer different pictures.
        seed: Of what is drawn by lot.
    """
    points = coordinates(distances)
    different = len(np.unique(points.round(6), axis=0)) if points.shape[1] else 1
    count = min(count, different)
    if count < 2:
        return Clusters((0,) * len(distances), None)
    from sklearn.cluster import KMeans

    raw = KMeans(count, n_init=_FITS, random_state=seed).fit(points).labels_.tolist()
    sizes = Counter(raw)
    order = sorted(sizes, key=lambda label: (-sizes[label], raw.index(label)))
    labels = tuple(order.index(label) for label in raw)
    return Clusters(labels, silhouette(distances, labels))


def silhouette(distances: Distances, labels: Sequence[int]) -> float | None:
    """Return the mean silhouette of pictures in clusters, -1..1.

    (b - a) / max(a, b) for each, where a is the mean distance to the others of its cluster and b
    the least mean distance to another cluster; 0 for one that is alone (Rousseeuw, "Silhouettes: a
    graphical aid to the interpretation and validation of cluster analysis", 1987, section 2).
    """
    own = np.array(labels)
    names = np.unique(own)
    if len(names) < 2:
        return None
    member = own[:, None] == names  # [N, clusters]
    sizes = member.sum(0)
    sums = distances.astype(np.float64) @ member
    mine = member.argmax(1)
    rows = np.arange(len(own))
    inside = sums[rows, mine] / np.maximum(sizes[mine] - 1, 1)
    means = sums / sizes
    means[rows, mine] = np.inf
    outside = means.min(1)
    largest = np.maximum(inside, outside)
    values = np.where(largest > 0, (outside - inside) / np.where(largest > 0, largest, 1), 0)
    return float(np.where(sizes[mine] > 1, values, 0).mean())


def agreement(labels: Sequence[int], kinds: Sequence[str]) -> tuple[int, int] | None:
    """Count the pictures that are in a cluster where most are of their kind, and those of any kind.

    The share of the first in the second is called purity (Manning, Raghavan, Schütze, "Introduction
    to information retrieval", 2008, section 16.3); it grows with the number of clusters.

    Args:
        labels: The cluster of each picture.
        kinds: What each is; "" where that is not known: it is not counted.

    Returns:
        None if fewer than two kinds are known.
    """
    known = [(label, kind) for label, kind in zip(labels, kinds, strict=True) if kind]
    if len({kind for _, kind in known}) < 2:
        return None
    inside: dict[int, Counter[str]] = {}
    for label, kind in known:
        inside.setdefault(label, Counter())[kind] += 1
    return sum(max(counts.values()) for counts in inside.values()), len(known)
