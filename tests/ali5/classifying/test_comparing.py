"""Several networks on one picture: the same answers as PyTorch's, honest costs, aligned stages."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

import ali5
from ali5.classifying.comparing import Answer, answer, band_of, compare, votes_of
from ali5.classifying.verdict import classify, verdict_of
from ali5.known.catalog import landmarks
from ali5.networks.networks import Network
from ali5.pictures.samples import open_sample
from ali5.tracing.walls import strongest_channels


@pytest.fixture(scope="module")
def six() -> list[Network]:
    return [
        ali5.load(name, "colour" if "colour" in known.editions else None, device="cpu")
        for name, known in landmarks().items()
    ]


@pytest.fixture(scope="module")
def answers(six: list[Network]) -> tuple[Answer, ...]:
    return compare(six, open_sample("coffee")).answers


def test_every_network_says_what_its_plain_forward_pass_says(
    six: list[Network], answers: tuple[Answer, ...]
) -> None:
    for network, found in zip(six, answers, strict=True):
        shares = network(open_sample("coffee"))[0]
        best = torch.topk(shares, 5)
        assert [p.label for p in found.verdict.predictions] == [
            network.labels[i] for i in best.indices
        ]
        assert [p.probability for p in found.verdict.predictions] == pytest.approx(
            best.values.tolist(), rel=1e-4
        )
        bits = -(shares.double() * shares.double().log2()).sum()
        assert found.verdict.entropy == pytest.approx(float(bits), rel=1e-4)
        assert found.verdict.choices == pytest.approx(2 ** float(bits), rel=1e-3)


def test_costs_are_those_of_the_catalog_and_of_the_trace(
    six: list[Network], answers: tuple[Answer, ...]
) -> None:
    for network, found in zip(six, answers, strict=True):
        assert found.parameters == network.edition.parameters
        assert found.multiply_adds == network.edition.multiply_adds
        assert found.activation_bytes == ali5.trace(network, open_sample("coffee")).nbytes
        assert 0 < found.seconds < 60


def test_a_stage_is_the_strongest_map_of_the_last_step_at_its_resolution(
    six: list[Network], answers: tuple[Answer, ...]
) -> None:
    for network, found in zip(six, answers, strict=True):
        trace = ali5.trace(network, open_sample("coffee"))
        inside = [step for step in trace.steps[1:-1] if step.name != trace.steps[-1].inputs[0]]
        assert {stage.band for stage in found.stages} == {band_of(step) for step in inside}
        for stage in found.stages:
            step = [each for each in inside if band_of(each) == stage.band][-1]
            strengths = step.output.abs().flatten(2).mean(2)[0] if step.output.ndim == 4 else None
            assert (stage.step, stage.shape) == (step.name, step.shape)
            if strengths is None:
                strengths = step.output[0].abs()
                codes = stage.wall.codes.reshape(-1)[: len(strengths)]
                assert codes.max() == codes[stage.channel]
            else:
                values = stage.wall.scales[0].decode(stage.wall.codes[0])
                high = stage.wall.scales[0].high - stage.wall.scales[0].low
                assert torch.from_numpy(values).sub(step.output[0, stage.channel]).abs().max() < (
                    high / 252
                )
            assert float(strengths[stage.channel]) == pytest.approx(float(strengths.max()))


@pytest.mark.parametrize(
    ("edge", "band"),
    [
        *((224, 256), (112, 128), (28, 32), (32, 32), (27, 32), (15, 16), (13, 16)),
        *((10, 8), (7, 8), (6, 8), (5, 4), (3, 4), (2, 2), (1, 0)),
    ],
)
def test_a_resolution_belongs_to_the_nearest_power_of_two(edge: int, band: int) -> None:
    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool, self.last = nn.AdaptiveAvgPool2d(edge), nn.LazyLinear(2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(self.pool(x).flatten(1))

    module = Pooled()
    module(torch.zeros(1, 3, 8, 8))
    step = ali5.trace(ali5.wrap(module, size=8), torch.zeros(1, 3, 8, 8))["pool"]
    assert band_of(step) == band


def test_entropy_by_hand() -> None:
    assert verdict_of(torch.zeros(4), "abcd").entropy == pytest.approx(2)
    assert verdict_of(torch.zeros(4), "abcd").choices == pytest.approx(4)
    certain = verdict_of(torch.tensor([0.0, 1e4, 0.0]), "abc")
    assert (certain.entropy, certain.best.label, certain.best.probability) == (0, "b", 1)
    halves = verdict_of(torch.tensor([0.5, 0.25, 0.25]).log(), "abc")
    assert halves.entropy == pytest.approx(1.5)


class Broken(nn.Module):
    """Answers with what is not a number."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x).mean((2, 3)) * math.nan


