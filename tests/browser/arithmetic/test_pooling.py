"""The pooling lab computes in the browser what PyTorch does, and allows what Python accepts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

from ali5.site.app.canvas.packing import unpack
from ali5.site.app.engine import Picture
from ali5.site.app.labs.pooling.numbers import changed_of, clean_of, errors_of, pooled, uniform
from ali5.site.app.labs.pooling.sent import pack_pooling
from ali5.site.app.labs.pooling.settings import (
    RANGES,
    WORDS,
    Settings,
    made_possible,
    settings_as_sent,
)
from tests.browser.arithmetic.together import Built, Law, for_any, in_browser

WINDOWS = "labs/pooling/windows.js"

SIDES = st.integers(1, 20)
SEEDS = st.integers(0, 2**32 - 1)
PAIRS = st.tuples(SEEDS, SEEDS)
SETTINGS = Built(
    Settings,
    {
        **{name: st.integers(*RANGES[name]) for name in RANGES},
        **{name: st.sampled_from(WORDS[name]) for name in WORDS},
    },
)
"""Each within its own range; they may contradict one another."""


@for_any(count=st.integers(0, 60), seed=SEEDS)
def test_the_random_numbers_are_the_same(count: int, seed: int) -> Law:
    found = yield in_browser(WINDOWS, "uniform")(count, seed)
    assert found == uniform(count, seed).tolist()


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES)
def test_settings_are_brought_in_line_alike(chosen: Settings, height: int, width: int) -> Law:
    header = {"photo": {"height": height, "width": width}}
    found = yield in_browser(WINDOWS, "settle")(settings_as_sent(chosen), header)
    possible = made_possible(chosen, (height, width))
    assert found == settings_as_sent(possible)
    assert made_possible(possible, (height, width)) == possible


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES, seed=SEEDS, pick=PAIRS)
def test_the_browser_pools_as_pytorch_does(
    chosen: Settings, height: int, width: int, seed: int, pick: tuple[int, int]
) -> Law:
    photo = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    chosen = made_possible(chosen, photo.shape)
    sent = settings_as_sent(chosen)
    header, body = unpack(
        pack_pooling(chosen, Picture("own", Image.fromarray(photo), "", ""), "glow")
    )
    ours = yield in_browser(WINDOWS, "resultOf")(sent, header, list(body))
    clean = clean_of(chosen, photo)
    changed = changed_of(chosen, clean)
    result = pooled(chosen, changed)
    assert ours["edges"] == list(clean.shape)
    assert (ours["rows"]["count"], ours["columns"]["count"]) == result.output.shape[1:]
    for axis, name in ((result.rows, "rows"), (result.columns, "columns")):
        assert ours[name]["dropped"] == ("would begin outside" in axis.formula)
    for name, expected in (
        ("clean", clean),
        ("changed", changed),
        ("output", result.output[0]),
    ):
        np.testing.assert_allclose(ours[name], np.ravel(expected), atol=2e-6)
    for name, picture in (("before", clean), ("both", changed)):
        for kind in ("max", "average"):
            expected = pooled(chosen, picture, kind).output.ravel()
            np.testing.assert_allclose(ours[name][kind], expected, atol=2e-6)
    errors = yield in_browser(WINDOWS, "errorsOf")(ours)
    assert errors == pytest.approx(errors_of(chosen, clean), abs=2e-6)

    place = [each % count for each, count in zip(pick, result.output.shape[1:], strict=True)]
    window = yield in_browser(WINDOWS, "windowAt")(sent, ours["edges"], *place)
    choice = result.window(0, *place)
    inside = [
        [row, column]
        for row in choice.rows
        for column in choice.columns
        if 0 <= row < clean.shape[0] and 0 <= column < clean.shape[1]
    ]
    assert window["cells"] == inside
    if chosen.kind == "average":
        assert window["divisor"] == choice.divisor
    if chosen.kind == "max":
        winner = yield in_browser(WINDOWS, "winnerAt")(sent, ours, *place)
        assert tuple(winner) == choice.winner


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES, name=st.sampled_from(sorted(RANGES)))
def test_what_the_browser_allows_python_accepts_unchanged(
    chosen: Settings, height: int, width: int, name: str
) -> Law:
    photo = (height, width)
    chosen = made_possible(chosen, photo)
    header = {"photo": {"height": height, "width": width}, "limits": RANGES}
    least, most = yield in_browser(WINDOWS, "rangeOf")(settings_as_sent(chosen), header, name)
    for value in range(least, most + 1):
        other = replace(chosen, **{name: value})
        settled = made_possible(other, photo)
        assert getattr(settled, name) == value
    refused = replace(chosen, **{name: most + 1})
    within = most + 1 <= RANGES[name][1]
    assert not within or getattr(made_possible(refused, photo), name) != most + 1
