"""Receptive fields: published anchors, hand-worked cases, and gradients."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import ali5
from ali5.graph.geometry import Span, Window
from ali5.graph.layers import ScaledTanh
from ali5.graph.plan import read_plan
from tests.conftest import COMPACT, meta_input, on_meta

# Araujo, Norris, Sim 2019, table 1, and torchvision's ResNet-50 with its stride in the 3x3.
ANCHORS = [
    ("alexnet", "torchvision", "pool5", 195, 32),
    ("alexnet", "paper", "pool5", 195, 32),
    ("vgg16", "paper", "pool5", 212, 32),
    ("vgg16", "torchvision", "pool5", 212, 32),
    ("resnet50", "paper", "layer4.2.relu_3", 483, 32),
    ("resnet50", "torchvision", "layer4.2.relu_3", 427, 32),
]


@pytest.mark.parametrize(("name", "edition", "step", "size", "stride"), ANCHORS)
def test_published_receptive_fields(
    name: str, edition: str, step: str, size: int, stride: int
) -> None:
    network = on_meta(name, edition)
    field = ali5.trace(network, meta_input(network))[step].receptive_field
    assert (field.size, field.stride) == (size, stride)


def test_lenet_by_hand() -> None:
    network = on_meta("lenet5", "paper")
    trace = ali5.trace(network, meta_input(network))
    fields = {step.name: step.receptive_field for step in trace.steps}
    assert [(fields[n].size, fields[n].stride, fields[n].offset) for n in ("C1", "S2", "C3")] == [
        (5, 1, 0),
        (6, 2, 0),
        (14, 2, 0),
    ]
    assert (fields["S4"].size, fields["S4"].stride) == (16, 4)
    assert fields["C5"].size == 32  # a unit of C5 sees the whole field
    assert fields["S4"].box(1, 2) == (4, 8, 20, 24)


def test_padding_moves_the_field_out_of_the_picture() -> None:
    assert Span(1, 1, 0).through(Window(3, 1, 1)) == Span(3, 1, -1)
    assert Span(3, 1, -1).through(Window(2, 2)) == Span(4, 2, -1)
    assert Span(1, 1, 0).through(Window(3, 1, 2, dilation=2)) == Span(5, 1, -2)
    assert Span(6, 2, -1).whole(10) == Span(24, 0, -1)


@given(
    kernels=st.lists(st.tuples(st.integers(1, 7), st.integers(1, 3), st.integers(0, 3)), max_size=6)
)
def test_fields_of_a_chain_grow_by_kernel_times_stride(
    kernels: list[tuple[int, int, int]],
) -> None:
    span, size, jump, start = Span(1, 1, 0), 1, 1, 0
    for kernel, stride, padding in kernels:
        span = span.through(Window(kernel, stride, padding))
        size, start, jump = size + (kernel - 1) * jump, start - padding * jump, jump * stride
    assert span == Span(size, jump, start)


def open_up(module: nn.Module) -> None:
    """Let every path carry a positive gradient: no ReLU closes, no pooling picks, no sum cancels.

    What a unit can see stays the same.
    """
    for part in module.modules():
        for name, child in part.named_children():
            if isinstance(child, nn.ReLU | ScaledTanh | nn.LocalResponseNorm):
                setattr(part, name, nn.Identity())
            elif isinstance(child, nn.MaxPool2d):
                window = child.kernel_size, child.stride, child.padding, child.ceil_mode
                setattr(part, name, nn.AvgPool2d(*window))
    for parameter in module.parameters():
        parameter.data = parameter.data.abs() + 0.01


@pytest.mark.parametrize(
    ("name", "edition"), [*((name, "compact") for name in COMPACT), ("resnet50", "paper")]
)
def test_the_gradient_is_nonzero_exactly_in_the_receptive_field(name: str, edition: str) -> None:
    network = ali5.load(name, edition, weights="untrained", device="cpu")
    size = network.edition.preprocessing.size
    fields = {
        step.name: step.receptive_field
        for step in ali5.trace(
            network, torch.zeros(1, network.edition.preprocessing.channels, size, size)
        ).steps
    }
    open_up(network.module.double())
    image = torch.rand(1, network.edition.preprocessing.channels, size, size, dtype=torch.double)
    image.requires_grad_()
    steps = list(read_plan(network.module).execute(image))
    maps = [(planned.name, value) for planned, value in steps[1:] if value.ndim == 4]
    chosen = maps if edition == "compact" else maps[:: len(maps) // 6]
    for step, value in chosen:
        height, width = value.shape[2:]
        for row, column in {(height // 2, width // 3), (0, width - 1)}:
            (gradient,) = torch.autograd.grad(
                value[0, :, row, column].sum(), image, retain_graph=True
            )
            seen = gradient[0].abs().sum(0).nonzero()
            top, left = seen.amin(0).tolist()
            bottom, right = (seen.amax(0) + 1).tolist()
            box = fields[step].box(row, column)
            clipped = (*(max(0, edge) for edge in box[:2]), *(min(size, edge) for edge in box[2:]))
            assert (top, left, bottom, right) == clipped, f"{step} at {row}, {column}"
