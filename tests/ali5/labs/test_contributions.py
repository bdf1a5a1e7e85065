"""The terms behind a logit difference and behind a softmax, against PyTorch."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import ali5
from ali5.labs.contributions import Contributions, contributions
from ali5.labs.softmax import softmax
from ali5.pictures.samples import open_sample
from tests.conftest import COMPACT, EDITIONS

COMPACT_NETWORKS = [(name, edition) for name, edition in EDITIONS if edition == "compact"]
OTHERS = [("lenet5", "colour"), ("googlenet", "torchvision"), ("resnet50", "paper")]


def ends_in_an_average(trace: ali5.Trace) -> bool:
    """Whether the last layer weighs the means of maps, and nothing between."""
    step = trace[trace[trace.steps[-1].inputs[0]].inputs[0]]
    while step.output.ndim == 2 and step.operation != "linear":
        step = trace[step.inputs[0]]
    return step.operation == "average pooling" and step.shape[2:] == (1, 1)


def assert_adds_up(trace: ali5.Trace, found: Contributions) -> None:
    logits = trace[trace.steps[-1].inputs[0]].output[0].double()
    total = float(logits[found.a] - logits[found.b])
    size = max(1.0, float(found.products.abs().sum()))
    assert found.total == pytest.approx(total, abs=1e-12)
    assert float(found.products.sum()) + found.bias == pytest.approx(total, abs=1e-5 * size)
    assert float(found.by_channel.sum()) + found.bias == pytest.approx(total, abs=1e-5 * size)
    if found.regions is not None:
        assert float(found.regions.sum()) + found.bias == pytest.approx(total, abs=1e-5 * size)


@pytest.mark.parametrize(("name", "edition"), COMPACT_NETWORKS + OTHERS)
def test_the_terms_add_up_to_the_logit_difference(name: str, edition: str) -> None:
    network = ali5.load(name, edition, device="cpu")
    trace = ali5.trace(network, open_sample("coffee"))
    last = len(network.labels) - 1
    for a, b in ((None, None), (0, last), (last, 3)):
        found = contributions(trace, a, b)
        assert_adds_up(trace, found)
        assert (found.regions is not None) == ends_in_an_average(trace)
        assert found.averaged == ends_in_an_average(trace)
        if found.maps is not None:
            # By convolution: the weights of the last layer as a 1 x 1 kernel over the maps.
            kernel = found.weights[None, :, None, None]
            spread = F.conv2d(found.maps[None], kernel)[0, 0] / found.maps[0].numel()
            assert found.regions is not None
            assert torch.allclose(found.regions, spread, atol=1e-12)
            step = trace[found.source]
            assert torch.equal(step.output[0].double(), found.maps)


def test_every_compact_network_was_asked() -> None:
    assert sorted(name for name, _ in COMPACT_NETWORKS) == sorted(COMPACT)


def test_without_names_the_two_most_likely_classes_are_compared() -> None:
    network = ali5.load("resnet18", device="cpu")
    trace = ali5.trace(network, open_sample("coffee"))
    first, second = trace.predictions(2)
    found = contributions(trace)
    assert network.labels[found.a] == first.label
    assert network.labels[found.b] == second.label
    assert contributions(trace, b=found.a).a == found.b
    other = contributions(trace, found.b, found.a)
    assert other.total == -found.total
    assert torch.equal(other.products, -found.products)


class Odd(nn.Module):
    """A convolution and a head of some kind."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.head = head
        self.maps = nn.Conv2d(1, 6, 3, padding=1)
        self.full = nn.Linear(6 if head != "flat" else 6 * 16, 3, bias=head != "no bias")
        self.last = nn.Conv2d(6, 3, 1)
        self.identity = nn.Identity()

    def forward(self, image: Tensor) -> Tensor:
        maps = F.avg_pool2d(torch.relu(self.maps(image)), 2)
        if self.head == "flat":
            return self.full(maps.flatten(1))  # type: ignore[no-any-return]
        if self.head == "mean":
            return self.full(maps.mean((2, 3)))  # type: ignore[no-any-return]
        if self.head == "largest":
            return self.full(F.adaptive_max_pool2d(maps, 1).flatten(1))  # type: ignore[no-any-return]
        if self.head == "convolution":
            return self.last(maps).mean((2, 3))  # type: ignore[no-any-return]
        if self.head == "scaled":
            return 3 * self.full(maps.mean((2, 3)))  # type: ignore[no-any-return]
        if self.head == "unreadable" and float(image.sum()) < 1e9:
            return self.identity(self.full(maps.mean((2, 3))))  # type: ignore[no-any-return]
        pooled = F.adaptive_avg_pool2d(maps, 1)
        return self.identity(self.full(pooled.view(1, -1)))  # type: ignore[no-any-return]


