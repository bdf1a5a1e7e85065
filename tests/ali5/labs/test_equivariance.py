"""The equivariance meter on cases worked by hand, and the changes of a photograph."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor

from ali5.graph.geometry import PIXEL
from ali5.labs.equivariance import Meter, agreement, measure
from ali5.labs.stack.layers import read_stack
from ali5.labs.stack.stacks import normalise, run_stack, take_photo
from ali5.pictures.changes import Change, blur, shuffled
from ali5.pictures.samples import open_sample

SIZE = 64
PHOTO = take_photo(open_sample("coffee"), SIZE)


def meters_of(text: str, change: Change, photo: Tensor = PHOTO) -> list[Meter]:
    layers, dropped = read_stack(text)
    assert not dropped
    before = run_stack(layers, normalise(photo))
    after = run_stack(layers, normalise(change(photo)))
    return [
        measure(one.output[0], other.output[0], change, one.receptive_field, photo.shape[1])
        for one, other in zip(before, after, strict=True)
    ]


def equivariance_of(text: str, change: Change) -> float:
    found = meters_of(text, change)[-1].equivariance
    assert found is not None
    return found


EXACT = pytest.approx(1, abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(-16, 16),
    st.integers(-16, 16),
    st.sampled_from(["conv4k3", "conv4k5p2", "conv3k1,relu", "conv8k3p1,relu,conv4k3,tanh,lrn"]),
)
def test_with_stride_one_maps_move_along_exactly(right: int, down: int, stack: str) -> None:
    for meter in meters_of(stack, Change(right, down)):
        assert meter.equivariance == EXACT
        if (right, down) != (0, 0):
            assert meter.invariance is not None
            assert meter.invariance < 1


@pytest.mark.parametrize("stack", ["conv8k5s2p2,relu", "max2", "avg2", "conv4k3,relu,max3s2p1"])
def test_with_stride_two_only_even_shifts_are_exact(stack: str) -> None:
    for right in range(1, 9):
        found = equivariance_of(stack, Change(right, down=-2))
        assert (found == EXACT) is (right % 2 == 0), right
    assert equivariance_of(f"{stack},{stack}", Change(4, 8)) == EXACT
    assert equivariance_of(f"{stack},{stack}", Change(2, 8)) < 0.999


@pytest.mark.parametrize(
    "change",
    [
        *(Change(3, -2), Change(turn=30), Change(tile=1), Change(tile=8), Change(1.5, turn=-75)),
        Change(turn=90, tile=4, right=2),
    ],
)
def test_what_works_on_every_pixel_alone_is_equivariant_to_whatever_moves_whole_pixels(
    change: Change,
) -> None:
    whole = change.turn % 90 == 0 and change.right == int(change.right)
    if whole:
        assert equivariance_of("relu,tanh,relu", change) == EXACT
    # Between pixels there is interpolation, which a bend comes before or after.
    assert equivariance_of("relu", change) > 0.9
    # A 1 x 1 convolution is linear, and so commutes with interpolation too.
    assert equivariance_of("conv6k1", change) == EXACT


def test_shuffled_pixels_break_a_convolution_unless_it_sees_one_pixel_only() -> None:
    one, three = meters_of("conv8k1", Change(tile=1))[0], meters_of("conv8k3", Change(tile=1))[0]
    assert one.equivariance == EXACT
    assert three.equivariance is not None
    assert three.equivariance < 0.7
    by_tile = [equivariance_of("conv8k3", Change(tile=tile)) for tile in (1, 2, 4, 8, 16, 32)]
    assert by_tile == sorted(by_tile)  # the larger the tiles, the fewer windows lie across two
    assert by_tile[-1] < 0.999
    assert equivariance_of("max2", Change(tile=2)) == EXACT
    assert equivariance_of("max2,avg2", Change(tile=4)) == EXACT
    assert equivariance_of("max2,avg2", Change(tile=2)) < 0.9


def test_blur_commutes_with_a_convolution_of_stride_one_but_not_with_what_follows() -> None:
    change = Change(blur=1.5)
    meters = meters_of("conv8k5p2,relu,conv4k3", change)
    assert meters[0].equivariance == EXACT
    assert meters[1].equivariance is not None
    assert meters[1].equivariance < 0.999
    assert meters[0].invariance is not None
    assert meters[0].invariance < 0.99
    # An average notices a blur less than an edge does.
    assert (meters_of("avg7s1", change)[0].invariance or 0) > meters[0].invariance


def test_grey_has_no_counterpart_on_a_map_and_only_changes_what_sees_colours() -> None:
    meters = meters_of("conv8k5,relu", Change(grey=True))
    assert all(meter.equivariance is None for meter in meters)
    assert meters[0].invariance is not None
    assert meters[0].invariance < 0.99
    grey = Change(grey=True)(PHOTO)
    assert meters_of("conv8k5,relu", Change(grey=True), grey)[1].invariance == EXACT
    # The luminance that is kept is that of Pillow, to within its rounding.
    pixels = (PHOTO * 255).byte().permute(1, 2, 0).numpy()
    known = np.asarray(Image.fromarray(pixels).convert("L"), np.float32) / 255
    assert np.abs(grey[0].numpy() - known).max() < 1 / 255


def test_pooling_makes_maps_notice_a_shift_less() -> None:
    meters = meters_of("conv8k5p2,relu,max4,max2", Change(1))
    invariances = [meter.invariance or 0 for meter in meters[1:]]
    assert invariances == sorted(invariances)
    assert invariances[-1] > invariances[0] + 0.02


def test_a_layer_that_sees_all_has_nothing_to_compare() -> None:
    for change in (Change(20), Change(turn=45), Change(blur=3)):
        last = meters_of("conv4k11s2,max4,conv4k5", change)[-1]
        assert last == Meter(None, None, 0)


def test_nothing_changed_is_all_the_same() -> None:
    assert Change().is_none
    for meter in meters_of("conv8k3p1,relu,max2", Change()):
        assert meter.equivariance == meter.invariance == 1


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


def test_agreement_by_hand() -> None:
    a = torch.tensor([[0.0, 1, 2, 3]])
    assert agreement(a, a) == 1
    assert agreement(a, 3 - a) == pytest.approx(1 - 2**0.5)
    # Apart: 4. Both spread by 5 about their means, which are 1 apart: 5 + 5 + 4 = 14.
    assert agreement(a, a + 1) == pytest.approx(1 - (4 / 14) ** 0.5)
    # A channel whose values are swapped, one that is the same: 1 - 20 / (10 + 10).
    assert agreement(torch.cat([a, a]), torch.cat([a, 3 - a])) == pytest.approx(0)
    assert agreement(torch.ones(2, 5), torch.ones(2, 5)) == 1
    assert agreement(torch.ones(1, 5), torch.zeros(1, 5)) == pytest.approx(0)
    assert agreement(torch.ones(1, 0), torch.ones(1, 0)) is None
    noise = torch.randn(2, 1, 100_000, generator=torch.Generator().manual_seed(0))
    assert agreement(noise[0], noise[1]) == pytest.approx(0, abs=0.02)


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
    assert equivariance_of("avg2", Change(blur=3)) > 0.97
