"""What is known of grouped pictures, to take away: a row for each."""

from __future__ import annotations

from typing import Any

from ali5.classifying.grouping import neighbours

from ...tables import as_csv
from .grouped import Grouped
from .words import letter_of

_COLUMNS = (
    *("picture", "kind", "cluster", "nearest", "distance"),
    *("nearest_by_pixels", "distance_by_pixels", "network", "step"),
)


def rows_of(grouped: Grouped) -> list[dict[str, Any]]:
    """Return what is known of each picture: its cluster and its nearest neighbours."""
    collection = grouped.collection
    rows = []
    for number, (picture, kind) in enumerate(
        zip(collection.pictures, collection.kinds, strict=True)
    ):
        near, near_pixels = (
            neighbours(side.distances, number)[0] for side in (grouped.deep, grouped.flat)
        )
        rows.append(
            {
                "picture": picture.name,
                "kind": kind,
                "cluster": letter_of(grouped.deep.clusters.labels[number]),
                "nearest": collection.pictures[near].name,
                "distance": float(grouped.deep.distances[number, near]),
                "nearest_by_pixels": collection.pictures[near_pixels].name,
                "distance_by_pixels": float(grouped.flat.distances[number, near_pixels]),
            }
        )
    return rows


def table_as_csv(grouped: Grouped) -> str:
    """Return the rows as comma-separated values."""
    choice = grouped.choice
    about = (f"{choice.architecture.title}, {choice.edition.name}", grouped.step)
    rows = (
        [f"{each:.6f}" if isinstance(each, float) else each for each in row.values()]
        for row in rows_of(grouped)
    )
    return as_csv(_COLUMNS, ([*cells, *about] for cells in rows))