class Doubling(nn.Linear):
    """A fully connected layer that does more than its weights say."""

    def forward(self, features: Tensor) -> Tensor:
        return 2 * super().forward(features)


def trace_of(head: str) -> ali5.Trace:
    torch.manual_seed(3)
    network = ali5.wrap(Odd(head), ["one", "two", "three"], size=8, device="cpu")
    return ali5.trace(network, open_sample("coffee"))


@pytest.mark.parametrize(
    ("head", "averaged"),
    [("mean", True), ("view", True), ("no bias", True), ("unreadable", True), ("flat", False)],
)
def test_an_own_network_is_read_by_what_it_does(head: str, averaged: bool) -> None:
    trace = trace_of(head)
    found = contributions(trace, 2, 0)
    assert_adds_up(trace, found)
    assert found.averaged == averaged
    assert found.maps is not None
    assert found.maps.shape == (6, 4, 4)
    assert (found.bias == 0) == (head == "no bias")


def test_features_that_are_maxima_have_no_map_of_regions() -> None:
    found = contributions(trace_of("largest"), 0, 1)
    assert_adds_up(trace_of("largest"), found)
    assert found.maps is None
    assert found.regions is None
    assert torch.equal(found.by_channel, found.products)


@pytest.mark.parametrize("head", ["convolution", "scaled"])
def test_a_network_with_another_last_step_gets_a_sentence(head: str) -> None:
    with pytest.raises(ali5.Ali5Error, match="not a fully connected layer"):
        contributions(trace_of(head))


def test_a_last_layer_that_does_more_than_its_weights_say_gets_a_sentence() -> None:
    module = Odd("unreadable")
    module.full = Doubling(6, 3)
    network = ali5.wrap(module, size=8, device="cpu")
    with pytest.raises(ali5.Ali5Error, match="does more than a fully connected layer"):
        contributions(ali5.trace(network, open_sample("coffee")))
    broken = Odd("mean")
    nn.init.constant_(broken.full.bias, math.nan)
    network = ali5.wrap(broken, size=8, device="cpu")
    with pytest.raises(ali5.Ali5Error, match="not finite"):
        contributions(ali5.trace(network, open_sample("coffee")))


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [(1, 1, "the same class"), (-1, 0, "0 to 2, not -1"), (0, 3, "b must be .* 0 to 2, not 3")],
)
def test_classes_that_cannot_be_compared_get_a_sentence(a: int, b: int, words: str) -> None:
    with pytest.raises(ali5.Ali5Error, match=words):
        contributions(trace_of("mean"), a, b)


LOGITS = st.lists(st.floats(-60, 60), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(LOGITS, st.floats(0.1, 10), st.floats(-20, 20))
def test_softmax_is_that_of_pytorch_and_blind_to_a_constant(
    values: list[float], temperature: float, constant: float
) -> None:
    logits = torch.tensor(values, dtype=torch.float64)
    found = softmax(logits, temperature)
    expected = torch.softmax(logits / temperature, 0)
    assert torch.allclose(found.shares, expected, atol=1e-12)
    assert float(found.shares.sum()) == pytest.approx(1)
    assert float(found.shifted.max()) == 0
    assert 1 <= found.total <= len(values) + 1e-9
    moved = softmax(logits + constant, temperature)
    assert torch.allclose(moved.shares, found.shares, atol=1e-9)


def test_a_small_temperature_decides_and_a_large_one_evens_out() -> None:
    logits = torch.tensor([2.0, 1.0, -1.0])
    assert float(softmax(logits, 0.01).shares[0]) == pytest.approx(1)
    assert torch.allclose(softmax(logits, 1e6).shares, torch.full((3,), 1 / 3).double(), atol=1e-5)
    by_hand = [math.exp(0), math.exp(-0.5), math.exp(-1.5)]
    assert softmax(logits, 2).exponentials.tolist() == pytest.approx(by_hand)


@pytest.mark.parametrize("temperature", [0, -1, math.nan, math.inf])
def test_an_impossible_temperature_gets_a_sentence(temperature: float) -> None:
    with pytest.raises(ali5.Ali5Error, match="above zero"):
        softmax(torch.tensor([1.0]), temperature)


@pytest.mark.parametrize("logits", [torch.zeros(0), torch.zeros(2, 2), torch.tensor([math.inf])])
def test_impossible_logits_get_a_sentence(logits: Tensor) -> None:
    with pytest.raises(ali5.Ali5Error, match="logits must be"):
        softmax(logits)
