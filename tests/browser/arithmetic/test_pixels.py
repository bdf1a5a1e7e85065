"""The lab of pixels computes in the browser what Python does, and allows what Python accepts."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from ali5.known.catalog import catalog
from ali5.labs.weighing import convolution_cost, fully_connected_cost
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.engine import Picture
from ali5.site.app.labs.pixels.numbers import corner_of, patch_of
from ali5.site.app.labs.pixels.sent import pack_patch
from ali5.site.app.labs.pixels.settings import (
    RANGES,
    WEIGHING_RANGES,
    WORDS,
    Settings,
    made_possible,
    settings_as_sent,
)
from tests.browser.arithmetic.together import Built, Law, for_any, in_browser

PATCH = "labs/pixels/patch.js"

SIDES = st.integers(1, 20)
EYES = [catalog()[name].edition().preprocessing for name in ("resnet18", "lenet5")]
"""A network that sees colours, and one that does not."""

CELLS = st.dictionaries(
    st.integers(0, 20 * 20 * 3 - 1).map(lambda place: np.unravel_index(place, (20, 20, 3))),
    st.integers(0, 255),
    max_size=4,
)


def shown_of(
    height: int, width: int, cells: dict[tuple[int, ...], int], **chosen: Any
) -> tuple[Settings, int, int]:
    """Settings for a photo of some size: cells that are changed lie within it."""
    inside = {(y % height, x % width, channel): level for (y, x, channel), level in cells.items()}
    written = (("{},{},{}".format(*place), level) for place, level in inside.items())
    return Settings(**chosen, cells=tuple(written)), height, width


SHOWN = Built(
    shown_of,
    {
        "height": SIDES,
        "width": SIDES,
        "cells": CELLS,
        "row": st.integers(-1, 30),
        "column": st.integers(-1, 30),
        "patch": st.integers(*RANGES["patch"]),
        "units": st.sampled_from(WORDS["units"]),
        "light": st.sampled_from(WORDS["light"]),
    },
)


def picture_of(photo: NDArray[np.uint8]) -> Picture:
    return Picture("own", Image.fromarray(photo), "", "")


@for_any(shown=SHOWN, seed=st.integers(0, 999), eyes=st.integers(0, 1))
def test_the_patch_is_the_same(shown: tuple[Settings, int, int], seed: int, eyes: int) -> Law:
    chosen, height, width = shown
    photo = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    header, body = unpack(pack_patch(chosen, picture_of(photo), EYES[eyes]))
    settled = yield in_browser(PATCH, "settle")(settings_as_sent(chosen), header)
    possible = made_possible(chosen, photo.shape)
    assert settled == settings_as_sent(possible)
    assert made_possible(possible, photo.shape) == possible
    found = yield in_browser(PATCH, "patchOf")(settled, header, list(body))
    assert (found["row"], found["column"]) == corner_of(possible, photo)
    expected = patch_of(possible, photo, EYES[eyes])
    np.testing.assert_allclose(found["values"], expected.reshape(3, -1), atol=1e-5)


@for_any(
    level=st.integers(0, 255),
    channel=st.integers(0, 2),
    units=st.sampled_from(WORDS["units"]),
    eyes=st.integers(0, 1),
)
def test_a_number_that_is_typed_becomes_the_byte_that_shows_it(
    level: int, channel: int, units: str, eyes: int
) -> Law:
    photo = np.full((1, 1, 3), level, np.uint8)
    chosen = Settings(units=units, patch=1, row=0, column=0)
    shown = float(patch_of(chosen, photo, EYES[eyes])[channel, 0, 0])
    header, _ = unpack(pack_patch(chosen, picture_of(photo), EYES[eyes]))
    typed = in_browser(PATCH, "levelOf")
    sent = settings_as_sent(chosen)
    levels = yield [typed(sent, header, shown + more, channel) for more in (0, 300, -300)]
    assert levels == [level, 255, 0]


@for_any(
    edge=st.integers(*WEIGHING_RANGES["edge"]),
    maps=st.integers(*WEIGHING_RANGES["maps"]),
)
def test_costs_are_those_of_the_engine(edge: int, maps: int) -> Law:
    found = yield in_browser("labs/pixels/costs.js", "costsOf")({"edge": edge, "maps": maps})
    for name, cost in (
        ("full", fully_connected_cost(edge, edge, 3, maps)),
        ("local", convolution_cost(edge, edge, 3, maps)),
    ):
        assert found[name] == {
            "weights": cost.weights,
            "biases": cost.biases,
            "products": cost.multiply_adds,
        }
