"""What the README shows works as it stands there."""

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import ali5
from ali5.known.cards import bundled_weights, read_card
from ali5.paths import ASSETS
from ali5.pictures.samples import open_sample
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")


EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_notebook_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ASSETS / "photographs")
    code = EXAMPLES[0]
    assert len(code.strip().splitlines()) <= 11
    exec(compile(code, "README.md", "exec"), {})
    assert "layer1.0.conv1 convolution (1, 32, 32, 32)" in capsys.readouterr().out


def test_own_networks_and_weights_open_as_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    network = ali5.load("resnet18")
    save_file(network.module.state_dict(), tmp_path / "mine.safetensors")
    monkeypatch.chdir(tmp_path)
    served: list[object] = []
    fetched: list[str] = []
    monkeypatch.setattr(ali5, "explore", lambda *given, **named: served.append((given, named)))
    monkeypatch.setattr(ali5, "download", fetched.append)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
        torch.nn.Linear(4, 2),
    )  # fmt: skip
    names = {"ali5": ali5, "module": module, "image": open_sample("cat")}
    exec(compile(EXAMPLES[1], "README.md", "exec"), names)
    assert len(served) == 1
    assert fetched == ["resnet50"]
    assert names["network"].edition.parameters == 4 * 27 + 4 + 4 * 2 + 2
    assert names["own"].trained


def test_one_number_of_a_network_is_explained_as_shown() -> None:
    image, network = open_sample("coffee"), ali5.load("resnet18")
    names = {"ali5": ali5, "image": image, "network": network}
    names["trace"] = ali5.trace(network, image)
    exec(compile(EXAMPLES[3], "README.md", "exec"), names)
    unit = names["unit"]
    assert unit.total == pytest.approx(unit.value, rel=1e-4)
    assert names["back"].stages[-1].signal.shape == (3, 64, 64)
    assert names["heat"].shape == (64, 64)


def test_one_number_of_a_convolution_is_taken_apart_as_shown() -> None:
    names = {"ali5": ali5, "pixels": torch.rand(3, 9, 11), "kernel": torch.rand(2, 3, 3, 3)}
    exec(compile(EXAMPLES[2], "README.md", "exec"), names)
    products = names["result"].window(channel=0, row=3, column=4).products
    assert float(products.sum()) == pytest.approx(float(names["result"].output[0, 3, 4]), abs=1e-5)


def test_classes_of_ones_own_are_taught_as_shown(capsys: pytest.CaptureFixture[str]) -> None:
    turned = {
        name: [open_sample(name).rotate(10 * turn) for turn in range(5)]
        for name in ("cat", "coffee")
    }
    names = {"ali5": ali5, "network": ali5.load("resnet18")}
    exec(
        compile(EXAMPLES[4], "README.md", "exec"),
        names | {"cats": turned["cat"], "dogs": turned["coffee"]},
    )
    assert capsys.readouterr().out == "10 10\n"


def test_pictures_are_compared_as_shown() -> None:
    images = [open_sample(name) for name in ("coffee", "cat", "barn")]
    names = {"ali5": ali5, "images": images, "network": ali5.load("resnet18")}
    exec(compile(EXAMPLES[5], "README.md", "exec"), names)
    assert names["alike"]["avgpool"].shape == names["alike"].pixels.shape == (3, 3)


def accuracy_rows() -> list[str]:
    """The rows of the README's table, from the cards; `python -m tests.record` writes them."""
    data = {"mnist": "MNIST, 10 digits", "tiny-imagenet": "Tiny ImageNet, 200 classes"}
    rows = []
    for name, known in ali5.catalog().items():
        for edition in known.editions:
            if (path := bundled_weights(name, edition)) is not None:
                card = read_card(path)
                top1, top5 = (f"{card.accuracy[key] * 100:.1f} %" for key in ("top1", "top5"))
                words = data[card.recipe["data"]]
                rows.append(f"| {known.title} | {edition} | {words} | {top1} | {top5} |")
    return rows


def test_the_accuracies_are_those_of_the_cards() -> None:
    table = README.partition("<!-- accuracies")[2].partition("<!-- end of accuracies -->")[0]
    assert [line for line in table.splitlines() if line.startswith("| ")][1:] == accuracy_rows()


def test_the_files_it_names_exist() -> None:
    for path in re.findall(r"`((?:ali5|app|pages|assets|tests|\.ci)/[^` ]*)`", README):
        if "NAME" in path:  # a recipe: the folder exists, what to put there does not yet
            path = path.partition("NAME")[0].rpartition("/")[0]
        assert (ROOT / path).exists(), path
    for path in re.findall(r"\]\((assets/[^)]+)\)", README):
        assert (ROOT / path).exists(), path
