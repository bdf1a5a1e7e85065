"""What a training does besides its steps: statistics, sizes, cycles, the trial of the precision."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

import ali5
from ali5.networks.networks import build
from ali5.training import run as run_module
from ali5.training.pictures import Pictures, augment, to_input
from ali5.training.precision import Choice
from ali5.training.recipe import Recipe
from ali5.training.run import HasAuxiliaries, Run
from ali5.training.tiny_imagenet import read_tiny_imagenet
from tests.ali5.training.conftest import CPU, in_brief

pytestmark = pytest.mark.usefixtures("rough_muon")


@pytest.fixture
def pictures(tiny: Path) -> Pictures:
    return read_tiny_imagenet(tiny, "train")


def begun(recipe: Recipe, home: Path, pictures: Pictures, network: str = "resnet18") -> Run:
    """A training that is ready for its first step."""
    edition = ali5.catalog()[network].edition("colour" if network == "lenet5" else "compact")
    run = Run(edition, recipe, CPU, home / "x.safetensors")
    run.prepare(pictures)
    return run


def test_what_is_kept_on_the_way_has_statistics_at_the_networks_own_size(
    pictures: Pictures, tmp_path: Path
) -> None:
    recipe = replace(
        in_brief("resnet18"), batch=4, sizes=(32,), again=(), first_scale=0.1, snapshots=(2,)
    )
    run = begun(recipe, tmp_path, pictures)
    list(run.steps(pictures))
    kept = load_file(run.snapshot(2))
    # By hand: the mean of what the first convolution makes of the pictures, at 64 × 64 pixels.
    random = torch.Generator().manual_seed(recipe.seed)
    order = torch.randperm(len(pictures.labels), generator=random)
    maps = []
    with torch.no_grad():
        for batch in torch.split(order, recipe.batch):
            seen = to_input(
                augment(pictures.images[batch], recipe, random), run.edition.preprocessing
            )
            assert seen.shape[-1] == 64
            maps.append(run.model.get_submodule("conv1")(seen))
    expected = torch.cat(maps).mean(dim=(0, 2, 3))
    assert torch.allclose(kept["bn1.running_mean"].float(), expected, rtol=2e-3, atol=1e-5)
    while_learning = run.model.get_buffer("bn1.running_mean")
    assert not torch.allclose(while_learning, expected, rtol=2e-3, atol=1e-5)
    assert torch.equal(kept["conv1.weight"], run.model.get_parameter("conv1.weight").half())


def test_the_first_part_of_a_training_can_see_small_pictures(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(in_brief("lenet5", "colour"), epochs=2, batch=4, sizes=(40, 64), again=(1,))
    run = begun(recipe, tmp_path, pictures, "lenet5")
    seen = []

    def loss(self: Run, model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        seen.append(images.shape[-1])
        return sum((value.sum() for value in model.parameters()), torch.zeros(()))

    monkeypatch.setattr(Run, "loss", loss)
    for run.epoch in range(3):
        if run.epoch == recipe.epochs:
            run.begin_again(pictures)
        list(run.steps(pictures))
    assert seen == [40, 40, 64, 64, 32, 32]  # in the end its own size


@pytest.fixture
def last_cycle(pictures: Pictures, tmp_path: Path) -> tuple[Run, Pictures]:
    """A training of ResNet-18 that has ended its first cycle."""
    recipe = replace(in_brief("resnet18"), again=(1,), first_scale=0.3, snapshots=())
    run = begun(recipe, tmp_path, pictures)
    run.epoch = 1
    return run, pictures


def test_the_last_cycle_begins_without_the_random_start(
    last_cycle: tuple[Run, Pictures],
) -> None:
    run, pictures = last_cycle
    assert run.recipe.without_start
    start = run.average.get_parameter("conv1.weight").detach().clone()
    assert start.abs().max() > 0
    # What was learned, by hand: at right angles to the start of its filter.
    learned = torch.randn_like(start)
    for each, begun in zip(learned, start, strict=True):
        each -= (each * begun).sum() / (begun * begun).sum() * begun
    scales = torch.linspace(-2, 3, len(start))[:, None, None, None]
    others = {name: value.clone() for name, value in run.average.state_dict().items()}
    del others["conv1.weight"]
    run.average.get_parameter("conv1.weight").data.copy_(learned + scales * start)
    run.begin_again(pictures)
    for module in (run.average, run.model):
        kept = module.get_parameter("conv1.weight")
        assert torch.allclose(kept, learned, atol=4e-3)  # it begins in 16 bits
        for name, value in others.items():
            assert torch.equal(module.state_dict()[name], value.half().to(value.dtype)), name
    before = {name: value.clone() for name, value in run.model.named_parameters()}
    list(run.steps(pictures))
    for name, value in run.model.named_parameters():
        assert torch.equal(value, before[name]) == (name == "conv1.weight"), name


def test_the_last_cycle_imitates_the_network_of_the_first(
    last_cycle: tuple[Run, Pictures],
) -> None:
    run, pictures = last_cycle
    first = run.with_statistics(run.average, pictures).eval()
    run.begin_again(pictures)
    images = to_input(pictures.images[:4], run.edition.preprocessing)
    labels = pictures.labels[:4]
    with torch.no_grad():
        wanted = first(images)
        found = run.loss(run.model, images, labels)
        logits = run.model.train()(images)
    # By hand: what the shares at temperature 2 cost more than those that are wanted.
    shares, goal = (logits / 2).softmax(1), (wanted / 2).softmax(1)
    divergence = 4 * (goal * (goal.log() - shares.log())).sum(1).mean()
    right = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    share = run.recipe.imitation
    assert 0 < share < 1
    assert float(divergence) > 0
    assert torch.allclose(found, share * divergence + (1 - share) * right, rtol=1e-4)


def test_the_last_cycle_of_vgg_begins_without_dead_filters(
    pictures: Pictures, tmp_path: Path
) -> None:
    run = begun(in_brief("vgg11"), tmp_path, pictures, "vgg11")
    with torch.no_grad():
        run.average.get_parameter("conv1_1.bias")[7] = -9.0
    run.epoch = 1
    run.begin_again(pictures)
    for module in (run.average, run.model):
        assert module.get_parameter("conv1_1.bias")[7] > -1


class Heads(nn.Module):
    """Any network that says that it has further heads: here they are shifted main ones."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((2, 3)).repeat(1, 4)

    def forward_with_auxiliaries(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits = self(images)
        return logits, logits * 2, logits * 3


def test_every_network_with_auxiliary_heads_learns_by_them_too(
    pictures: Pictures, tmp_path: Path
) -> None:
    recipe = replace(in_brief("lenet5", "colour"), auxiliary=0.3)
    run = begun(recipe, tmp_path, pictures, "lenet5")
    images, labels = torch.rand(5, 3, 4, 4), torch.arange(5)
    parts = [
        nn.functional.cross_entropy(Heads()(images) * factor, labels) for factor in (1.0, 2.0, 3.0)
    ]
    found = run.loss(Heads(), images, labels)
    assert torch.allclose(found, parts[0] + 0.3 * parts[1] + 0.3 * parts[2])
    run.recipe = replace(recipe, auxiliary=0.0)
    assert torch.equal(run.loss(Heads(), images, labels), parts[0])
    for name, has in (("googlenet", True), ("resnet18", False)):
        assert isinstance(build(ali5.catalog()[name].edition("compact")), HasAuxiliaries) == has


def test_a_trial_leaves_nothing_behind(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def choose(seconds_in) -> Choice:
        for precision in ("bf16", "fp32"):
            torch.manual_seed(7)
            seconds = seconds_in(precision)
            tried.append((precision, 0 < seconds < float("inf"), float(torch.rand(()))))
        return Choice("bf16", "because")

    monkeypatch.setattr(run_module, "choose", choose)
    recipe = replace(in_brief("resnet18"), precision="auto", dropout=0.5)
    run = begun(recipe, tmp_path, pictures)
    torch.manual_seed(7)
    drawn = float(torch.rand(()))
    assert tried == [("bf16", True, drawn), ("fp32", True, drawn)]
    assert run.computing == "bf16 (because)"
    assert run.recipe == replace(recipe, precision="bf16")
    untouched = begun(replace(recipe, precision="bf16"), tmp_path, pictures)
    for one, other in ((run.model, untouched.model), (run.average, untouched.average)):
        for name, value in one.state_dict().items():
            assert torch.equal(value, other.state_dict()[name]), name
        assert all(value.grad is None for value in one.parameters())


def test_a_precision_that_a_device_does_not_know_takes_for_ever(
    pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Run.loss

    def loss(self: Run, model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        if torch.is_autocast_enabled("cpu"):
            raise NotImplementedError("no kernel for BFloat16")
        return whole(self, model, images, labels)

    monkeypatch.setattr(Run, "loss", loss)
    recipe = replace(in_brief("lenet5", "colour"), precision="auto")
    run = begun(recipe, tmp_path, pictures, "lenet5")
    assert run.recipe.precision == "fp32"
    assert run.computing.endswith(" s a step, bf16 is not possible here)")
