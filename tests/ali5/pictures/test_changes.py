"""The changes of a photograph, and the same ones of the maps of a layer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ali5.graph.geometry import PIXEL
from ali5.labs.stack.layers import read_stack
from ali5.labs.stack.photo import take_photo
from ali5.labs.stack.run import run_stack
from ali5.pictures.changes import Change, blur, shuffled
from ali5.pictures.samples import open_sample

SIZE = 64
PHOTO = take_photo(open_sample("coffee"), SIZE)


def test_changes_are_those_of_torch() -> None:
    assert torch.equal(Change(turn=90)(PHOTO), torch.rot90(PHOTO, 1, (1, 2)))
    assert torch.equal(Change(turn=-90)(PHOTO), torch.rot90(PHOTO, -1, (1, 2)))
    assert torch.equal(Change(turn=180)(PHOTO), PHOTO.flip(1, 2))
    moved = Change(right=3, down=-2)(PHOTO)
    assert torch.equal(moved[:, :-2, 3:], PHOTO[:, 2:, :-3])
    assert torch.equal(moved[:, :-2, 0], PHOTO[:, 2:, 0])  # the edge is repeated
    half = Change(right=0.5)(PHOTO)
    assert torch.allclose(half[:, :, 1:], (PHOTO[:, :, 1:] + PHOTO[:, :, :-1]) / 2)
    for tile in (1, 5, 16):
        mixed = Change(tile=tile)(PHOTO)
        edge = SIZE // tile * tile
        assert not torch.equal(mixed, PHOTO)
        assert torch.equal(mixed[:, edge:], PHOTO[:, edge:])
        for channel in range(3):
            found, known = (each[channel, :edge, :edge].flatten() for each in (mixed, PHOTO))
            assert torch.equal(found.sort().values, known.sort().values)


def test_a_blur_is_a_gaussian() -> None:
    dot = torch.zeros(1, 41, 41, dtype=torch.float64)
    dot[0, 20, 20] = 1
    spread = blur(dot, 2.5)[0]
    along = torch.arange(41) - 20.0
    assert float(spread.sum()) == pytest.approx(1)
    variance = float((spread.sum(0) * along**2).sum())
    assert variance == pytest.approx(2.5**2, rel=0.05)
    assert torch.allclose(spread, spread.mT)
    flat = torch.full((2, 9, 9), 0.3)
    assert torch.allclose(blur(flat, 3), flat)
    assert torch.equal(blur(flat, 0), flat)


@given(st.integers(0, 3000))
def test_shuffling_loses_nothing(count: int) -> None:
    order = shuffled(count)
    assert sorted(order.tolist()) == list(range(count))


def test_a_grey_photo_keeps_the_luminance_of_pillow() -> None:
    grey = Change(grey=True)(PHOTO)
    pixels = (PHOTO * 255).byte().permute(1, 2, 0).numpy()
    known = np.asarray(Image.fromarray(pixels).convert("L"), np.float32) / 255
    assert np.abs(grey[0].numpy() - known).max() < 1 / 255  # to within its rounding


def test_a_map_is_changed_where_its_units_look() -> None:
    # Two by two pooling: a shift of four pixels is one of two on the map.
    layers, _ = read_stack("avg2")
    step = run_stack(layers, PHOTO)[0]
    moved = Change(4).on_maps(step.output[0], step.receptive_field, SIZE)
    assert torch.equal(moved[:, :, 2:], step.output[0][:, :, :-2])
    half = Change(1).on_maps(step.output[0], step.receptive_field, SIZE)
    expected = (step.output[0][:, :, 1:] + step.output[0][:, :, :-1]) / 2
    assert torch.allclose(half[:, :, 1:], expected)
    turned = Change(turn=90).on_maps(step.output[0], step.receptive_field, SIZE)
    assert torch.equal(turned, torch.rot90(step.output[0], 1, (1, 2)))
    assert torch.equal(Change(turn=90).on_maps(PHOTO, PIXEL, SIZE), torch.rot90(PHOTO, 1, (1, 2)))


def test_a_blur_counts_pixels_of_the_photo() -> None:
    assert torch.equal(Change(blur=1.5)(PHOTO), blur(PHOTO, 1.5))
    step = run_stack(read_stack("avg2")[0], PHOTO)[0]
    blurred = Change(blur=3).on_maps(step.output[0], step.receptive_field, SIZE)
    assert torch.equal(blurred, blur(step.output[0], 1.5))
