"""MNIST is read from its IDX files, and nothing else is."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ali5.errors import DataError
from ali5.training.mnist import FILES, read_mnist
from tests.ali5.training.conftest import idx


def test_mnist_is_found_in_the_usual_places(folder: Path, tmp_path: Path) -> None:
    digits = read_mnist(folder, "train")
    assert digits.images.shape == (120, 1, 28, 28)
    assert digits.images.dtype == torch.uint8
    assert digits.labels[:6].tolist() == [0, 0, 0, 1, 1, 1]
    nested = tmp_path / "elsewhere" / "MNIST" / "raw"
    nested.parent.mkdir(parents=True)
    nested.symlink_to(folder)
    assert len(read_mnist(tmp_path / "elsewhere", "test").labels) == 30


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
