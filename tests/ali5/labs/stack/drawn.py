"""Layers and stacks as Hypothesis draws them, and the same in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from torch import nn

from ali5.graph.layers import ScaledTanh
from ali5.labs.stack.bank import fill_kernels
from ali5.labs.stack.layers import (
    Convolution,
    FirstBatchNorm,
    FirstConvolution,
    Layer,
    Pooling,
    Rectifier,
    ResponseNorm,
    Squashing,
    first_networks,
    normalised_networks,
)
from ali5.networks.networks import Network


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
NAMED = st.sampled_from(first_networks())
ANY = st.one_of(
    OWN,
    st.builds(FirstBatchNorm, st.sampled_from(normalised_networks())),
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
