"""The lesson without a page: its drawings, its network, and every number against plain PyTorch."""

import functools
import gzip
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import ali5
from ali5.errors import Ali5Error, DataError
from ali5.known.published import MNIST
from ali5.labs.learning import lesson as lesson_module
from ali5.labs.learning import material
from ali5.labs.learning.lesson import Lesson, Plan, confusion_of, mean_of
from ali5.labs.learning.material import FEW, Book, Drawn, Mnist, as_input
from ali5.labs.learning.network import build_network, layers_of, outputs_of, parameters_of
from ali5.networks.architectures.lenet import LeNet5
from ali5.pictures.drawings import CLASSES, Drawings, draw_many, draw_one
from ali5.training.mnist import FILES
from tests.ali5.training.conftest import idx
from tests.conftest import ROOT

QUICK = Plan(difficulty=0.1, batch=8)

PLANS = [
    QUICK,
    replace(QUICK, optimiser="momentum", rate=0.02, pooling="max"),
    replace(QUICK, optimiser="adam", rate=0.002, activation="relu", stages=3),
    replace(QUICK, data="shapes", stages=1, few=True),
]


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    """MNIST in small, drawn by our own code."""
    for part, count in (("train", 90), ("test", 40)):
        drawn = draw_many("digits", np.arange(count), 0.2, seed=3)
        images, labels = FILES[part]
        (tmp_path / f"{images}.gz").write_bytes(gzip.compress(idx(drawn.images)))
        (tmp_path / labels).write_bytes(idx(drawn.labels.astype(np.uint8)))
    return tmp_path


def test_a_drawing_is_drawn_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def draw(subject: str, numbers: np.ndarray, *rest: float) -> Drawings:
        drawn.extend(numbers.tolist())
        return draw_many(subject, numbers, *rest)

    monkeypatch.setattr(material, "draw_many", draw)
    book = Book(most=4)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: book.pictures("digits", 0.5, 3, 1, 20, 60), range(4)))
    expected = draw_many("digits", np.arange(20, 60), 0.5, 3, 1)
    for images, labels in found:
        assert np.array_equal(images[:, 0].numpy(), expected.images)
        assert np.array_equal(labels.numpy(), expected.labels)
    assert sorted(drawn) == list(range(75))
    book.pictures("digits", 0.5, 3, 1, 50, 75)  # is kept
    book.pictures("digits", 0.5, 4, 1, 0, 51)
    assert len(drawn) == 6 * 25
    assert len(book._kept) == 4
    book.pictures("digits", 0.5, 3, 1, 74, 75)  # was used last of the old ones
    assert len(drawn) == 6 * 25
    book.pictures("digits", 0.5, 3, 1, 0, 1)
    assert len(drawn) == 7 * 25


@pytest.mark.parametrize("subject", CLASSES)
def test_a_number_always_gives_the_same_drawing(subject: str) -> None:
    some = draw_many(subject, np.array([3, 1, 4000]), 0.7, seed=5)
    again = draw_many(subject, np.array([4000, 3]), 0.7, seed=5)
    assert some.images.shape == (3, 28, 28)
    assert np.array_equal(some.images[[2, 0]], again.images)
    assert np.array_equal(some.labels[[2, 0]], again.labels)
    for other in (
        draw_many(subject, np.array([3]), 0.7, seed=6),
        draw_many(subject, np.array([3]), 0.7, seed=5, stream=1),
    ):
        assert not np.array_equal(some.images[0], other.images[0])


@pytest.mark.parametrize("subject", CLASSES)
def test_drawings_do_not_repeat_and_show_every_class(subject: str) -> None:
    drawn = draw_many(subject, np.arange(300), 0.5, seed=1)
    assert len({image.tobytes() for image in drawn.images}) == 300
    counts = np.bincount(drawn.labels, minlength=len(CLASSES[subject]))
    assert counts.min() > 300 / len(counts) / 2


@pytest.mark.parametrize("subject", CLASSES)
def test_easy_drawings_are_clean_centred_and_alike_and_hard_ones_are_not(subject: str) -> None:
    spread = {}
    for difficulty in (0.0, 1.0):
        drawn = np.stack(
            [
                draw_one(subject, 2, difficulty, np.random.default_rng(seed)).astype(float)
                for seed in range(40)
            ]
        )
        spread[difficulty] = drawn.std(0).mean()
        if difficulty == 0:
            rows, columns = np.mgrid[:28, :28] + 0.5
            for image in drawn:
                assert image[:2].max() == image[-2:].max() == 0  # a dark border
                centre = (image * rows).sum() / image.sum(), (image * columns).sum() / image.sum()
                assert centre == pytest.approx((14, 14), abs=1.5)
    assert spread[1.0] > 1.5 * spread[0.0]


def test_only_what_can_be_drawn_is_drawn() -> None:
    with pytest.raises(ali5.UnknownName, match="Did you mean 'digits'"):
        draw_many("digit", np.arange(1), 0.5, seed=1)


