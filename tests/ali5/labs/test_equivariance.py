"""The equivariance meter, on cases worked by hand."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ali5.labs.equivariance import Meter, agreement, measure
from ali5.labs.stack.layers import read_stack
from ali5.labs.stack.photo import normalise, take_photo
from ali5.labs.stack.run import run_stack
from ali5.pictures.changes import Change
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
    assert equivariance_of("avg2", Change(blur=3)) > 0.97
    # An average notices a blur less than an edge does.
    assert (meters_of("avg7s1", change)[0].invariance or 0) > meters[0].invariance


def test_grey_has_no_counterpart_on_a_map_and_only_changes_what_sees_colours() -> None:
    meters = meters_of("conv8k5,relu", Change(grey=True))
    assert all(meter.equivariance is None for meter in meters)
    assert meters[0].invariance is not None
    assert meters[0].invariance < 0.99
    grey = Change(grey=True)(PHOTO)
    assert meters_of("conv8k5,relu", Change(grey=True), grey)[1].invariance == EXACT


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
