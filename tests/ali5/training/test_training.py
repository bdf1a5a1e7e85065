"""The recipe runs, repeats itself, and reads only what it should."""

import gzip
import hashlib
import platform
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import ali5
from ali5.__main__ import main
from ali5.errors import DataError
from ali5.graph.layers import LocalResponseNorm
from ali5.known.cards import read_card
from ali5.pictures.samples import open_sample
from ali5.training import first_layer, tiny_imagenet
from ali5.training.loop import Progress, train
from ali5.training.measure import Accuracy, Confusion, accuracy, confusions, restricted_top1
from ali5.training.mnist import FILES, read_mnist
from ali5.training.pictures import Pictures, augment, to_input
from ali5.training.recipe import RECIPES, Recipe, recipe_of
from ali5.training.run import Run
from ali5.training.steps import Stepper
from ali5.training.tiny_imagenet import read_tiny_imagenet


def idx(values: np.ndarray) -> bytes:
    header = b"\0\0\x08" + bytes([values.ndim])
    return header + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """MNIST in small: our own drawn digits, 40 of each for training."""
    drawn = [
        np.asarray(open_sample(f"digit-{digit}{hand}").convert("L").resize((28, 28)))
        for digit in range(10)
        for hand in ("", "b", "c")
    ]
    labels = np.repeat(np.arange(10, dtype=np.uint8), 3)
    for part, copies in (("train", 12), ("test", 1)):
        images, truth = FILES[part]
        (tmp_path / images).write_bytes(idx(np.stack(drawn * copies)))
        (tmp_path / f"{truth}.gz").write_bytes(gzip.compress(idx(np.tile(labels, copies))))
    return tmp_path


CPU = torch.device("cpu")

SHORT = replace(RECIPES["lenet5", "compact"], epochs=25, batch=24, averaging=0.9)


def test_lenet_learns_and_the_same_seed_gives_the_same_weights(folder: Path) -> None:
    seen: list[Progress] = []
    cards = [
        train(
            "lenet5",
            "compact",
            folder,
            folder / f"{name}.safetensors",
            SHORT,
            CPU,
            report=seen.append,
        )
        for name in ("one", "two")
    ]
    assert cards[0].sha256 == cards[1].sha256
    assert cards[0].accuracy["top1"] > 0.9
    assert cards[0] == read_card(folder / "one.safetensors")
    assert len(seen) == 2 * 25 * 15
    assert [seen[0].epoch, seen[-1].epoch, seen[-1].done] == [1, 25, 1]
    assert seen[-1].accuracy is not None
    log = (folder / "one.csv").read_text("utf-8").splitlines()
    assert log[0] == "epoch,loss,top1,top5,seconds"
    assert len(log) == 26
    assert not list(folder.glob("*.checkpoint"))
    network = ali5.load("lenet5", weights=folder / "one.safetensors", device="cpu")
    assert ali5.trace(network, open_sample("digit-7")).predictions(1)[0].label == "7"


@pytest.mark.parametrize("again", [(), (1, 1)])
@pytest.mark.parametrize("when", [0.1, 0.5, 0.7, 0.99])
def test_a_training_that_was_killed_goes_on_to_the_same_weights(
    folder: Path, when: float, again: tuple[int, ...]
) -> None:
    recipe = replace(SHORT, epochs=4 - sum(again), again=again)
    whole = train("lenet5", "compact", folder, folder / "whole.safetensors", recipe, CPU)

    def kill(progress: Progress) -> None:
        if progress.done > when:
            raise KeyboardInterrupt

    out = folder / "killed.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("lenet5", "compact", folder, out, recipe, CPU, report=kill)
    assert not out.exists()
    resumed = train("lenet5", "compact", folder, out, recipe, CPU, resume=True)
    assert resumed.sha256 == whole.sha256
    assert len(out.with_suffix(".csv").read_text("utf-8").splitlines()) == 5


def stopped(folder: Path, recipe: Recipe = SHORT) -> Path:
    """Where weights would be written by a training that was killed in its second epoch."""

    def kill(progress: Progress) -> None:
        if progress.epoch > 1:
            raise KeyboardInterrupt

    out = folder / "stopped.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("lenet5", "compact", folder, out, recipe, CPU, report=kill)
    return out


