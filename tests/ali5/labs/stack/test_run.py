"""The maps of a stack are those of PyTorch."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import ali5
from ali5.errors import StackBroken
from ali5.labs.stack.layers import (
    Layer,
    Rectifier,
)
from ali5.labs.stack.outline import outline_stack
from ali5.labs.stack.run import run_stack
from tests.ali5.labs.stack.drawn import OWN, as_modules


@settings(max_examples=120, deadline=None)
@given(st.lists(OWN, max_size=6), st.integers(1, 40))
def test_sizes_and_maps_are_those_of_the_same_layers_in_pytorch(
    layers: list[Layer], size: int
) -> None:
    pixels = torch.randn(3, size, size, generator=torch.Generator().manual_seed(0))
    stack = as_modules(layers, 3, {})
    try:
        outlines = outline_stack(layers, 3, size)
    except StackBroken as error:
        where = error.layer
        if getattr(layers[where], "over", False):
            return  # PyTorch lets a window that is too large hang over; the engine does not
        with pytest.raises(RuntimeError, match=r"too small|greater than actual input size"):
            stack[where](stack[:where](pixels[None]))
        return
    steps = run_stack(layers, pixels)
    maps = pixels[None]
    assert len(steps) == len(outlines) == len(layers)
    for part, outline, step in zip(stack, outlines, steps, strict=True):
        maps = part(maps)
        assert outline.shape == step.shape == tuple(maps.shape)
        assert torch.allclose(step.output, maps, rtol=1e-4, atol=1e-5)
        assert outline.parameters == sum(value.numel() for value in part.parameters())
        assert (step.parameters, step.multiply_adds) == (outline.parameters, outline.multiply_adds)
        if isinstance(part, nn.Conv2d):
            products = maps.numel() * part.weight[0].numel()
            assert outline.multiply_adds == products
            assert outline.formula.endswith(f"= {maps.shape[2]}")


def test_a_stack_takes_square_pictures_only() -> None:
    with pytest.raises(ali5.Ali5Error, match="square picture"):
        run_stack([Rectifier()], torch.zeros(3, 4, 5))