def test_two_stages_with_averages_and_tanh_are_lenet_5() -> None:
    built, paper = build_network(), LeNet5()
    shapes = {name: value.shape for name, value in built.state_dict().items()}
    assert shapes == {name: value.shape for name, value in paper.state_dict().items()}
    assert [type(part) for part in built] == [type(part) for part in paper]
    assert parameters_of(built) == ali5.catalog()["lenet5"].edition("paper").parameters == 61_706
    paper.load_state_dict(built.state_dict())
    images = torch.rand(3, 1, 32, 32)
    assert torch.equal(built(images), paper(images))


@pytest.mark.parametrize(
    ("stages", "parameters", "convolutions"),
    [  # by hand, as LeNet-5's: 156 + 6·14·14·120 + 120 + 10,164 + 850, ...
        (1, 156 + 141_240 + 10_164 + 850, ["C1", "C3"]),
        (2, 61_706, ["C1", "C3", "C5"]),
        (3, 156 + 2_416 + 4_640 + 15_480 + 10_164 + 850, ["C1", "C3", "C5", "C7"]),
    ],
)
@pytest.mark.parametrize("pooling", ["average", "max"])
def test_other_numbers_of_stages_fit_too(
    stages: int, parameters: int, convolutions: list[str], pooling: str
) -> None:
    network = build_network(stages, pooling, "relu")
    assert parameters_of(network) == parameters
    named = [name for name, part in layers_of(network).items() if isinstance(part, nn.Conv2d)]
    assert named == convolutions
    images = torch.rand(2, 1, 32, 32)
    outputs = outputs_of(network, images)
    assert torch.equal(outputs["output"], network(images))
    assert outputs[convolutions[-1]].shape == (2, 120, 1, 1)