def test_a_checkpoint_of_another_recipe_or_network_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = stopped(folder)
    with pytest.raises(DataError, match="other settings"):
        train("lenet5", "compact", folder, out, replace(SHORT, seed=6), CPU, resume=True)
    with pytest.raises(DataError, match="another network"):
        train("alexnet", "compact", folder, out, SHORT, CPU, resume=True)


def test_a_checkpoint_that_cannot_be_used_is_a_sentence(folder: Path) -> None:
    out = stopped(folder, replace(SHORT, snapshots=(5,)))

    def resume() -> None:
        train(*("lenet5", "compact", folder, out, replace(SHORT, snapshots=(5,)), CPU), resume=True)

    (folder / "stopped-step-5.safetensors").rename(folder / "elsewhere")
    with pytest.raises(DataError, match=r"stopped-step-5\.safetensors' is missing"):
        resume()
    checkpoint = out.with_suffix(".checkpoint")
    checkpoint.write_bytes(checkpoint.read_bytes()[:-1000])
    with pytest.raises(DataError, match="is damaged"):
        resume()


def test_what_cannot_be_written_is_said_at_once_and_nothing_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = folder / "w.safetensors"
    out.with_suffix(".new").mkdir()
    monkeypatch.setattr("ali5.training.loop.read_pictures", pytest.fail)
    with pytest.raises(DataError, match=r"w.safetensors' cannot be written \("):
        train("lenet5", "compact", folder, out, SHORT, CPU)
    monkeypatch.undo()
    out = stopped(folder)
    before = out.with_suffix(".checkpoint").read_bytes()

    def full(*_: object) -> None:
        raise RuntimeError("PytorchStreamWriter failed writing file: No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(DataError, match=r"No space left .* go on with --resume"):
        train("lenet5", "compact", folder, out, SHORT, CPU, resume=True)
    assert out.with_suffix(".checkpoint").read_bytes() == before


def test_the_command_line_trains_and_measures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "mine.safetensors"
    arguments = ["train", "lenet5", "--data", str(folder), "--out", str(out)]
    assert main([*arguments, "--epochs", "1"]) == 0
    said = capsys.readouterr().out
    assert "read 360" in said or "epoch 1/1" in said
    card = read_card(out)
    words = f"top-1 {card.accuracy['top1']:.2%}, top-5 {card.accuracy['top5']:.2%}"
    assert f"{out}: {words}" in said
    assert card.data == "360 digits of MNIST, measured on 30 test digits"
    assert main(["evaluate", "lenet5", "--data", str(folder), "--weights", str(out)]) == 0
    assert f"30 pictures: {words}" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for more in ([], ["--resume"]):
        assert main([*arguments, *more]) == 2
        assert "training that was finished" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Tiny ImageNet in small: two classes of four pictures, one of them grey."""
    root = tmp_path_factory.mktemp("data") / "tiny-imagenet-200"
    wnids = ["n02000000", "n01000000"]  # not sorted, as in the official file
    root.mkdir()
    (root / "wnids.txt").write_text("\n".join(wnids) + "\n")
    (root / "val" / "images").mkdir(parents=True)
    rows = []
    for wnid, colour in zip(wnids, ("red", "blue"), strict=True):
        (root / "train" / wnid / "images").mkdir(parents=True)
        for number in range(4):
            picture = Image.new("RGB", (64, 64), colour)
            if number == 3:
                picture = picture.convert("L")
            picture.save(root / "train" / wnid / "images" / f"{wnid}_{number}.JPEG")
        picture.save(root / "val" / "images" / f"val_{wnid}.JPEG")
        rows.append(f"val_{wnid}.JPEG\t{wnid}\t0\t0\t62\t62\n")
    rows.append(f"val_kept_back.JPEG\t{wnids[0]}\t0\t0\t62\t62\n")
    (root / "val" / "val_annotations.txt").write_text("".join(rows))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tiny_imagenet, "CLASSES", 2)
        yield root


def test_tiny_imagenet_is_read_in_the_order_of_its_classes(tiny: Path) -> None:
    counts: list[tuple[int, int]] = []
    pictures = read_tiny_imagenet(tiny.parent, "train", lambda *count: counts.append(count))
    assert pictures.images.shape == (8, 3, 64, 64)
    assert pictures.labels.tolist() == [0] * 4 + [1] * 4
    assert pictures.images[0, :, 5, 5].tolist() == pytest.approx([0, 0, 254], abs=3)  # n01...
    assert counts[-1] == (8, 8)
    assert read_tiny_imagenet(tiny, "val").labels.tolist() == [0, 1]


def test_what_is_not_tiny_imagenet_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="is missing"):
        read_tiny_imagenet(tmp_path, "train")
    (tmp_path / "wnids.txt").write_text("n01000000\n")
    monkeypatch.setattr(tiny_imagenet, "CLASSES", 200)
    with pytest.raises(DataError, match="names 1 classes, not 200"):
        read_tiny_imagenet(tmp_path, "train")
    monkeypatch.setattr(tiny_imagenet, "CLASSES", 1)
    with pytest.raises(DataError, match=r"no pictures\. Unpack the archive again"):
        read_tiny_imagenet(tmp_path, "train")
    home = tmp_path / "train" / "n01000000" / "images"
    home.mkdir(parents=True)
    Image.new("RGB", (32, 32)).save(home / "small.JPEG")
    with pytest.raises(DataError, match="not 64 x 64"):
        read_tiny_imagenet(tmp_path, "train")
    (home / "small.JPEG").write_bytes(b"no picture")
    with pytest.raises(DataError, match="not a picture"):
        read_tiny_imagenet(tmp_path, "train")


@pytest.mark.parametrize(
    ("network", "edition"), [each for each in RECIPES if RECIPES[each].data == "tiny-imagenet"]
)
def test_every_recipe_trains_its_network(
    network: str, edition: str, tiny: Path, tmp_path: Path
) -> None:
    recipe = replace(recipe_of(network, edition), epochs=1, batch=4, snapshots=(1,))
    out = tmp_path / f"{network}-{edition}.safetensors"
    card = train(network, edition, tiny, out, recipe, CPU)
    assert card.network == network
    assert out.stat().st_size < 6 * 2**20
    trained = ali5.load(network, edition, weights=out, device="cpu")
    assert torch.isfinite(trained(open_sample("cat"))).all()


def test_augmentation_by_hand() -> None:
    still = Recipe("mnist", 1, 1, "adamw", 1e-3, 0)
    images = torch.randint(0, 256, (6, 3, 16, 16), dtype=torch.uint8)
    random = torch.Generator().manual_seed(0)
    assert torch.allclose(augment(images, still, random), images.float(), atol=1e-2)
    flipped = augment(images, replace(still, flip=True), random)
    pairs = list(zip(flipped, images.float(), strict=True))
    mirrored = [torch.allclose(new, old.flip(-1), atol=1e-2) for new, old in pairs]
    same = [torch.allclose(new, old, atol=1e-2) for new, old in pairs]
    assert [a != b for a, b in zip(mirrored, same, strict=True)] == [True] * 6
    assert any(mirrored)
    assert any(same)
    sharp = replace(still, shift=0.2, rotation_degrees=9, scaling=0.1, sharp=1.0)
    for picture, source in zip(augment(images, sharp, random), images.float(), strict=True):
        found = (
            (picture[:, 4:12, 4:12] - source.unfold(1, 8, 1).unfold(2, 8, 1).permute(1, 2, 0, 3, 4))
            .abs()
            .amax((2, 3, 4))
        )
        assert float(found.min()) < 1e-2  # the middle is somewhere in the picture, untouched
    moved = augment(images, replace(still, shift=0.2, rotation_degrees=9, scaling=0.1), random)
    assert moved.shape == images.shape
    assert 0 <= moved.min() <= moved.max() <= 255
    assert not torch.allclose(moved, images.float(), atol=1)


def test_pixels_are_prepared_as_for_showing() -> None:
    network = ali5.load("resnet18")
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    batch = torch.from_numpy(pixels.transpose(2, 0, 1).copy())[None]
    ours = to_input(batch, network.edition.preprocessing)
    assert torch.allclose(ours, network.prepare(Image.fromarray(pixels)), atol=1e-5)


def test_an_unknown_recipe_offers_the_nearest() -> None:
    with pytest.raises(ali5.UnknownName, match="Did you mean 'vgg11 compact'"):
        recipe_of("vgg16")


def test_mnist_is_found_in_the_usual_places(folder: Path, tmp_path: Path) -> None:
    digits = read_mnist(folder, "train")
    assert digits.images.shape == (360, 1, 28, 28)
    assert digits.images.dtype == torch.uint8
    assert digits.labels[:6].tolist() == [0, 0, 0, 1, 1, 1]
    nested = tmp_path / "elsewhere" / "MNIST" / "raw"
    nested.parent.mkdir(parents=True)
    nested.symlink_to(folder)
    assert len(read_mnist(tmp_path / "elsewhere", "test").labels) == 30


@pytest.mark.parametrize("name", ["missing/x.safetensors", "x.csv", "x"])
def test_where_nothing_can_be_written_is_said_before_the_training(folder: Path, name: str) -> None:
    with pytest.raises(DataError, match="Weights are written to"):
        train("lenet5", "compact", folder, folder / name, SHORT, CPU)


def test_what_is_not_mnist_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no 'train-images"):
        read_mnist(tmp_path / "empty", "train")
    images = folder / FILES["train"][0]
    whole = images.read_bytes()
    images.write_bytes(whole[:-5])
    with pytest.raises(DataError, match="cut short"):
        read_mnist(folder, "train")
    labels = folder / f"{FILES['train'][1]}.gz"
    compressed = labels.read_bytes()
    images.write_bytes(whole)
    labels.write_bytes(compressed[:-9])
    with pytest.raises(DataError, match="damaged or cut short"):
        read_mnist(folder, "train")
    labels.write_bytes(compressed)
    images.write_bytes(b"text")
    with pytest.raises(DataError, match="not an IDX file"):
        read_mnist(folder, "train")
    images.write_bytes(idx(np.zeros((5, 28, 28), np.uint8)))
    with pytest.raises(DataError, match="do not belong together"):
        read_mnist(folder, "train")


def test_quick_response_normalisation_is_pytorchs() -> None:
    for size in (4, 5):
        ours = LocalResponseNorm(size, alpha=5e-2, beta=0.6, k=1.5).train()
        theirs = torch.nn.LocalResponseNorm(size, alpha=5e-2, beta=0.6, k=1.5)
        images = torch.randn(2, 12, 5, 7, dtype=torch.float32) * 3
        one, two = images.clone().requires_grad_(), images.clone().requires_grad_()
        upstream = torch.randn_like(images)
        ours(one).backward(upstream)
        theirs(two).backward(upstream)
        assert torch.allclose(ours(images), theirs(images), atol=1e-5)
        assert one.grad is not None
        assert two.grad is not None
        assert torch.allclose(one.grad, two.grad, atol=1e-5)
        assert torch.equal(ours.eval()(images), theirs(images))


def test_accuracy_and_confusions_by_hand() -> None:
    logits = torch.tensor(
        [[3.0, 2, 1, 0, -1, -2], [0, 1, 2, 3, 4, 5], [9, 0, 0, 0, 0, 8], [1, 9, 0.5, 0.4, 0.3, 0.2]]
    )
    labels = torch.tensor([0, 0, 5, 5])
    assert accuracy(logits, labels) == Accuracy(0.25, 0.5)
    names = ["ant", "bee", "cow", "dog", "elk", "fox"]
    assert confusions(logits, labels, names) == (
        Confusion("ant", "fox", 0.5),
        Confusion("fox", "ant", 0.5),
        Confusion("fox", "bee", 0.5),
    )
    assert confusions(logits, labels, names, most=1) == (Confusion("ant", "fox", 0.5),)
    # Among ants and elks alone: the first picture is right, the second is taken for an elk.
    assert restricted_top1(logits, labels, names, ["ant", "elk"]) == 0.5
    assert restricted_top1(logits, labels, names, ["ant", "yak"]) is None


def spread_of(filters: torch.Tensor | None) -> float:
    """Largest by smallest singular value of filters as a matrix."""
    assert filters is not None
    singular = torch.linalg.svdvals(filters.flatten(1))
    return float(singular.max() / singular.min())


def test_muon_changes_hidden_layers_by_matrices_of_equal_singular_values() -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 16, 3, bias=False), torch.nn.Conv2d(16, 4, 1)
    )
    recipe = Recipe("tiny-imagenet", 1, 1, "muon", peak_rate=0.01, weight_decay=0.0, warm_up=0.5)
    stepper = Stepper(model, recipe)
    stepper.schedule(10)
    before = [value.detach().clone() for value in model.parameters()]
    for value in model.parameters():
        value.grad = torch.randn_like(value)
    before_ratio = spread_of(model[1].weight.grad)
    stepper.step()
    after_ratio = spread_of(model[1].weight.detach() - before[2])
    assert after_ratio < 1.8 < before_ratio  # Newton-Schulz brings them near one
    moved = [not torch.equal(a, b) for a, b in zip(model.parameters(), before, strict=True)]
    assert all(moved)


def test_snapshots_are_kept_with_their_accuracy(folder: Path) -> None:
    recipe = replace(SHORT, epochs=2, snapshots=(5, 20, 99))
    out = folder / "lenet5-compact.safetensors"
    card = train("lenet5", "compact", folder, out, recipe, CPU)
    assert [each.step for each in card.snapshots] == [5, 20]  # 99 was never reached
    assert [each.epoch for each in card.snapshots] == [0.333, 1.333]
    for each in card.snapshots:
        path = folder / each.file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == each.sha256
        assert ali5.load("lenet5", weights=path).trained
        assert each.accuracy["top1"] <= 1


def test_what_is_kept_on_the_way_has_statistics_at_the_networks_own_size(
    tiny: Path, tmp_path: Path
) -> None:
    recipe = replace(
        recipe_of("resnet18"),
        epochs=1,
        batch=4,
        sizes=(32,),
        again=(),
        first_scale=0.1,
        snapshots=(2,),
    )
    edition = ali5.catalog()["resnet18"].edition("compact")
    run = Run(edition, recipe, CPU, tmp_path / "x.safetensors")
    pictures = read_tiny_imagenet(tiny, "train")
    run.prepare(len(pictures.labels))
    list(run.steps(pictures))
    kept = load_file(run.snapshot(2))
    # By hand: the mean of what the first convolution makes of the pictures, at 64 × 64 pixels.
    random = torch.Generator().manual_seed(recipe.seed)
    order = torch.randperm(len(pictures.labels), generator=random)
    maps = []
    with torch.no_grad():
        for batch in torch.split(order, recipe.batch):
            seen = to_input(augment(pictures.images[batch], recipe, random), edition.preprocessing)
            assert seen.shape[-1] == 64
            maps.append(run.model.get_submodule("conv1")(seen))
    expected = torch.cat(maps).mean(dim=(0, 2, 3))
    assert torch.allclose(kept["bn1.running_mean"].float(), expected, rtol=2e-3, atol=1e-5)
    while_learning = run.model.get_buffer("bn1.running_mean")
    assert not torch.allclose(while_learning, expected, rtol=2e-3, atol=1e-5)
    assert torch.equal(kept["conv1.weight"], run.model.get_parameter("conv1.weight").half())


def test_the_first_part_of_a_training_can_see_small_pictures(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(
        recipe_of("resnet18"), epochs=2, batch=4, sizes=(32, 64), again=(1,), snapshots=()
    )
    seen = []

    class Watched(Run):
        def _loss(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            seen.append(images.shape[-1])
            return super()._loss(images, labels)

    run = Watched(
        ali5.catalog()["resnet18"].edition("compact"), recipe, CPU, tmp_path / "x.safetensors"
    )
    pictures = read_tiny_imagenet(tiny, "train")
    run.prepare(len(pictures.labels))
    for run.epoch in range(3):
        if run.epoch == recipe.epochs:
            run.begin_again(pictures)
        list(run.steps(pictures))
    assert seen == [32, 32, 64, 64, 64, 64]


@pytest.fixture
def last_cycle(tiny: Path, tmp_path: Path) -> tuple[Run, Pictures]:
    """A training of ResNet-18 that has ended its first cycle."""
    recipe = replace(recipe_of("resnet18"), epochs=1, batch=4, again=(1,), first_scale=0.3)
    edition = ali5.catalog()["resnet18"].edition("compact")
    run = Run(edition, recipe, CPU, tmp_path / "x.safetensors")
    pictures = read_tiny_imagenet(tiny, "train")
    run.prepare(len(pictures.labels))
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
        found = run._loss(images, labels)
        logits = run.model.train()(images)
    # By hand: what the shares at temperature 2 cost more than those that are wanted.
    shares, goal = (logits / 2).softmax(1), (wanted / 2).softmax(1)
    divergence = 4 * (goal * (goal.log() - shares.log())).sum(1).mean()
    right = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    share = run.recipe.imitation
    assert 0 < share < 1
    assert float(divergence) > 0
    assert torch.allclose(found, share * divergence + (1 - share) * right, rtol=1e-4)


def test_what_is_imitated_is_known_after_a_stop(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(recipe_of("resnet18"), epochs=1, batch=4, again=(1, 2), sizes=(), snapshots=())
    whole = train("resnet18", "compact", tiny, tmp_path / "whole.safetensors", recipe, CPU)

    def kill(progress: Progress) -> None:
        if progress.epoch == 4:
            raise KeyboardInterrupt

    out = tmp_path / "killed.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("resnet18", "compact", tiny, out, recipe, CPU, report=kill)
    assert train("resnet18", "compact", tiny, out, recipe, CPU, resume=True).sha256 == whole.sha256


def test_dead_filters_become_opposites_and_the_answer_stays() -> None:
    torch.manual_seed(3)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 5, 3), torch.nn.ReLU(), torch.nn.Conv2d(5, 4, 3)
    )
    first = network[0]
    batches = [torch.rand(2, 3, 9, 9) for _ in range(3)]
    with torch.no_grad():
        first.weight[:] = torch.eye(27)[:5].view(5, 3, 3, 3)  # living ones look at one pixel each
        first.weight[4] = -first.weight[0]  # the opposite of this one is there already
        first.bias.fill_(0.1)
        first.bias[2] = -9.0
        first.weight[1, 0, 0] = torch.tensor([-0.6, 0.8, 0.0])  # half an opposite of the first too
    before = [network(each) for each in batches]
    revived = first_layer.revive(network, batches)
    assert revived == 1
    # Least like all others is the opposite of the fourth: at right angles to every other filter.
    assert torch.equal(first.weight[2], -first.weight[3])
    assert torch.equal(first.bias, torch.full((5,), 0.1))
    assert first(batches[0])[:, 2].max() > 0
    for images, answer in zip(batches, before, strict=True):
        assert torch.allclose(network(images), answer, atol=1e-6)
    assert first_layer.revive(network, batches) == 0


def test_the_last_cycle_of_vgg_begins_without_dead_filters(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(recipe_of("vgg11"), epochs=1, batch=4, again=(1,))
    edition = ali5.catalog()["vgg11"].edition("compact")
    run = Run(edition, recipe, CPU, tmp_path / "x.safetensors")
    pictures = read_tiny_imagenet(tiny, "train")
    run.prepare(len(pictures.labels))
    with torch.no_grad():
        run.average.get_parameter("conv1_1.bias")[7] = -9.0
    run.epoch = 1
    run.begin_again(pictures)
    for module in (run.average, run.model):
        assert module.get_parameter("conv1_1.bias")[7] > -1


FAULTS = """
import resource
from ali5.training.memory import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        bytearray(64 * 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults(), keep_freed_memory(), faults() and faults())
"""
"""Prints how many pages had to be fetched for blocks that come and go, and go on coming."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_memory_that_is_freed_is_kept_for_the_next_step() -> None:
    run = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True)
    before, kept, after = run.stdout.split()
    assert kept == "True"
    assert int(after) * 20 < int(before)
