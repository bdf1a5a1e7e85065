"""Heads of one's own: the one best fit, what is held out, the network with its head, the file."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors
from torch import Tensor, nn

import ali5
from ali5.classifying.features import feature_vectors
from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.files import load_taught, read_taught, save_taught, write_taught
from ali5.classifying.teach.groups import faults_of
from ali5.classifying.teach.held_out import deal, interval
from ali5.classifying.teach.last_layer import Head, Trunk, fingerprint, trunk_of, with_head
from ali5.classifying.teach.logistic import Floats, fit, loss_of, shares_of
from ali5.classifying.teach.teaching import PENALTY, Taught, learn, look, teach
from ali5.errors import Ali5Error, WeightsError
from ali5.explain import attribution
from ali5.pictures.batches import in_folders, read_batch
from ali5.pictures.images import digest_of
from ali5.tracing.interventions import Intervention, intervene
from tests.conftest import EDITIONS

SMALL = [(name, edition) for name, edition in EDITIONS if edition in ("compact", "colour")]


@pytest.fixture(scope="module")
def resnet() -> ali5.Network:
    return ali5.load("resnet18", device="cpu")


@pytest.fixture(scope="module")
def lenet() -> ali5.Network:
    return ali5.load("lenet5", "colour", device="cpu")


@pytest.fixture(scope="module")
def taught(lenet: ali5.Network) -> Taught:
    return teach(lenet, example_groups("shapes"))


def problem(count: int, width: int, classes: int = 3, seed: int = 5) -> tuple[Floats, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    features = random.normal(size=(count, width)) * random.uniform(0.1, 9, width) + 4
    return features + labels[:, None] * random.normal(size=width), labels


# --- The fit ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "width"), [(40, 6), (6, 6), (9, 300), (4, 1)])
@pytest.mark.parametrize("penalty", [0.003, 0.1, 3.0])
def test_no_slope_is_left_where_the_fit_ends(count: int, width: int, penalty: float) -> None:
    features, labels = problem(count, width)
    line = fit(features, labels, 3, penalty)
    # The same function by PyTorch, over all features instead of those that they span.
    mean = features.mean(0)
    spread = np.sqrt(((features - mean) ** 2).mean())
    values = torch.tensor((features - mean) / spread)
    weight = torch.tensor(line.weight * spread, requires_grad=True)
    bias = torch.tensor(line.bias + line.weight @ mean, requires_grad=True)
    loss = nn.functional.cross_entropy(values @ weight.T + bias, torch.tensor(labels))
    (loss + penalty / 2 * weight.square().sum()).backward()
    assert weight.grad is not None
    assert bias.grad is not None
    assert float(weight.grad.abs().max()) < 1e-6
    assert float(bias.grad.abs().max()) < 1e-6


def test_two_pictures_with_one_feature_by_hand() -> None:
    # Standardised they are -1 and 1. By symmetry the weights are -w and w and the biases 0, so
    # ln(1 + exp(-2 w)) + penalty w² is to be least: 1 / (1 + exp(2 w)) = penalty w. With a penalty
    # of 1 / (2 ln 3) that is so at w = ln(3) / 2, and each picture gets a share of 3 / 4.
    line = fit(np.array([[3.0], [7.0]]), np.array([0, 1]), 2, 1 / (2 * np.log(3)))
    w = np.log(3) / 2
    assert line.weight[:, 0] * 2 == pytest.approx([-w, w], abs=1e-6)
    shares = shares_of(line(np.array([[3.0], [5.0], [7.0]])))
    assert shares[:, 1] == pytest.approx([0.25, 0.5, 0.75], abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 5), st.floats(0.01, 5))
def test_nothing_near_the_fit_is_better(random, classes: int, penalty: float) -> None:  # type: ignore[no-untyped-def]
    features, labels = problem(15, 4, classes, random.randrange(1000))
    spread = np.sqrt(((features - features.mean(0)) ** 2).mean())

    def height(weight: Floats, bias: Floats) -> float:
        return loss_of(features @ weight.T + bias, labels) + penalty / 2 * float(
            ((weight * spread) ** 2).sum()
        )

    line = fit(features, labels, classes, penalty)
    best = height(line.weight, line.bias)
    generator = np.random.default_rng(random.randrange(1000))
    for size in (1e-3, 1e-2, 0.1, 1):
        weight = line.weight + generator.normal(size=line.weight.shape) * size / spread
        assert height(weight, line.bias + generator.normal(size=classes) * size) >= best - 1e-12


def test_features_that_are_all_the_same_leave_only_the_frequencies() -> None:
    line = fit(np.full((10, 3), 7.0), np.array([0] * 7 + [1] * 3), 2, 0.1)
    assert shares_of(line(np.full((1, 3), 7.0)))[0] == pytest.approx([0.7, 0.3], abs=1e-6)


def test_every_step_goes_down_and_the_last_one_is_the_fit() -> None:
    features, labels = problem(30, 50)
    points = []
    line = fit(features, labels, 3, 0.1, points.append)
    assert [point.step for point in points] == list(range(len(points)))
    spread = np.sqrt(((features - features.mean(0)) ** 2).mean())
    losses = [loss_of(point.line(features), labels) for point in points]
    sizes = [float(((point.line.weight * spread) ** 2).sum()) for point in points]
    heights = [loss + 0.1 / 2 * size for loss, size in zip(losses, sizes, strict=True)]
    assert losses[0] == heights[0] == pytest.approx(np.log(3))
    assert all(after <= before for before, after in itertools.pairwise(heights[:10]))
    assert heights[-1] == pytest.approx(min(heights), abs=1e-12)
    assert (points[-1].line.weight == line.weight).all()


# --- What is held out ---------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(3, 3), (3, 40), (12, 12, 12), (3,) * 10, (20,) * 10])
def test_every_group_is_spread_evenly_over_the_hands(sizes: tuple[int, ...]) -> None:
    truth = np.repeat(np.arange(len(sizes)), sizes)
    fold = deal(truth, [str(number) for number in range(len(truth))], 5)
    assert set(fold) == set(range(min(10, len(truth))))
    for group, size in enumerate(sizes):
        counts = np.bincount(fold[truth == group], minlength=fold.max() + 1)
        assert counts.max() - counts.min() <= 1
        assert counts.max() < size  # whichever fold is held out, some of it teaches


def test_what_was_said_of_a_picture_comes_from_a_head_that_never_saw_it(
    lenet: ali5.Network,
) -> None:
    trunk = trunk_of(lenet)
    groups = {name: look(trunk, images) for name, images in example_groups("shapes").items()}
    check = learn(trunk, groups).check
    truth = np.repeat(np.arange(3), 12)
    seen = [each for group in groups.values() for each in group]
    features = np.stack([each.features for each in seen])
    order = sorted(range(36), key=lambda place: (truth[place], seen[place].digest))
    fold = np.empty(36, int)
    fold[order] = deal(truth[order], [seen[place].digest for place in order], 5)
    for number in range(10):
        line = fit(features[fold != number], truth[fold != number], 3, PENALTY)
        for place in np.flatnonzero(fold == number):
            shares = shares_of(line(features[place : place + 1]))[0]
            held = check.held[place]
            assert (held.group, held.place) == (truth[place], place % 12)
            assert held.shares == pytest.approx(shares.tolist(), abs=1e-6)
    assert check.right == sum(each.right for each in check.held)
    assert check.counts == (12, 12, 12)
    last = check.moments[-1]
    assert last.held_right == check.right / 36
    assert check.moments[0].held_loss == pytest.approx(np.log(3))


def test_wilson_s_interval_is_that_of_the_tables() -> None:
    assert interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert interval(10, 10) == pytest.approx((0.7225, 1), abs=1e-4)


def test_labels_without_any_sense_are_not_learned() -> None:
    """Held-out accuracy must be near chance where there is nothing to learn."""
    random = np.random.default_rng(1)
    truth = np.arange(200) % 4
    features = random.normal(size=(200, 30))
    from ali5.classifying.teach.held_out import cross_validate

    fold = deal(truth, [str(number) for number in range(200)], 5)
    logits = cross_validate(features, truth, fold, 4, 0.1, lambda: None)
    right = int((logits.argmax(1) == truth).sum())
    low, high = interval(right, 200)
    assert low < 0.25 < high


# --- The network with its head ------------------------------------------------------------------


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


def test_everything_else_works_on_it(taught: Taught, cat: Image.Image) -> None:
    network = taught.network
    trace = ali5.trace(network, cat)
    assert trace.predictions()[0].label in ("hearts", "stars", "arrows")
    for method in ("grad-cam", "occlusion", "integrated-gradients", "saliency"):  # need no ReLU
        assert torch.isfinite(attribution(trace, method, 1).map).all()
    muted = intervene(trace, [Intervention("output", "mute", channels=(0,))])
    assert float(muted["output"].output[0, 0]) == 0
    assert ali5.classify(network, [cat])[0].best.label == trace.predictions()[0].label
    assert ali5.compare([network], cat).answers[0].verdict.classes == 3
    unit = ali5.explain.unit(trace, "output", 2)
    assert unit.value == pytest.approx(float(trace["output"].output[0, 2]), abs=1e-4)


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


def test_features_that_are_no_numbers_are_refused(cat: Image.Image) -> None:
    module = own_module(nn.Linear(32, 7))
    with torch.no_grad():
        module[0].bias.fill_(torch.inf)  # type: ignore[union-attr, operator]
    with pytest.raises(Ali5Error, match="not all finite"):
        trunk_of(ali5.wrap(module, size=32, device="cpu")).look([cat])


# --- Teaching -----------------------------------------------------------------------------------


def test_the_order_of_pictures_and_the_seed_change_nothing_of_the_head(
    lenet: ali5.Network, taught: Taught
) -> None:
    groups = {name: images[::-1] for name, images in example_groups("shapes").items()}
    again = teach(lenet, groups, seed=6)
    assert torch.equal(again.head.weight, taught.head.weight)
    assert torch.equal(again.head.bias, taught.head.bias)
    assert again.digest == taught.digest
    assert teach(lenet, groups).check.confusion == taught.check.confusion
    stars, *others = reversed(groups.items())
    turned = teach(lenet, dict([stars, *others]))
    assert turned.head.weight[0] == pytest.approx(taught.head.weight[2].numpy(), abs=1e-5)


def test_the_example_is_learned_from_what_the_backbone_sees(resnet: ali5.Network) -> None:
    taught = teach(resnet, example_groups("shapes"))
    assert taught.check.right >= 30
    assert taught.check.pixels_right <= 18
    for name, images in example_groups("shapes").items():
        for image in images:
            assert ali5.trace(taught.network, image).predictions()[0].label == name


@pytest.mark.parametrize("name", ["shapes", "digits", "photographs"])
def test_the_examples_can_be_taught(name: str) -> None:
    groups = example_groups(name)
    assert (
        faults_of([(each, [digest_of(i) for i in images]) for each, images in groups.items()]) == ()
    )


def test_it_ends_where_progress_says_so(lenet: ali5.Network) -> None:
    class Enough(Exception):
        pass

    told: list[tuple[str, int, int]] = []

    def enough(stage: str, done: int, count: int) -> None:
        if stage == last:
            raise Enough

    last = "looking"
    with pytest.raises(Enough):
        teach(lenet, example_groups("shapes"), progress=enough)
    last = "checking"
    with pytest.raises(Enough):
        teach(lenet, example_groups("shapes"), progress=enough)
    teach(lenet, example_groups("shapes"), progress=lambda *each: told.append(each))
    assert [each[1] for each in told if each[0] == "looking"] == [0, 16, 32]
    assert [each[1] for each in told if each[0] == "checking"] == list(range(21))
    assert {each[2] for each in told if each[0] == "checking"} == {21}


def fault(*groups: tuple[str, Sequence[str]]) -> str:
    (only,) = faults_of(groups)
    return only


def test_each_fault_is_one_sentence() -> None:
    good = ("cats", ["1", "2", "3"])
    assert "at least two groups" in fault(good)
    assert fault(good, ("dogs", ["4", "5"])).startswith("“dogs” has 2 pictures: bring at least 3")
    assert "has no pictures" in fault(good, ("dogs", []))
    assert "Two groups are called “cats”" in fault(good, (" CATS ", ["4", "5", "6"]))
    assert fault(good, ("  ", ["4", "5", "6"])) == "Group 2 has no name. Give it one."
    assert "longer than 40 letters" in fault(good, ("x" * 41, ["4", "5", "6"]))
    assert "“dogs” holds one picture twice" in fault(good, ("dogs", ["4", "5", "6", "6"]))
    shared = fault(good, ("dogs", ["4", "5", "1"]))
    assert shared.startswith("One picture is both in “cats” and in “dogs”.")
    assert fault(good, ("dogs", ["3", "2", "1"])).startswith("3 pictures are both in")
    many = [(f"g{n}", [f"{n}-{i}" for i in range(3)]) for n in range(11)]
    assert "11 groups are too many: at most 10" in fault(*many)
    assert "201 pictures are too many" in fault(good, ("d", [f"d{n}" for n in range(198)]))
    assert faults_of([good, ("dogs", ["4", "5", "6"])]) == ()


def test_faults_are_raised_before_anything_is_computed(
    lenet: ali5.Network, cat: Image.Image
) -> None:
    with pytest.raises(Ali5Error, match=r"“a” has one picture.*“b” has no pictures"):
        teach(lenet, {"a": [cat], "b": []})


# --- Files --------------------------------------------------------------------------------------


def test_a_head_comes_back_from_its_file(taught: Taught, tmp_path: Path, cat: Image.Image) -> None:
    path = tmp_path / "head.safetensors"
    save_taught(taught, path)
    assert path.stat().st_size < 10_000
    again = ali5.load_taught(path)
    assert again.digest == taught.digest
    assert again.network.labels == taught.network.labels
    assert torch.equal(again.network(cat), taught.network(cat))
    assert (again.check.right, again.check.confusion, again.check.pixels_right) == (
        *(taught.check.right, taught.check.confusion, taught.check.pixels_right),
    )


def test_a_head_does_not_go_on_other_weights(taught: Taught, resnet: ali5.Network) -> None:
    content = write_taught(taught)
    with pytest.raises(WeightsError, match="other weights of LeNet-5"):
        load_taught(content, ali5.load("lenet5", "colour", "untrained", device="cpu"))
    with pytest.raises(WeightsError, match="other weights of ResNet-18"):
        load_taught(content, resnet)


def test_the_fingerprint_is_of_everything_but_the_head(lenet: ali5.Network, taught: Taught) -> None:
    assert fingerprint(trunk_of(taught.network)) == fingerprint(trunk_of(lenet))
    other = ali5.load("lenet5", "colour", "untrained", device="cpu")
    assert fingerprint(trunk_of(other)) != fingerprint(trunk_of(lenet))


def changed(content: bytes, tensors: dict[str, Tensor] | None = None, **facts: object) -> bytes:
    """A file that says something else."""
    length = int.from_bytes(content[:8], "little")
    said = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["ali5"])
    return write_tensors(
        read_tensors(content) | (tensors or {}), metadata={"ali5": json.dumps(said | facts)}
    )


def test_what_is_no_head_is_refused_in_one_sentence(taught: Taught, tmp_path: Path) -> None:
    good = write_taught(taught)
    plain = write_tensors({"weight": torch.zeros(3, 84), "bias": torch.zeros(3)})
    huge = (2**40).to_bytes(8, "little") + good[8:]
    deep = json.dumps({"__metadata__": {"ali5": "[" * 100_000}}).encode()
    deep = len(deep).to_bytes(8, "little") + deep
    others = [
        b"",
        b"PK",
        good[:50],
        plain,
        huge,
        deep,
        changed(good, kind="taught head, version 9"),
    ]
    for content in others:
        with pytest.raises(WeightsError, match="no file with a taught head"):
            read_taught(content)
    with pytest.raises(WeightsError, match="that can be read"):
        read_taught(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    "facts",
    [
        {"labels": ["a", "b"]},
        {"labels": ["a", "a", "b"]},
        {"labels": ["a", "b", 3]},
        {"labels": ["a", "b", "\ud800"]},
        {"folds": float("inf")},
        {"confusion": [[float("inf")] * 3] * 3},
        {"labels": ["a", "b", "x" * 41]},
        {"confusion": [[1, 2, 3]]},
        {"confusion": [[-1, 2, 3]] * 3},
        {"confusion": "abc"},
        {"pixels_right": 99},
        {"folds": None},
        {"tensors": {"bias": torch.full((3,), torch.nan)}},
        {"tensors": {"weight": torch.zeros(4, 84)}},
        {"tensors": {"weight": torch.zeros(3, 84, dtype=torch.float64)}},
    ],
    ids=str,
)
def test_a_damaged_file_is_refused(taught: Taught, facts: dict[str, object]) -> None:
    with pytest.raises(WeightsError, match="damaged"):
        read_taught(changed(write_taught(taught), **facts))  # type: ignore[arg-type]


def test_a_file_that_is_cut_short_is_refused(taught: Taught) -> None:
    with pytest.raises(WeightsError, match="damaged"):
        read_taught(write_taught(taught)[:-4])


# --- Folders of an archive ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["cats/1.png", "cats/2.png", "dogs/1.png"], {"cats": 2, "dogs": 1}),
        (["mine/cats/1.png", "mine/dogs/old/1.png"], {"cats": 1, "dogs": 1}),
        (["cats\\1.png", "dogs\\1.png"], {"cats": 1, "dogs": 1}),
        (["1.png", "cats/1.png"], {"": 1, "cats": 1}),
        (["cats/1.png", "cats/2.png"], {"cats": 2}),
        ([], {}),
    ],
)
def test_every_folder_of_an_archive_is_a_group(names: list[str], expected: dict[str, int]) -> None:
    found = in_folders(read_batch([(name, b"x") for name in names]))
    assert {name: len(members) for name, members in found.items()} == expected


def test_no_two_pictures_of_an_example_are_the_same() -> None:
    for name in ("shapes", "digits", "photographs"):
        digests = [digest_of(image) for image in itertools.chain(*example_groups(name).values())]
        assert len(set(digests)) == len(digests)


def test_visitors_side_by_side_teach_the_same_backbone(lenet: ali5.Network, taught: Taught) -> None:
    found: list[Taught] = []
    threads = [
        threading.Thread(target=lambda: found.append(teach(lenet, example_groups("shapes"))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.digest for each in found] == [taught.digest] * 4
