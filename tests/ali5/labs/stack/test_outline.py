"""How far a unit of a stack sees, and why a stack breaks."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import ali5
from ali5.errors import StackBroken, UnknownName
from ali5.labs.stack.layers import (
    Convolution,
    FirstBatchNorm,
    Layer,
    Pooling,
    read_stack,
)
from ali5.labs.stack.outline import outline_stack
from ali5.networks.networks import Network
from tests.ali5.labs.stack.drawn import POOLINGS, as_modules, convolutions


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(convolutions(st.just(2)), POOLINGS), min_size=1, max_size=4))
def test_a_unit_sees_its_receptive_field_and_nothing_else(layers: list[Layer]) -> None:
    size = 40
    # Averages and positive kernels, so that every pixel seen has a gradient.
    layers = [
        Pooling("average", each.kernel, each.stride, each.padding, each.over)
        if isinstance(each, Pooling)
        else each
        for each in layers
    ]
    try:
        last = outline_stack(layers, 1, size)[-1]
    except StackBroken:
        return
    stack = as_modules(layers, 1, {})
    for part in stack:
        if isinstance(part, nn.Conv2d):
            part.weight.fill_(1)
    pixels = torch.zeros(1, 1, size, size, dtype=torch.float64, requires_grad=True)
    maps = stack.double()(pixels)
    row, column = maps.shape[2] // 2, maps.shape[3] // 2
    maps[0, 0, row, column].backward()
    seen = pixels.grad[0, 0].nonzero()
    top, left, bottom, right = last.receptive_field.box(row, column)
    inside = torch.tensor([[max(0, top), max(0, left)], [min(size, bottom), min(size, right)]])
    if len(seen):
        assert (seen.amin(0) >= inside[0]).all()
        assert (seen.amax(0) < inside[1]).all()
        hidden = any(
            each.stride > (each.kernel if hasattr(each, "kernel") else 1) for each in layers
        )
        if not hidden and top >= 0 and bottom <= size:
            assert (seen.amin(0) == inside[0]).all()
            assert (seen.amax(0) == inside[1] - 1).all()


def test_a_map_that_vanishes_is_explained_where_it_happens() -> None:
    layers, _ = read_stack("conv8k3,relu,max4,max4,conv8k5,relu")
    with pytest.raises(StackBroken) as caught:
        outline_stack(layers, 3, 32)
    assert caught.value.layer == 4
    words = str(caught.value)
    assert "vanishes at conv2: maps of 1 × 1 come in" in words
    assert "window of at most 1, a padding of at least 2" in words
    outline_stack(layers[:4], 3, 32)
    pooled, _ = read_stack("max8p4,max8")
    with pytest.raises(StackBroken, match=r"with a border of 1.*at most 3") as caught:
        outline_stack(read_stack("max2,max8,max2p1,max4p1")[0], 3, 16)
    assert caught.value.layer == 3
    assert outline_stack(pooled, 3, 60)[-1].shape == (1, 3, 1, 1)


def test_the_ways_out_that_are_offered_work() -> None:
    for size in range(1, 9):
        for kernel in range(size + 1, 12):
            with pytest.raises(StackBroken) as caught:
                outline_stack([Convolution(1, kernel)], 1, size)
            words = str(caught.value)
            most = int(words.partition("at most ")[2].partition(",")[0])
            assert outline_stack([Convolution(1, most)], 1, size)[0].shape[2] == 1
            padding = int(words.partition("padding of at least ")[2].partition(",")[0])
            assert outline_stack([Convolution(1, kernel, 1, padding)], 1, size)
            with pytest.raises(StackBroken):
                outline_stack([Convolution(1, kernel, 1, padding - 1)], 1, size)


def test_a_part_of_a_network_says_what_it_needs(networks: dict[str, Network]) -> None:
    layers, _ = read_stack("conv8k3,resnet18p2")
    with pytest.raises(StackBroken, match=r"ResNet-18 and looks at 3 channels, but 8 channels"):
        outline_stack(layers, 3, 64, networks)
    layers, _ = read_stack("resnet18p2,conv1k1,bnresnet18")
    with pytest.raises(StackBroken, match=r"32 channels, but 1 channel comes in") as caught:
        outline_stack(layers, 3, 64, networks)
    assert caught.value.layer == 2
    with pytest.raises(UnknownName, match="network for this stack"):
        outline_stack(layers, 3, 64)
    with pytest.raises(ali5.Ali5Error, match="has no batch normalisation"):
        outline_stack([FirstBatchNorm("vgg11")], 3, 64, networks)
