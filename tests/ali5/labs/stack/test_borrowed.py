"""Parts of the networks as layers of a stack."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import ali5
from ali5.labs.stack.borrowed import first_stage
from ali5.labs.stack.layers import (
    FirstConvolution,
    Pooling,
    first_networks,
    normalised_networks,
    read_stack,
    write_stack,
)
from ali5.labs.stack.photo import normalise, take_photo
from ali5.labs.stack.run import run_stack
from ali5.networks.networks import Network
from ali5.pictures.samples import open_sample
from tests.ali5.labs.stack.drawn import as_modules


@pytest.mark.parametrize("name", first_networks())
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


def test_the_first_stage_ends_before_what_no_layer_does() -> None:
    class Swishing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, padding=1)
            self.last = nn.Linear(4, 2)

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            maps = nn.functional.silu(self.conv(image))
            return self.last(maps.mean((2, 3)))

    network = ali5.wrap(Swishing(), size=16, device="cpu")
    assert first_stage(network) == (FirstConvolution("own", 1, 1),)


def test_networks_with_a_batch_normalisation_are_known(networks: dict[str, Network]) -> None:
    found = [
        name
        for name, network in networks.items()
        if any(isinstance(part, nn.BatchNorm2d) for part in network.module.modules())
    ]
    assert tuple(found) == normalised_networks()
