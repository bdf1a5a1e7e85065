"""A stack and its photo: while a control is dragged, the browser works out what the engine does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import strategies as st

from ali5.labs.stack.layers import Layer
from ali5.pictures.changes import Change
from ali5.site.app.labs.stacking.findings import MAX_MULTIPLY_ADDS, known_networks, outlined
from ali5.site.app.labs.stacking.settings import TILES, layer_as_sent
from tests.ali5.labs.stack.drawn import ANY
from tests.browser.arithmetic.together import Bare, Built, Law, Several, for_any, in_browser

STACKS = Several(ANY, 0, 12)


@pytest.fixture
def broke() -> Iterator[list[bool]]:
    """Whether each stack breaks: many do, and many do not."""
    found: list[bool] = []
    yield found
    assert 50 < sum(found) < len(found) - 50


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """What the browser is told of networks and costs."""
    return {"networks": known_networks(), "most": MAX_MULTIPLY_ADDS}


@for_any(stack=STACKS, size=st.integers(16, 128))
def test_a_stack_has_the_same_sizes_costs_and_fields(
    known: dict[str, Any], broke: list[bool], stack: tuple[Layer, ...], size: int
) -> Law:
    sent = {"stack": [layer_as_sent(layer) for layer in stack], "size": size}
    found = yield in_browser("labs/stacking/arithmetic.js", "outlineOf")(known, sent)
    outlines, broken = outlined(stack, size)
    assert len(found) == len(stack)
    for mine, theirs in zip(found[: len(outlines)], outlines, strict=True):
        rows = theirs.receptive_field.rows
        assert mine["name"] == theirs.name
        assert tuple(mine["shape"]) == theirs.shape[1:]
        assert mine["formula"] == theirs.formula
        assert mine["parameters"] == theirs.parameters
        assert mine["multiplyAdds"] == theirs.multiply_adds
        assert mine["field"] == [rows.size, rows.stride, rows.offset]
    rest = found[len(outlines) :]
    assert bool(rest) == (broken is not None)
    if broken is not None:
        assert broken.layer == len(outlines)
        assert rest[0]["why"]
        assert all(each["idle"] for each in rest[1:])
    broke.append(broken is not None)


CHANGED = in_browser("canvas/photo.js", "changedPhoto")
CHANGES = Built(
    dict,
    {
        "right": st.integers(-16, 16),
        "down": st.integers(-16, 16),
        "turn": st.one_of(st.just(0), st.integers(-180, 180)),
        "blur": st.integers(0, 8).map(lambda half: half / 2),
        "grey": st.booleans(),
        "shuffle": st.sampled_from(TILES),
    },
)


@for_any(change=CHANGES, size=st.integers(2, 24), seed=st.integers(0, 2**32 - 1))
def test_a_photo_is_changed_alike(change: dict[str, Any], size: int, seed: int) -> Law:
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)
    photo = torch.from_numpy(pixels.transpose(2, 0, 1) / 255)
    named = {name: value for name, value in change.items() if name != "shuffle"}
    expected = 255 * Change(**named, tile=change["shuffle"])(photo).numpy()
    levels = yield CHANGED(pixels.ravel().tolist(), size, change)
    found = np.array(levels).reshape(pixels.shape)
    assert np.abs(found.transpose(2, 0, 1) - expected).max() < 0.5 + 1e-6


@pytest.mark.parametrize("edge", [1, 2, 5, 16, 64])
def test_squares_swap_places_alike(bare: Bare, edge: int) -> None:
    """Every pixel of a photo is another one: where each goes is seen."""
    numbers = np.arange(edge * edge)
    pixels = np.stack([numbers % 256, numbers // 256, numbers * 0], -1).astype(np.uint8)
    change = {"right": 0, "down": 0, "turn": 0, "blur": 0, "grey": False, "shuffle": 1}
    found = bare("canvas/photo.js", "changedPhoto")(pixels.ravel().tolist(), edge, change)
    photo = torch.from_numpy(pixels.reshape(edge, edge, 3).transpose(2, 0, 1).astype(np.float64))
    expected = Change(tile=1)(photo).numpy().transpose(1, 2, 0).ravel()
    assert found == expected.tolist()
