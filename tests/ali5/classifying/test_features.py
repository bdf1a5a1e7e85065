"""The feature vector of a picture at a step: the mean of each map, or the vector as it is."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

import ali5
from ali5.classifying.features import (
    PIXELS_EDGE,
    feature_vector,
    feature_vectors,
    features_of,
    last_step,
)
from ali5.pictures.samples import open_sample
from tests.conftest import COMPACT, EDITIONS, filled_quickly, loaded

NAMES = ("cat", "coffee", "barn")


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    return [open_sample(name) for name in NAMES]


@pytest.mark.parametrize("name", COMPACT)
def test_it_is_the_mean_of_each_map_and_a_vector_as_it_is(
    name: str, pictures: list[Image.Image]
) -> None:
    network = loaded(name)
    found = feature_vectors(network, pictures)
    for each, picture in zip(found, pictures, strict=True):
        trace = ali5.trace(network, picture)
        assert list(each.steps) == [step.name for step in trace.steps]
        for step in trace.steps:
            output = step.output[0]
            mean = output if output.ndim == 1 else output.flatten(1).mean(1)
            scale = float(output.abs().max())
            torch.testing.assert_close(feature_vector(step), mean, rtol=1e-5, atol=1e-6 * scale)
            torch.testing.assert_close(
                torch.from_numpy(each[step.name]), mean, rtol=1e-4, atol=1e-5 * scale
            )


@pytest.mark.parametrize("name", COMPACT)
def test_the_pixels_are_the_prepared_picture(name: str, pictures: list[Image.Image]) -> None:
    network = loaded(name)
    assert network.edition.preprocessing.size <= PIXELS_EDGE
    for each, picture in zip(feature_vectors(network, pictures), pictures, strict=True):
        np.testing.assert_array_equal(each.pixels, network.prepare(picture).flatten().numpy())


def test_larger_pictures_are_averaged_down(pictures: list[Image.Image]) -> None:
    network = ali5.load("alexnet", "paper", device="cpu")
    (found,) = feature_vectors(network, pictures[:1])
    assert found.pixels.shape == (3 * PIXELS_EDGE**2,)
    prepared = network.prepare(pictures[0])
    smaller = functional.adaptive_avg_pool2d(prepared, PIXELS_EDGE)
    np.testing.assert_array_equal(found.pixels, smaller.flatten().numpy())
    assert found.pixels.mean() == pytest.approx(float(prepared.mean()), abs=0.02)


def test_together_is_the_same_as_one_at_a_time(pictures: list[Image.Image]) -> None:
    network = ali5.load("googlenet", "compact", device="cpu")
    together = feature_vectors(network, pictures)
    for each, picture in zip(together, pictures, strict=True):
        (alone,) = feature_vectors(network, [picture])
        for step, vector in alone.steps.items():
            np.testing.assert_allclose(each[step], vector, rtol=1e-3, atol=1e-5)


def test_the_network_is_only_read_and_several_may_read_it(pictures: list[Image.Image]) -> None:
    network = ali5.load("alexnet", "compact", device="cpu")
    before = {name: value.clone() for name, value in network.module.state_dict().items()}
    found: list[list[ali5.Features]] = []
    threads = [
        threading.Thread(target=lambda: found.append(feature_vectors(network, pictures)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            for step, vector in one.steps.items():
                np.testing.assert_array_equal(vector, two[step])
    assert all(torch.equal(before[name], v) for name, v in network.module.state_dict().items())
    assert not any(module._forward_hooks for module in network.module.modules())
    assert not any(parameter.requires_grad for parameter in network.module.parameters())


class Deciding(nn.Module):
    """Its graph depends on the picture, and it takes one picture at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        assert len(x) == 1
        x = self.conv(x)
        x = x.relu() if float(x.detach().mean()) > 0 else x.abs()
        return self.head(x.mean((2, 3)))


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.conv(x).relu().mean((2, 3)).view(1, 4))  # for one picture only


@pytest.mark.parametrize("module", [Deciding, Plain])
def test_a_module_of_the_users_own_gets_one_picture_at_a_time(
    module: type[nn.Module], pictures: list[Image.Image]
) -> None:
    network = ali5.wrap(module().eval(), size=16)
    assert network.readable == (module is Plain)
    found = feature_vectors(network, pictures)
    for each, picture in zip(found, pictures, strict=True):
        trace = ali5.trace(network, picture)
        torch.testing.assert_close(
            torch.from_numpy(each["conv"]), trace["conv"].output[0].mean((1, 2))
        )
        np.testing.assert_array_equal(each["head"], features_of(trace)["head"])


def test_what_is_no_number_is_kept_as_it_is(pictures: list[Image.Image]) -> None:
    module = Plain().eval()
    with torch.no_grad():
        module.conv.bias[1] = float("nan")
    (found,) = feature_vectors(ali5.wrap(module, size=16), pictures[:1])
    assert np.isnan(found["conv"]).tolist() == [False, True, False, False]


def test_a_picture_holds_only_its_own_memory(pictures: list[Image.Image]) -> None:
    found = feature_vectors(loaded("lenet5"), pictures)
    for each in found:
        assert all(vector.base is None for vector in (each.pixels, *each.steps.values()))
        assert each.nbytes == each.pixels.nbytes + 4 * sum(map(len, each.steps.values()))


def test_no_pictures_are_no_features() -> None:
    assert feature_vectors(loaded("lenet5"), []) == []


def test_a_network_in_training_mode_is_refused(pictures: list[Image.Image]) -> None:
    network = ali5.load("lenet5", "compact", device="cpu")
    network.module.train()
    with pytest.raises(ali5.Ali5Error, match="training mode"):
        feature_vectors(network, pictures)


def test_every_edition_has_features() -> None:
    """On a digit, where the largest networks are quick enough: one forward pass each."""
    for name, edition in EDITIONS:
        if edition == "torchvision" or name in ("vgg16", "resnet50"):
            continue  # as large as they are, they have the same kinds of step
        network = filled_quickly(name, edition)
        (found,) = feature_vectors(network, [open_sample("digit-3")])
        assert all(
            vector.ndim == 1 and vector.dtype == np.float32 for vector in found.steps.values()
        )


@pytest.mark.parametrize(
    ("name", "edition", "step"),
    [
        ("lenet5", "compact", "tanh6"),
        ("alexnet", "compact", "relu7"),
        ("googlenet", "compact", "pool5"),
        ("resnet18", "compact", "avgpool"),
    ],
)
def test_the_last_step_is_what_the_classifier_reads(name: str, edition: str, step: str) -> None:
    network = ali5.load(name, edition, device="cpu")
    assert last_step(ali5.trace(network, open_sample("cat"))) == step


def test_where_places_are_left_the_classifier_reads_the_flat_list() -> None:
    class Flat(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.head = nn.Linear(4 * 14 * 14, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.conv(x).flatten(1))

    trace = ali5.trace(ali5.wrap(Flat().eval(), size=16), open_sample("cat"))
    assert last_step(trace) == "flatten"
