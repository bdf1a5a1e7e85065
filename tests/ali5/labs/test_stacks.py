"""Stacks of layers: sizes, kernels and maps against PyTorch, and the networks' first steps."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import ali5
from ali5.errors import StackBroken, UnknownName
from ali5.graph.layers import ScaledTanh
from ali5.labs.stack.layers import (
    FIRST_NETWORKS,
    NORMALISED_NETWORKS,
    Convolution,
    FirstBatchNorm,
    FirstConvolution,
    Layer,
    Pooling,
    Rectifier,
    ResponseNorm,
    Squashing,
    read_stack,
    write_stack,
)
from ali5.labs.stack.stacks import (
    fill_kernels,
    first_bank,
    first_stage,
    normalise,
    outline_stack,
    run_stack,
    stack_kernels,
    take_photo,
)
from ali5.networks.networks import Network, load
from ali5.pictures.samples import open_sample


def convolutions(channels: st.SearchStrategy[int]) -> st.SearchStrategy[Convolution]:
    return st.integers(1, 11).flatmap(
        lambda kernel: st.builds(
            Convolution, channels, st.just(kernel), st.integers(1, 4), st.integers(0, kernel - 1)
        )
    )


POOLINGS = st.integers(1, 8).flatmap(
    lambda kernel: st.builds(
        Pooling,
        st.sampled_from(["max", "average"]),
        st.just(kernel),
        st.integers(1, 8),
        st.integers(0, kernel // 2),
        st.booleans(),
    )
)
OWN = st.one_of(
    convolutions(st.integers(1, 32)),
    POOLINGS,
    st.sampled_from([Rectifier(), Squashing(), ResponseNorm()]),
)
NAMED = st.sampled_from(FIRST_NETWORKS)
ANY = st.one_of(
    OWN,
    st.builds(FirstBatchNorm, st.sampled_from(NORMALISED_NETWORKS)),
    st.builds(FirstConvolution, NAMED, st.integers(1, 4), st.integers(0, 10)),
)


PLAIN = {
    Rectifier: nn.ReLU,
    Squashing: ScaledTanh,
    ResponseNorm: lambda: nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
}


def part_of(layer: FirstConvolution | FirstBatchNorm, networks: dict[str, Network]) -> nn.Module:
    kind = nn.Conv2d if isinstance(layer, FirstConvolution) else nn.BatchNorm2d
    return next(part for part in networks[layer.network].module.modules() if type(part) is kind)


def as_modules(
    layers: Sequence[Layer], channels: int, networks: dict[str, Network]
) -> nn.Sequential:
    """Return a stack as PyTorch has it, with the same kernels: the oracle of these tests."""
    parts: list[nn.Module] = []
    borrowed: dict[int, nn.Module] = {}
    for layer in layers:
        if isinstance(layer, Convolution):
            settings = (layer.channels, layer.kernel, layer.stride, layer.padding)
            parts.append(nn.Conv2d(channels, *settings))
            channels = layer.channels
        elif isinstance(layer, FirstConvolution):
            own = part_of(layer, networks)
            assert isinstance(own, nn.Conv2d)
            channels = own.out_channels
            borrowed[len(parts)] = own
            settings = (channels, own.kernel_size[0], layer.stride, layer.padding)
            parts.append(nn.Conv2d(own.in_channels, *settings, bias=own.bias is not None))
        elif isinstance(layer, FirstBatchNorm):
            own = part_of(layer, networks)
            borrowed[len(parts)] = own
            parts.append(nn.BatchNorm2d(channels))
        elif isinstance(layer, Pooling):
            function = nn.MaxPool2d if layer.kind == "max" else nn.AvgPool2d
            window = (layer.kernel, layer.stride, layer.padding)
            parts.append(function(*window, ceil_mode=layer.over))
        else:
            parts.append(PLAIN[type(layer)]())
    stack = fill_kernels(nn.Sequential(*parts))
    for place, own in borrowed.items():
        stack[place].load_state_dict(own.state_dict())
    return stack


@pytest.fixture(scope="module")
def networks() -> dict[str, Network]:
    return {name: load(name, "compact", device="cpu") for name in FIRST_NETWORKS}


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


@pytest.mark.parametrize("name", FIRST_NETWORKS)
def test_the_first_stage_of_a_network_gives_its_own_maps(
    name: str, networks: dict[str, Network]
) -> None:
    network = networks[name]
    image = open_sample("digit-3" if name == "lenet5" else "coffee")
    trace = ali5.trace(network, image)
    layers = first_stage(network)
    size = network.edition.preprocessing.size
    pixels = normalise(take_photo(image, size, name))
    assert torch.equal(pixels[None], network.prepare(image))
    steps = run_stack(layers, pixels, networks)
    assert isinstance(layers[0], FirstConvolution)
    assert isinstance(layers[-1], Pooling)
    known = trace.steps[1 : 1 + len(steps)]
    for step, real in zip(steps, known, strict=True):
        assert step.operation is real.operation
        assert torch.allclose(step.output, real.output, rtol=1e-5, atol=1e-6)
        assert step.parameters == real.parameters
        assert step.multiply_adds == real.multiply_adds
        assert step.receptive_field == real.receptive_field
    stack = as_modules(layers, pixels.shape[0], networks)
    assert torch.allclose(stack(pixels[None]), known[-1].output, rtol=1e-5, atol=1e-6)
    assert read_stack(write_stack(layers)) == (layers, ())


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


def test_networks_with_a_batch_normalisation_are_known(networks: dict[str, Network]) -> None:
    found = [
        name
        for name, network in networks.items()
        if any(isinstance(part, nn.BatchNorm2d) for part in network.module.modules())
    ]
    assert tuple(found) == NORMALISED_NETWORKS


def test_a_stack_takes_square_pictures_only() -> None:
    with pytest.raises(ali5.Ali5Error, match="square picture"):
        run_stack([Rectifier()], torch.zeros(3, 4, 5))


@pytest.mark.parametrize("size", range(1, 12))
def test_fixed_filters_are_balanced_and_do_what_their_names_say(size: int) -> None:
    bank = dict(first_bank(size))
    assert len(bank) == (6 if size == 1 else 32 if size > 2 else len(bank))
    for title, weights in bank.items():
        positive, negative = float(weights.clamp(min=0).sum()), float(weights.clamp(max=0).sum())
        assert max(positive, -negative) == pytest.approx(1, abs=1e-5)
        plain = title in ("bright", "dark")
        assert positive + negative == pytest.approx(
            {"bright": 1, "dark": -1}.get(title, 0), abs=1e-5
        ), (title, plain)
    ramp = torch.arange(float(size)).repeat(3, size, 1)
    if size > 1:
        assert float((bank["brighter to the right"] * ramp).sum()) > 0
        assert float((bank["brighter to the left"] * ramp).sum()) < 0
        assert float((bank["brighter downwards"] * ramp.mT).sum()) > 0
    red = torch.zeros(3, size, size)
    red[0] = 1
    assert float((bank["red, not green"] * red).sum()) == pytest.approx(1, abs=1e-5)
    if size >= 3:
        stripe = torch.zeros(3, size, size)
        stripe[:, :, size // 2 if size % 2 else slice(size // 2 - 1, size // 2 + 1)] = 1
        assert float((bank["a bright upright line"] * stripe).sum()) > 0.2
        lying = float((bank["a bright lying line"] * stripe).sum())
        assert lying == pytest.approx(0, abs=0.2 if size == 4 else 0.05)


def test_random_kernels_keep_the_size_of_the_numbers_and_are_always_the_same() -> None:
    kernels = stack_kernels(1, 32, 16, 5)
    assert kernels.shape == (32, 16, 5, 5)
    assert float(kernels.var()) == pytest.approx(2 / (16 * 25), rel=0.05)
    assert torch.equal(kernels, stack_kernels(1, 32, 16, 5))
    assert not torch.equal(kernels, stack_kernels(2, 32, 16, 5))
    maps = torch.randn(1, 16, 32, 32, generator=torch.Generator().manual_seed(1)).relu()
    after = torch.conv2d(maps, kernels)
    assert float(after.square().mean() / maps.square().mean() / 2) == pytest.approx(1, rel=0.15)
