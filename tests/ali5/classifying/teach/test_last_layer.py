"""The network with its head."""

from __future__ import annotations

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.classifying.features import feature_vectors
from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.files import load_taught, write_taught
from ali5.classifying.teach.last_layer import Head, Trunk, fingerprint, trunk_of, with_head
from ali5.classifying.teach.teaching import Taught, teach
from ali5.errors import Ali5Error, WeightsError
from tests.conftest import EDITIONS

SMALL = [(name, edition) for name, edition in EDITIONS if edition in ("compact", "colour")]


@pytest.fixture(scope="module", params=SMALL, ids="-".join)
def trunk(request: pytest.FixtureRequest) -> Trunk:
    return trunk_of(ali5.load(*request.param, device="cpu"))


def own_head(network: ali5.Network, trunk: Trunk, classes: int) -> Head:
    last = network.module.get_submodule(trunk.path)
    assert isinstance(last, nn.Linear)
    names = tuple(f"c{number}" for number in range(classes))
    return Head(names, last.weight[:classes].detach(), last.bias[:classes].detach())


def test_a_network_with_its_own_head_back_on_is_the_same_network(
    trunk: Trunk, cat: Image.Image
) -> None:
    network = trunk.network
    again = with_head(trunk, own_head(network, trunk, len(network.labels)))
    assert torch.equal(again(cat), network(cat))
    assert again.edition.parameters == network.edition.parameters
    assert again.edition.multiply_adds == network.edition.multiply_adds


def test_with_another_head_all_other_steps_stay_and_the_last_reads_the_features(
    trunk: Trunk, cat: Image.Image
) -> None:
    network, head = trunk.network, own_head(trunk.network, trunk, 3)
    before = {name: value.clone() for name, value in network.module.state_dict().items()}
    short = with_head(trunk, head)
    one, other = ali5.trace(network, cat), ali5.trace(short, cat)
    assert [step.name for step in one.steps] == [step.name for step in other.steps]
    for step, same in zip(one.steps[:-2], other.steps[:-2], strict=True):
        assert torch.equal(step.output, same.output)
    last = other[trunk.step]
    assert last.weight is not None
    assert torch.equal(last.weight, head.weight)
    (features,) = trunk.look([cat])
    assert last.output[0] == pytest.approx((features @ head.weight.T + head.bias).numpy(), abs=1e-4)
    assert last.output[0] == pytest.approx(one[trunk.step].output[0, :3].numpy(), abs=1e-4)
    assert short.labels == ("c0", "c1", "c2")
    assert sum(step.parameters for step in other.steps) == short.edition.parameters
    assert sum(step.multiply_adds for step in other.steps) == short.edition.multiply_adds
    assert all(torch.equal(before[name], now) for name, now in network.module.state_dict().items())
    shared = {value.data_ptr() for value in network.module.parameters()}
    fresh = [value for value in short.module.parameters() if value.data_ptr() not in shared]
    assert sum(value.numel() for value in fresh) == head.weight.numel() + 3


def test_pictures_together_have_the_features_that_each_has_alone(
    trunk: Trunk, cat: Image.Image, digit: Image.Image
) -> None:
    both = trunk.look([cat, digit])
    assert both.shape == (2, trunk.features)
    for row, image in zip(both, (cat, digit), strict=True):
        assert torch.equal(row, trunk.look([image])[0])


def test_the_last_layer_reads_the_feature_vector_of_the_step_before_it(
    trunk: Trunk, cat: Image.Image
) -> None:
    (before,) = ali5.trace(trunk.network, cat)[trunk.step].inputs
    (vectors,) = feature_vectors(trunk.network, [cat])
    assert vectors[before] == pytest.approx(trunk.look([cat])[0].numpy(), abs=1e-6)


class Blinking(nn.Module):
    """Its forward pass depends on what is in the picture."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.fc = nn.Linear(4, 5)

    def forward(self, image: Tensor) -> Tensor:
        maps = self.conv(image)
        maps = maps if float(maps.sum()) > 0 else -maps
        return self.fc(maps.mean((2, 3)))


def own_module(*end: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), *end)


def test_a_module_of_one_s_own_can_be_taught() -> None:
    network = ali5.wrap(own_module(nn.Linear(32, 7)), size=32, device="cpu")
    taught = teach(network, example_groups("shapes"))
    assert (taught.network.weights, taught.network.own) == ("taught", True)
    assert ali5.trace(taught.network, example_groups("shapes")["stars"][0])["4"].shape == (1, 3)
    again = load_taught(write_taught(taught), network)
    assert again.digest == taught.digest
    with pytest.raises(WeightsError, match="none of the catalog"):
        load_taught(write_taught(taught))


def test_a_module_that_ends_with_a_softmax_is_taught_by_what_its_last_layer_reads(
    cat: Image.Image,
) -> None:
    module = own_module(nn.Linear(32, 7), nn.Softmax(1))
    network = ali5.wrap(module, size=32, device="cpu")
    trunk = trunk_of(network)
    with torch.inference_mode():
        read = module[:4](network.prepare(cat))
    assert torch.equal(trunk.look([cat]), read)
    head = own_head(network, trunk, 3)
    logits = read @ head.weight.T + head.bias
    predictions = ali5.trace(with_head(trunk, head), cat).predictions(3)
    assert [each.logit for each in predictions] == pytest.approx(
        sorted(logits[0].tolist(), reverse=True), abs=1e-5
    )


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (Blinking(), "depends on what is in its tensors"),
        (own_module(nn.Linear(32, 7), nn.LogSoftmax(1)), "not with a fully connected layer"),
        (nn.Sequential(nn.Conv2d(3, 8, 32), nn.Flatten()), "not with a fully connected layer"),
    ],
)
def test_a_network_without_a_last_layer_to_replace_is_refused(
    module: nn.Module, words: str
) -> None:
    network = ali5.wrap(module, size=32, device="cpu")
    with pytest.raises(Ali5Error, match=words):
        trunk_of(network)


def test_the_fingerprint_is_of_everything_but_the_head(lenet: ali5.Network, taught: Taught) -> None:
    assert fingerprint(trunk_of(taught.network)) == fingerprint(trunk_of(lenet))
    other = ali5.load("lenet5", "colour", "untrained", device="cpu")
    assert fingerprint(trunk_of(other)) != fingerprint(trunk_of(lenet))