def test_no_lab_loads_pytorch_s_compiler() -> None:
    code = (
        "import sys; from ali5.labs.learning.lesson import Lesson, Plan; "
        "from ali5.labs.stack.layers import read_stack; "
        "from ali5.labs.stack.outline import outline_stack; "
        "outline_stack(read_stack('conv4k3,relu,max2,avg2')[0], 3, 32); "
        "[Lesson(Plan(few=True, optimiser=each)).go_on() for each in ('momentum', 'adam')]; "
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_step_is_that_of_a_plain_pytorch_loop(plan: Plan) -> None:
    lesson = Lesson(plan)
    material = Drawn(plan.data, plan.difficulty, plan.seed, plan.few)
    network = build_network(
        plan.stages, plan.pooling, plan.activation, len(material.classes), plan.seed
    )
    optimiser = {
        "sgd": torch.optim.SGD,
        "momentum": functools.partial(torch.optim.SGD, momentum=0.9),
        "adam": torch.optim.Adam,
    }[plan.optimiser](network.parameters(), lr=plan.rate)
    for number in range(4):
        images, labels = material.batch(0, number * plan.batch, plan.batch)
        before = [value.detach().clone() for value in network.parameters()]
        optimiser.zero_grad()
        logits = network(as_input(images))
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        optimiser.step()
        done = lesson.go_on()
        assert done.loss == loss.item()
        assert done.right == int((logits.argmax(1) == labels).sum())
        assert (done.number, done.count) == (number + 1, plan.batch)
        # What is told of the gradient and of the step is autograd's and the optimiser's.
        gradients = [value.grad.flatten() for value in network.parameters()]
        assert done.gradient == pytest.approx(float(torch.cat(gradients).norm()), rel=1e-5)
        moves = [
            (now.detach() - old).flatten()
            for now, old in zip(network.parameters(), before, strict=True)
        ]
        assert done.move == pytest.approx(float(torch.cat(moves).norm()), rel=1e-5)
        if plan.optimiser == "sgd":
            assert done.move == pytest.approx(plan.rate * done.gradient, rel=1e-3)
        for layer, part in zip(done.layers, layers_of(network).values(), strict=True):
            found = torch.cat([value.grad.flatten() for value in part.parameters()])
            assert layer.gradient == pytest.approx(float(found.norm()), rel=1e-5)
            assert layer.parameters == found.numel()
    for mine, theirs in zip(network.parameters(), lesson.network.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_the_same_plan_gives_the_same_losses_and_another_seed_does_not() -> None:
    losses = []
    for seed in (1, 1, 2):
        lesson = Lesson(replace(QUICK, seed=seed))
        for _ in range(6):
            lesson.go_on()
            lesson.snapshot()  # looking at it changes nothing
        lesson.validate()
        losses.append([point.loss for point in (*lesson.training, *lesson.validations)])
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


def test_easy_digits_are_learned_soon() -> None:
    lesson = Lesson(Plan(difficulty=0.1, rate=0.1))
    assert lesson.validations[0].loss == pytest.approx(math.log(10), abs=0.1)
    while lesson.validations[-1].accuracy < 0.9:
        lesson.go_on()
        assert lesson.last.number < 60
    labels = lesson.material.validation.labels
    counts = confusion_of(lesson.shares, labels)
    assert counts.trace() / counts.sum() == pytest.approx(lesson.validations[-1].accuracy)
    with torch.no_grad():
        logits = lesson.network(as_input(lesson.material.validation.images))
    assert lesson.validations[-1].loss == pytest.approx(float(F.cross_entropy(logits, labels)))


def test_a_confusion_by_hand() -> None:
    shares = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    assert confusion_of(shares, torch.tensor([0, 0, 1])).tolist() == [[1, 1], [0, 1]]


def test_new_drawings_never_repeat_and_few_come_once_an_epoch() -> None:
    new = Drawn("digits", 0.3, 1)
    seen = {image.numpy().tobytes() for epoch in (0, 1) for image in new.batch(epoch, 0, 40).images}
    assert len(seen) == 80
    few = Drawn("digits", 0.3, 1, few=True)
    epochs = [
        [
            image.numpy().tobytes()
            for start in range(0, FEW, 64)
            for image in few.batch(e, start, 64)[0]
        ]
        for e in (0, 1)
    ]
    assert epochs[0] != epochs[1]  # in another order
    assert set(epochs[0]) == set(epochs[1])
    assert len(set(epochs[0])) == len(epochs[0]) == FEW
    unseen = {image.numpy().tobytes() for image in few.validation.images}
    assert not unseen & set(epochs[0])


def test_an_epoch_ends_with_what_is_left_and_rate_and_batch_change_at_once() -> None:
    lesson = Lesson(replace(QUICK, few=True))
    counts = [lesson.step(batch=64).count for _ in range(5)]
    assert counts == [64, 64, 64, 8, 64]
    assert lesson.epochs == 1 + 64 / FEW
    assert lesson.seen == 264
    assert lesson.step(rate=0.5, batch=3).rate == 0.5
    assert lesson.last.count == 3
    assert lesson.last.move == pytest.approx(0.5 * lesson.last.gradient, rel=1e-3)


def test_curves_stay_short(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Lesson(QUICK)
    for _ in range(24):
        whole.step()
    monkeypatch.setattr(lesson_module, "MOST_POINTS", 8)
    lesson = Lesson(QUICK)
    for _ in range(24):
        lesson.step()
    assert len(lesson.training) < 8
    assert lesson.last.number == 24
    expected = [mean_of(whole.training[i : i + 4]) for i in range(0, 24, 4)]
    assert np.array(lesson.training) == pytest.approx(np.array(expected))


def test_a_lesson_that_diverges_says_so() -> None:
    lesson = Lesson(replace(QUICK, activation="relu", rate=1e6))
    assert not lesson.diverged
    for _ in range(6):
        lesson.step()
    assert lesson.diverged


def test_a_snapshot_does_not_change_any_more() -> None:
    lesson = Lesson(QUICK)
    snapshot = lesson.snapshot()
    before = [value.clone() for value in snapshot.network.parameters()]
    lesson.go_on()
    assert all(map(torch.equal, before, snapshot.network.parameters()))
    assert (snapshot.seen, snapshot.last, len(snapshot.training)) == (0, None, 0)


def test_mnist_is_learned_from_in_another_order_every_epoch(mnist: Path) -> None:
    lesson = Lesson(Plan(data="mnist"), mnist)
    material = lesson.material
    assert material.epoch == 90
    epochs = [material.batch(epoch, 0, 90).labels for epoch in (0, 0, 1)]
    assert torch.equal(epochs[0], epochs[1])
    assert not torch.equal(epochs[0], epochs[2])
    assert torch.equal(epochs[0].sort().values, epochs[2].sort().values)
    assert len(material.validation.labels) == 40
    assert math.isfinite(lesson.go_on().loss)


def test_mnist_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="t10k-images"):
        Mnist(tmp_path, 1)
    with pytest.raises(Ali5Error, match="fetched first"):
        Lesson(Plan(data="mnist"))


def test_the_real_mnist_is_learned(data: Path) -> None:
    lesson = Lesson(Plan(data="mnist", rate=0.1), data)
    while lesson.seen < 8000:
        lesson.go_on()
    assert lesson.validate().accuracy > 0.9


def test_mnist_is_fetched_from_where_torchvision_fetches_it() -> None:
    from torchvision.datasets import MNIST as THEIRS

    names = [name for name, _ in THEIRS.resources]
    assert [file.url for file in MNIST] == [
        THEIRS.mirrors[0] + each for each in (names[0], names[1], names[2], names[3])
    ]
    wanted = {name for part in FILES.values() for name in part}
    assert {Path(file.file).stem for file in MNIST} == wanted
    assert len({Path(file.file).parent for file in MNIST}) == 1
    assert all(len(file.sha256_start) == 64 for file in MNIST)
