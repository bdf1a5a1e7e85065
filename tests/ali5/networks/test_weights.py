"""A file of weights with far more in it than a network has is refused before it is read."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import ali5
from ali5.errors import WeightsError
from ali5.networks import weights
from ali5.networks.networks import build
from ali5.networks.weights import MOST_TIMES, InMemory

ARCHITECTURE = ali5.catalog()["lenet5"]
OWN = len(build(ARCHITECTURE.edition("compact")).state_dict())

Brought = Callable[[Path], Path | InMemory]

TOO_MANY = f"more than {MOST_TIMES} times as many tensors as this network has .{OWN}.,"


def state(extra: int) -> dict[str, torch.Tensor]:
    own = ali5.load("lenet5", "compact", device="cpu").module.state_dict()
    return {**own, **{f"extra.{number}": torch.zeros(1) for number in range(extra)}}


def write(path: Path, holding: dict[str, torch.Tensor]) -> Path:
    if path.suffix == ".safetensors":
        save_file(holding, path)
    else:
        torch.save(holding, path, _use_new_zipfile_serialization=path.suffix == ".pt")
    return path


@pytest.fixture(params=["on disk", "in memory"])
def brought(request: pytest.FixtureRequest) -> Brought:
    """A file as it lies on a disk, and as a visitor brings it."""
    if request.param == "on disk":
        return lambda path: path
    return lambda path: InMemory(path.name, path.read_bytes())


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The files that were read as a whole."""
    read: list[object] = []
    decode = weights._decode
    monkeypatch.setattr(weights, "_decode", lambda path: read.append(path) or decode(path))
    return read


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "old.pth"])
def test_far_too_many_tensors_are_refused_before_they_are_read(
    name: str, tmp_path: Path, decoded: list[object], brought: Brought
) -> None:
    path = write(tmp_path / name, state(40 * OWN))
    decoded.clear()
    with pytest.raises(WeightsError, match=TOO_MANY):
        ali5.load("lenet5", "compact", weights=brought(path))
    assert not decoded


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "old.pth"])
def test_its_own_are_read_and_a_few_more_are_named(
    name: str, tmp_path: Path, brought: Brought
) -> None:
    path = write(tmp_path / name, state(0))
    assert ali5.load("lenet5", "compact", weights=brought(path)).weights.endswith(name)
    path = write(tmp_path / name, state(OWN))
    with pytest.raises(WeightsError, match=r"Not in the network: extra\.0, .* more"):
        ali5.load("lenet5", "compact", weights=brought(path))


def test_a_pickle_of_a_million_nothings_is_refused(
    tmp_path: Path, decoded: list[object], brought: Brought
) -> None:
    path = tmp_path / "many.pth"
    torch.save(OrderedDict(a=[[] for _ in range(100_000)]), path)
    with pytest.raises(WeightsError, match=TOO_MANY):
        ali5.load("lenet5", "compact", weights=brought(path))
    path.write_bytes(pickle.dumps([[] for _ in range(100_000)]))
    with pytest.raises(WeightsError, match=TOO_MANY):
        ali5.load("lenet5", "compact", weights=brought(path))
    assert not decoded
