"""How pictures are placed and grouped: what lives in the address. No Streamlit, no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ali5.classifying.grouping import FEWEST_CLUSTERS, MOST_CLUSTERS, perplexity_range
from ali5.door import fields, json_of, record
from ali5.pictures.batches import MAX_PICTURES

from ...explore.settings import STEP

if TYPE_CHECKING:
    from .collection import Collection

PERPLEXITY = 15

PLACES = ("tsne", "pca")

FRAMES = ("clusters", "pixels", "kinds")
"""What the frames around the pictures may show: clusters by the network or the pixels, or kinds."""

FEWEST_SCATTERED = 12
"""With fewer pictures than that, t-SNE has hardly any neighbours to keep: PCA comes first."""

MOST_KINDS = 12
"""More kinds than that are not told apart by colours and letters."""


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


def opening_of(collection: Collection) -> Settings:
    """Return how a collection is shown at first: as many clusters as there are kinds."""
    count = len(collection.pictures)
    wanted = len(collection.known) or round(math.sqrt(count / 2))
    low, high = perplexity_range(count)
    return Settings(
        place="tsne" if count >= FEWEST_SCATTERED else "pca",
        perplexity=min(max(PERPLEXITY, low), high),
        clusters=min(max(wanted, FEWEST_CLUSTERS), MOST_CLUSTERS),
    )


def ranges_of(count: int) -> dict[str, tuple[int, int]]:
    """Return the smallest and the largest value of each number, for that many pictures."""
    return {
        "perplexity": perplexity_range(count),
        "clusters": (FEWEST_CLUSTERS, MOST_CLUSTERS),
        "chosen": (0, count - 1),
    }


SENT = json_of(
    record(fields(ranges_of(MAX_PICTURES), {"place": PLACES, "frames": FRAMES}) | {"step": STEP})
)
"""What the browser may send, of the largest collection there can be."""


def words_of(collection: Collection) -> dict[str, tuple[str, ...]]:
    """Return what each choice can be."""
    return {
        "place": PLACES if len(collection.pictures) >= 4 else PLACES[1:],
        "frames": FRAMES if 1 < len(collection.known) <= MOST_KINDS else FRAMES[:2],
    }
