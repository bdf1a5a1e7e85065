"""What the tests of the site share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.components.v2 import manifest_scanner

from ali5.classifying.teach import held_out, teaching
from ali5.classifying.teach.logistic import Line, Point
from ali5.site.app import engine
from ali5.site.app.engine.beside import Helpers


@pytest.fixture(scope="session", autouse=True)
def _packages_read_once() -> Iterator[None]:
    """Do not read in every `AppTest` which of all packages bring components: they stay the same."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session", autouse=True)
def _lessons_learned_once() -> Iterator[None]:
    """Do not fit a line to the same pictures again in every test that needs a taught head.

    What is fitted depends on nothing else; whoever is told of the way hears the same again.
    """
    fit = held_out.fit
    known: dict[tuple[object, ...], tuple[Line, list[Point]]] = {}

    def fitted(
        features: NDArray[np.floating[Any]],
        labels: NDArray[np.integer[Any]],
        classes: int,
        penalty: float,
        told: Callable[[Point], None] | None = None,
    ) -> Line:
        asked = (features.tobytes(), features.shape, labels.tobytes(), classes, penalty)
        key = (*map(hash, asked), told is None)
        if key not in known:
            points: list[Point] = []
            line = fit(features, labels, classes, penalty, None if told is None else points.append)
            known[key] = line, points
        line, points = known[key]
        for point in points:
            assert told is not None
            told(point)
        return line

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held_out, "fit", fitted)
        patch.setattr(teaching, "fit", fitted)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobody_helps() -> Iterator[None]:
    """Compute in this process what the site has computed beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "helpers", Helpers(lambda: 0))
        yield
