"""The command line, as a person types it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import ali5
from ali5.__main__ import main
from ali5.paths import ASSETS
from ali5.site.hosting import listen
from ali5.training.recipe import recipe_of

CAT = str(ASSETS / "photographs" / "cat.jpg")


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "ali5", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_trace_prints_every_step_of_vgg16_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--network", "vgg16", "--edition", "torchvision", "--json"]
    assert main(["trace", CAT, *arguments]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["parameters"] == 138_357_544
    assert record["multiply_adds"] == pytest.approx(15.47e9, rel=0.005)
    steps = {step["name"]: step for step in record["steps"]}
    assert steps["conv1_1"] == {
        "name": "conv1_1",
        "operation": "convolution",
        "inputs": ["input"],
        "block": None,
        "shape": [1, 64, 224, 224],
        "parameters": 1792,
        "multiply_adds": 86_704_128,
        "receptive_field": {"size": 3, "stride": 1, "offset": -1},
    }
    assert steps["pool5"]["receptive_field"]["size"] == 212
    assert len(record["predictions"]) == 5


def test_a_process_of_its_own_prints_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    result = run("trace", "digit-3")
    assert (result.returncode, result.stderr) == (0, "")
    assert main(["trace", "digit-3"]) == 0
    assert result.stdout == capsys.readouterr().out


def test_trace_prints_a_table_that_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "digit-3"]) == 0
    out = capsys.readouterr().out
    lines = [line.split() for line in out.splitlines()]
    first = next(i for i, words in enumerate(lines) if words[:1] == ["step"])
    last = next(i for i, words in enumerate(lines) if words[:1] == ["total"])

    def number(text: str) -> int:
        return int(text.replace(",", ""))

    rows = lines[first + 1 : last]
    assert sum(number(words[-6]) for words in rows) == number(lines[last][-2]) == 61_706
    assert sum(number(words[-5]) for words in rows) == number(lines[last][-1]) == 416_520
    assert lines[last + 2][-1] == "3"


def test_errors_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note.txt").write_text("hello")
    for arguments, words in (
        (["trace", str(tmp_path / "note.txt")], "text file"),
        (["trace", str(tmp_path / "missing.png")], "cannot be read"),
        (["trace", CAT, "--network", "resnet51"], "Did you mean 'resnet50'?"),
        (["trace", CAT, "--edition", "torchvision"], "no edition of LeNet-5"),
        (["trace", CAT, "--weights", str(tmp_path / "w.pth")], "no weights file"),
        (["train", "lenet5", "--data", str(tmp_path)], "has no 'train-images"),
    ):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith("ali5: ")
        assert words in captured.err
        assert captured.err.count("\n") == 1
        assert not captured.out


@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_numbers_must_be_positive(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "lenet5", "--data", "x", "--epochs", number])
    assert "invalid positive number value" in capsys.readouterr().err


@pytest.mark.parametrize("before", [True, False])
def test_the_device_can_be_named_before_or_after_the_command(
    before: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    device = ["--device", "cpu"]
    command = ["trace", "digit-1", "--json"]
    assert main([*device, *command] if before else [*command, *device]) == 0
    assert json.loads(capsys.readouterr().out)["device"] == "cpu"


def test_values_that_are_no_numbers_stay_valid_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ali5.load("lenet5").module.state_dict()
    save_file(state | {"output.bias": torch.full((10,), torch.nan)}, tmp_path / "nan.safetensors")
    weights = ["--weights", str(tmp_path / "nan.safetensors")]
    assert main(["trace", "digit-1", "--json", *weights]) == 0
    record = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert record["predictions"][0]["logit"] is None


def test_version_and_help(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).stdout == f"ali5 {ali5.__version__}\n"
    text = run("--help", cwd=tmp_path).stdout
    for option in ("--host", "--port", "--device", "--version", "trace", "train"):
        assert option in text
    assert "127.0.0.1" in text


def test_a_second_site_takes_the_next_port() -> None:
    with listen("127.0.0.1") as first, listen("127.0.0.1") as second:
        assert second.getsockname()[1] > first.getsockname()[1]


def test_a_host_that_is_not_here_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--host", "192.0.2.1", "--no-browser"]) == 2
    assert "'192.0.2.1' is not an address of this computer" in capsys.readouterr().err
    assert main(["--host", "nosuch.invalid", "--no-browser"]) == 2
    assert "There is no host 'nosuch.invalid'" in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_device_that_is_not_here_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--device", "cuda", "--no-browser"]) == 2
    assert "There is no device 'cuda' here" in capsys.readouterr().err


def test_the_epochs_that_are_asked_for_are_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def train(*arguments: object) -> None:
        asked.append(arguments[4])
        raise KeyboardInterrupt

    monkeypatch.setattr("ali5.training.loop.train", train)
    command = ["train", "resnet18", "--data", "x", "--out", str(tmp_path / "w.safetensors")]
    assert main([*command, "--epochs", "2", "--seed", "7", "--precision", "fp32"]) == 130
    assert main(command) == 130
    short, usual = asked
    assert (short.all_epochs, short.seed, short.precision) == (2, 7, "fp32")
    assert usual == recipe_of("resnet18")


def test_a_stopped_training_is_never_overwritten_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ali5.training.loop.train", stop)
    (tmp_path / "w.checkpoint").write_bytes(b"hours")
    command = ["train", "lenet5", "--data", "x", "--out", str(tmp_path / "w.safetensors")]
    assert main(command) == 2
    assert "Go on with --resume, or remove it" in capsys.readouterr().err
    assert main([*command, "--resume"]) == 130
    assert "with --resume goes on from the last whole epoch" in capsys.readouterr().err
    monkeypatch.setattr("ali5.known.fetching.download", stop)
    assert main(["download", "resnet18"]) == 130
    assert "What has come is kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["vgg16"], "Evaluate one of: lenet5, "),
        (["resnet18", "--edition", "torchvision"], "Evaluate its compact edition."),
    ],
)
def test_what_cannot_be_measured_is_refused_before_it_is_built(
    arguments: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("ali5.load", pytest.fail)
    assert main(["evaluate", *arguments, "--data", "x"]) == 2
    assert words in capsys.readouterr().err
