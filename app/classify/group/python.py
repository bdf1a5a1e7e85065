"""The lines of Python that group pictures as the page does."""

from __future__ import annotations

from .grouped import Grouped


def code_of(grouped: Grouped) -> str:
    """Return the same in Python."""
    choice, settings = grouped.choice, grouped.settings
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
