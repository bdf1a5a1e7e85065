"""A training learns, repeats itself, is stopped and goes on, and says what it cannot do."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

import ali5
from ali5.__main__ import main
from ali5.errors import DataError
from ali5.known.cards import Card, read_card
from ali5.pictures.samples import open_sample
from ali5.training.loop import Progress, train
from ali5.training.recipe import RECIPES, Recipe
from tests.ali5.training.conftest import CPU, SHORT, Trained, in_brief

pytestmark = pytest.mark.usefixtures("rough_muon")


def test_lenet_learns(folder: Path) -> None:
    seen: list[Progress] = []
    out = folder / "one.safetensors"
    card = train("lenet5", "compact", folder, out, SHORT, CPU, report=seen.append)
    assert card.accuracy["top1"] > 0.9
    assert card == read_card(out)
    assert len(seen) == 15 * 5
    assert [seen[0].epoch, seen[-1].epoch, seen[-1].done] == [1, 15, 1]
    assert seen[-1].accuracy is not None
    log = (folder / "one.csv").read_text("utf-8").splitlines()
    assert log[0] == "epoch,loss,top1,top5,seconds"
    assert len(log) == 16
    assert not list(folder.glob("*.checkpoint"))
    network = ali5.load("lenet5", weights=out, device="cpu")
    assert ali5.trace(network, open_sample("digit-7")).predictions(1)[0].label == "7"


FOUR = replace(SHORT, epochs=4)
"""Epochs in one cycle."""

THREE_CYCLES = replace(SHORT, epochs=2, again=(1, 1))
"""The same number in three."""


@pytest.fixture(scope="module")
def whole(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Recipe], Card]:
    """Train LeNet-5 without a stop, once by each recipe."""
    out = tmp_path_factory.mktemp("whole") / "whole.safetensors"
    return cache(lambda recipe: train("lenet5", "compact", digits, out, recipe, CPU))


def test_the_same_seed_gives_the_same_weights(
    whole: Callable[[Recipe], Card], folder: Path
) -> None:
    out = folder / "again.safetensors"
    sums = [
        train("lenet5", "compact", folder, out, recipe, CPU).sha256
        for recipe in (FOUR, replace(FOUR, seed=6))
    ]
    assert sums[0] == whole(FOUR).sha256 != sums[1]


@pytest.mark.parametrize("recipe", [FOUR, THREE_CYCLES], ids=["one cycle", "three cycles"])
@pytest.mark.parametrize("when", [0.1, 0.5, 0.7, 0.99])
def test_a_training_that_was_killed_goes_on_to_the_same_weights(
    whole: Callable[[Recipe], Card], folder: Path, when: float, recipe: Recipe
) -> None:
    def kill(progress: Progress) -> None:
        if progress.done > when:
            raise KeyboardInterrupt

    out = folder / "killed.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("lenet5", "compact", folder, out, recipe, CPU, report=kill)
    assert not out.exists()
    resumed = train("lenet5", "compact", folder, out, recipe, CPU, resume=True)
    assert resumed.sha256 == whole(recipe).sha256
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


def test_a_checkpoint_of_another_recipe_or_network_is_refused(folder: Path) -> None:
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


def test_a_training_goes_on_with_the_precision_it_began_with(folder: Path) -> None:
    open_ = replace(SHORT, epochs=2, precision="auto")
    out = stopped(folder, replace(open_, precision="bf16"))
    with pytest.raises(DataError, match="other settings"):
        train("lenet5", "compact", folder, out, replace(open_, precision="fp32"), CPU, resume=True)
    seen: list[Progress] = []
    card = train("lenet5", "compact", folder, out, open_, CPU, resume=True, report=seen.append)
    assert card.recipe["precision"] == "bf16"
    assert seen[0].computing == "bf16 (as it began)"


def test_what_a_trial_chose_is_said_and_gives_the_weights_of_that_precision(folder: Path) -> None:
    seen: list[Progress] = []
    cards = []
    for precision in ("auto", "bf16", "fp32"):
        out = folder / f"{precision}.safetensors"
        recipe = replace(SHORT, epochs=1, precision=precision)
        cards.append(train("lenet5", "compact", folder, out, recipe, CPU, report=seen.append))
    chosen, *forced = cards
    assert forced[0].sha256 != forced[1].sha256
    alike = next(card for card in forced if card.recipe == chosen.recipe)
    assert chosen.sha256 == alike.sha256
    precision = chosen.recipe["precision"]
    assert seen[0].computing.startswith(f"{precision} (")
    assert " s a step, " in seen[0].computing
    assert {each.computing for each in seen[5:]} == {"bf16 (as told)", "fp32 (as told)"}


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


@pytest.mark.parametrize("name", ["missing/x.safetensors", "x.csv", "x"])
def test_where_nothing_can_be_written_is_said_before_the_training(folder: Path, name: str) -> None:
    with pytest.raises(DataError, match="Weights are written to"):
        train("lenet5", "compact", folder, folder / name, SHORT, CPU)


def test_the_command_line_trains_and_measures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "mine.safetensors"
    arguments = ["train", "lenet5", "--data", str(folder), "--out", str(out)]
    assert main([*arguments, "--epochs", "1", "--precision", "bf16"]) == 0
    said = capsys.readouterr().out
    assert "Computes in bf16 (as told)." in said
    assert "epoch 1/1" in said
    card = read_card(out)
    assert card.recipe["precision"] == "bf16"
    words = f"top-1 {card.accuracy['top1']:.2%}, top-5 {card.accuracy['top5']:.2%}"
    assert f"{out}: {words}" in said
    assert card.data == "120 digits of MNIST, measured on 30 test digits"
    assert main(["evaluate", "lenet5", "--data", str(folder), "--weights", str(out)]) == 0
    assert f"30 pictures: {words}" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for more in ([], ["--resume"]):
        assert main([*arguments, *more]) == 2
        assert "training that was finished" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_snapshots_are_kept_with_their_accuracy(folder: Path) -> None:
    recipe = replace(SHORT, epochs=2, snapshots=(2, 8, 99))
    out = folder / "lenet5-compact.safetensors"
    card = train("lenet5", "compact", folder, out, recipe, CPU)
    assert [each.step for each in card.snapshots] == [2, 8]  # 99 was never reached
    assert [each.epoch for each in card.snapshots] == [0.4, 1.6]
    for each in card.snapshots:
        path = folder / each.file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == each.sha256
        assert ali5.load("lenet5", weights=path).trained
        assert each.accuracy["top1"] <= 1


@pytest.mark.parametrize(
    ("network", "edition"), [each for each in RECIPES if RECIPES[each].data == "tiny-imagenet"]
)
def test_every_recipe_trains_its_network(network: str, edition: str, brief: Trained) -> None:
    card, out = brief(network, edition)
    assert card.network == network
    assert out.stat().st_size < 6 * 2**20
    trained = ali5.load(network, edition, weights=out, device="cpu")
    assert torch.isfinite(trained(open_sample("cat"))).all()


def test_what_is_imitated_is_known_after_a_stop(brief: Trained, tiny: Path, tmp_path: Path) -> None:
    recipe = in_brief("resnet18")
    assert recipe.imitation
    assert recipe.again == (1, 2)

    def kill(progress: Progress) -> None:
        if progress.epoch == 4:  # the second step of the last cycle
            raise KeyboardInterrupt

    out = tmp_path / "killed.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train("resnet18", "compact", tiny, out, recipe, CPU, report=kill)
    resumed = train("resnet18", "compact", tiny, out, recipe, CPU, resume=True)
    assert resumed.sha256 == brief("resnet18", "compact")[0].sha256
