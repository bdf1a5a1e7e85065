"""The two collections of pictures in small, and short trainings on them."""

import gzip
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ali5.known.cards import Card
from ali5.pictures.samples import open_sample
from ali5.training import tiny_imagenet
from ali5.training.loop import train
from ali5.training.mnist import FILES
from ali5.training.recipe import RECIPES, Recipe, recipe_of

Trained = Callable[[str, str], tuple[Card, Path]]

CPU = torch.device("cpu")

SHORT = replace(RECIPES["lenet5", "compact"], epochs=15, batch=24, peak_rate=8e-3, averaging=0.9)
"""Enough for LeNet-5 to know the digits of `folder`."""


def idx(values: np.ndarray) -> bytes:
    header = b"\0\0\x08" + bytes([values.ndim])
    return header + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MNIST in small: our own drawn digits, 12 of each for training. To be read only."""
    home = tmp_path_factory.mktemp("digits")
    drawn = [
        np.asarray(open_sample(f"digit-{digit}{hand}").convert("L").resize((28, 28)))
        for digit in range(10)
        for hand in ("", "b", "c")
    ]
    labels = np.repeat(np.arange(10, dtype=np.uint8), 3)
    for part, copies in (("train", 4), ("test", 1)):
        images, truth = FILES[part]
        (home / images).write_bytes(idx(np.stack(drawn * copies)))
        (home / f"{truth}.gz").write_bytes(gzip.compress(idx(np.tile(labels, copies))))
    return home


@pytest.fixture
def folder(digits: Path, tmp_path: Path) -> Path:
    """A folder of one's own with the same, to be written to."""
    for path in digits.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def passes() -> int:
    """Muon scales a step and does no more: what else a training does is told from that as well."""
    return 0


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def brief(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Train a network on photographs by its recipe `in_brief`, once."""
    home = tmp_path_factory.mktemp("brief")

    @cache
    def trained(network: str, edition: str) -> tuple[Card, Path]:
        recipe = in_brief(network, edition)
        out = home / f"{network}-{edition}.safetensors"
        card = train(network, edition, tiny, out, recipe, CPU)
        return card, out

    return trained


def in_brief(network: str, edition: str = "compact") -> Recipe:
    """The recipe of a network with one step in each cycle, and two in the last of several."""
    recipe = recipe_of(network, edition)
    again = (*(1 for _ in recipe.again[1:]), *(2 for _ in recipe.again[:1]))
    return replace(recipe, epochs=1, batch=8, again=again, snapshots=(1,), precision="fp32")