def test_not_a_number_is_no_vote_and_breaks_nothing() -> None:
    found = answer(ali5.wrap(Broken(), size=16), open_sample("cat"))
    assert math.isnan(found.verdict.entropy)
    assert not found.verdict.is_number
    assert votes_of([found]) == ()


def test_a_network_that_cannot_be_read_as_a_graph_is_compared_too() -> None:
    class Wilful(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.conv(x)
            return (x.relu() if float(x.sum()) > 0 else -x).mean((2, 3))

    network = ali5.wrap(Wilful(), size=16)
    assert not network.readable
    found = answer(network, open_sample("cat"))
    assert found.verdict.best.probability == pytest.approx(
        float(network(open_sample("cat")).max()), rel=1e-5
    )


def test_many_pictures_at_once_give_what_each_gives_alone(six: list[Network]) -> None:
    images = [open_sample(name) for name in ("cat", "coffee", "digit-3", "barn")]
    for network in six:
        together = classify(network, images)
        for image, found in zip(images, together, strict=True):
            alone = answer(network, image).verdict
            assert found.best.label == alone.best.label
            assert found.best.probability == pytest.approx(alone.best.probability, rel=1e-3)
            assert found.entropy == pytest.approx(alone.entropy, abs=1e-3)
    assert classify(six[0], []) == ()


class Sure(nn.Module):
    """Ends with a softmax; with `wilful`, it has no graph."""

    def __init__(self, wilful: bool) -> None:
        super().__init__()
        self.fc, self.wilful = nn.Linear(3, 4), wilful

    def forward(self, image: Tensor) -> Tensor:
        scores = self.fc(image.mean((2, 3)))
        if self.wilful and float(scores.sum()) > 1e6:
            scores = -scores
        return scores.softmax(1)


@pytest.mark.parametrize("wilful", [False, True])
def test_what_a_module_gives_after_a_softmax_of_its_own_are_its_shares(wilful: bool) -> None:
    network, image = ali5.wrap(Sure(wilful), size=16, device="cpu"), open_sample("cat")
    assert network.readable is not wilful
    with torch.inference_mode():
        shares = network.module(network.prepare(image))
        logits = network.module.fc(network.prepare(image).mean((2, 3)))
    assert torch.equal(network(image), shares)
    for found in (classify(network, [image])[0], answer(network, image).verdict):
        assert found.best.probability == pytest.approx(float(shares.max()))
        assert found.best.logit == pytest.approx(float(logits.max()))


class Doubling(nn.Module):
    """Writes into what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 4)

    def forward(self, image: Tensor) -> Tensor:
        image.mul_(2)
        return self.fc(image.mean((2, 3)))


def test_what_is_given_stays_as_it_is() -> None:
    network, given = ali5.wrap(Doubling(), size=16), torch.rand(1, 3, 16, 16)
    before = given.clone()
    found = answer(network, given)
    assert torch.equal(given, before)
    assert torch.equal(network.logits(given), network.module.fc(2 * before.mean((2, 3))))
    assert torch.equal(given, before)
    assert found.verdict.best.logit == pytest.approx(
        float(network.module.fc(2 * before.mean((2, 3))).max()), abs=1e-5
    )


def test_votes_count_the_trained_ones_only(answers: tuple[Answer, ...]) -> None:
    votes = votes_of(answers)
    assert sum(len(voters) for _, voters in votes) == sum(each.trained for each in answers)
    assert [len(voters) for _, voters in votes] == sorted(
        (len(voters) for _, voters in votes), reverse=True
    )
    assert votes[0][0] == "espresso"
    untrained = ali5.load("lenet5", "colour", "untrained", device="cpu")
    assert votes_of([answer(untrained, open_sample("coffee"))]) == ()


def test_an_answer_is_small(answers: tuple[Answer, ...]) -> None:
    for found in answers:
        assert found.nbytes < 200_000


def test_the_strongest_channels_are_those_of_the_largest_mean_magnitude(
    six: list[Network],
) -> None:
    step = ali5.trace(six[1], open_sample("cat"))["conv2"]
    strengths = step.output[0].abs().mean((1, 2))
    assert list(strongest_channels(step, 3)) == torch.topk(strengths, 3).indices.tolist()
