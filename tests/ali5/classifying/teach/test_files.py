"""A head in its file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors
from torch import Tensor

import ali5
from ali5.classifying.teach.files import load_taught, read_taught, save_taught, write_taught
from ali5.classifying.teach.teaching import Taught
from ali5.errors import WeightsError


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
        changed(good, folds=float("inf")),
        changed(good, confusion=[[10**300, 0, 0], [0, 1, 0], [0, 0, 1]]),
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
        {"labels": ["a", "b", "x" * 41]},
        {"confusion": [[1, 2, 3]]},
        {"confusion": [[-1, 2, 3]] * 3},
        {"confusion": [[10**30, 0, 0], [0, 1, 0], [0, 0, 1]]},
        {"confusion": [[67, 0, 0], [0, 67, 0], [0, 0, 67]]},
        {"confusion": [[1, 0, 0], [0, 0, 0], [0, 0, 1]]},
        {"confusion": [[1, 0, 0], [0, True, 0], [0, 0, 1]]},
        {"folds": -5},
        {"folds": 1},
        {"folds": 200},
        {"folds": "3"},
        {"labels": ["a", "b", "a\u202eb"]},
        {"labels": ["a", "b", "\x07"]},
        {"labels": ["a", "b", "c\nd"]},
        {"labels": ["a", "b", " "]},
        {"labels": "abc"},
        {"network": ["lenet5"]},
        {"weights": None},
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
