"""A stack as text, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ali5.labs.stack.layers import (
    Convolution,
    Layer,
    Pooling,
    Rectifier,
    read_stack,
    write_stack,
)
from tests.ali5.labs.stack.drawn import ANY


@given(st.lists(ANY, max_size=12))
def test_a_stack_survives_being_written(layers: list[Layer]) -> None:
    assert read_stack(write_stack(layers)) == (tuple(layers), ())


def test_the_text_of_a_stack_is_short_and_readable() -> None:
    text = "conv8k5s2p2,relu,max3s2p1,conv16k3,tanh,avg2,resnet18p2,bnresnet18,lrn,max3s2c"
    layers, dropped = read_stack(text)
    assert not dropped
    assert write_stack(layers) == text
    assert layers[0] == Convolution(8, 5, 2, 2)
    assert layers[2] == Pooling("max", 3, 2, 1)
    assert layers[5] == Pooling("average", 2, 2)
    assert layers[9] == Pooling("max", 3, 2, 0, over=True)
    assert write_stack(()) == "nothing"
    assert read_stack("nothing") == ((), ())


@pytest.mark.parametrize(
    "part",
    [
        *("conv33k3", "conv0k3", "conv8k12", "conv8k3s5", "conv8k3p3", "conv8", "conv8k3s"),
        *(
            "max9",
            "max0",
            "max3p2",
            "median3",
            "<b>",
            "",
            "resnet50",
            "lenet5s0",
            "bnvgg16",
            "bnvgg11",
        ),
        "conv8k3" + "9" * 5000,
    ],
)
def test_what_is_no_layer_is_left_out_and_named(part: str) -> None:
    assert read_stack(f"relu,{part},relu") == ((Rectifier(), Rectifier()), (part,))


def test_only_twelve_layers_are_read() -> None:
    layers, dropped = read_stack(",".join(["relu"] * 14))
    assert len(layers) == 12
    assert dropped == ("relu", "relu")
