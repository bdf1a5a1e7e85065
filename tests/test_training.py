"""The recipe runs, repeats itself, and reads only what it should."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

import ali5
from ali5.errors import DataError
from ali5.samples import open_sample
from ali5.training.lenet import Recipe, train_lenet
from ali5.training.mnist import FILES, read_mnist
from ali5.weights import read_card


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


def test_lenet_learns_and_the_same_seed_gives_the_same_weights(folder: Path) -> None:
    recipe = Recipe(epochs=25, batch=24, averaging=0.9)
    lines: list[str] = []
    cards = [
        train_lenet(folder, folder / f"{name}.safetensors", recipe, lines.append)
        for name in ("one", "two")
    ]
    assert cards[0].sha256 == cards[1].sha256
    assert cards[0].accuracy["top1"] > 0.9
    assert cards[0] == read_card(folder / "one.safetensors")
    assert len(lines) == 50
    assert "min left" in lines[0]
    log = (folder / "one.csv").read_text("utf-8").splitlines()
    assert log[0] == "epoch,loss,accuracy,seconds"
    assert len(log) == 26
    network = ali5.load("lenet5", weights=folder / "one.safetensors", device="cpu")
    assert ali5.trace(network, open_sample("digit-7")).predictions(1)[0].label == "7"


def test_mnist_is_found_in_the_usual_places(folder: Path, tmp_path: Path) -> None:
    digits = read_mnist(folder, "train")
    assert digits.images.shape == (360, 28, 28)
    assert digits.images.dtype == torch.uint8
    assert digits.labels[:6].tolist() == [0, 0, 0, 1, 1, 1]
    nested = tmp_path / "elsewhere" / "MNIST" / "raw"
    nested.parent.mkdir(parents=True)
    nested.symlink_to(folder)
    assert len(read_mnist(tmp_path / "elsewhere", "test").labels) == 30


@pytest.mark.parametrize("name", ["missing/x.safetensors", "x.csv", "x"])
def test_where_nothing_can_be_written_is_said_before_the_training(folder: Path, name: str) -> None:
    with pytest.raises(DataError, match="Weights are written to"):
        train_lenet(folder, folder / name, Recipe(epochs=1))


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
