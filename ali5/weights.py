"""Weights on disk: safetensors with a model card beside them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from ali5.errors import WeightsError
from ali5.places import ASSETS


@dataclass(frozen=True)
class Snapshot:
    """Weights on the way, kept to show how a network learns.

    Attributes:
        step: Steps of the training that led to them.
        epoch: The same in passes over the pictures.
        file: Name, beside the final weights.
        sha256: Checksum of the file.
        accuracy: Shares 0..1, measured with the weights as stored.
    """

    step: int
    epoch: float
    file: str
    sha256: str
    accuracy: Mapping[str, float]


@dataclass(frozen=True)
class Card:
    """What there is to know about a file of weights.

    Attributes:
        network: Id in the catalog.
        edition: Edition of that network.
        paper: Where the architecture is from.
        data: What it was trained and measured on.
        recipe: The settings of the training.
        seed: Of the first weights and of everything random after.
        hardware: What it was trained on.
        minutes: How long that took.
        accuracy: Shares 0..1, measured with the weights as stored: "top1" and "top5" over all
            classes, "ten_classes" among those of CNN Explainer alone.
        confusions: The most frequent mistakes: "truth", "taken_for" and their "share".
        not_good_for: What not to expect of it.
        remarks: What else there is to say, one sentence each.
        snapshots: Weights that were kept on the way, the earliest first.
        sha256: Checksum of the file.
    """

    network: str
    edition: str
    paper: str
    data: str
    recipe: Mapping[str, Any]
    seed: int
    hardware: str
    minutes: float
    accuracy: Mapping[str, float]
    confusions: tuple[Mapping[str, Any], ...]
    not_good_for: str
    remarks: tuple[str, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    sha256: str = ""


def bundled_weights(network: str, edition: str) -> Path | None:
    """Return the weights that ship for this edition, if there are any."""
    path = ASSETS / "weights" / f"{network}-{edition}.safetensors"
    return path if path.is_file() else None


def read_card(weights: Path) -> Card:
    """Read the model card beside a weights file that ships with ALI5."""
    fields = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    for name in ("confusions", "remarks"):
        fields[name] = tuple(fields[name])
    fields["snapshots"] = tuple(Snapshot(**each) for each in fields["snapshots"])
    return Card(**fields)


def write_card(weights: Path, card: Card) -> None:
    """Write the model card beside a weights file."""
    text = json.dumps(dataclasses.asdict(card), indent=2, ensure_ascii=False)
    weights.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def write_weights(path: Path, state: Mapping[str, Tensor]) -> str:
    """Write tensors as safetensors, all of the file or none of it; return its checksum."""
    content = save_safetensors(dict(state), metadata={"format": "pt"})
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
    return hashlib.sha256(content).hexdigest()


def load_weights(module: nn.Module, path: Path, sha256: str | None = None) -> None:
    """Put the weights of a file into a module, in the module's own precision.

    Args:
        module: Receives the weights in place.
        path: `.safetensors`, or a checkpoint that `torch.load(weights_only=True)` reads.
        sha256: If given, the file must have this checksum.

    Raises:
        WeightsError: The file is missing, damaged, would run code, or does not fit the module.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"There is no weights file '{path}' that can be read.") from error
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise WeightsError(
            f"'{path.name}' is not the file its model card describes (its checksum differs). "
            "Install ALI5 again."
        )
    own = module.state_dict()
    state = _leave_out(_decode(path, content), own)
    missing, extra = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
    unlike = [name for name in own.keys() & state.keys() if own[name].shape != state[name].shape]
    if missing or extra or unlike:
        raise WeightsError(
            f"'{path.name}' does not fit this network. "
            + " ".join(
                f"{word}: {_some(names)}."
                for word, names in (
                    ("Missing", missing),
                    ("Not in the network", extra),
                    ("Of another shape", sorted(unlike)),
                )
                if names
            )
        )
    module.load_state_dict(state)


def _leave_out(state: dict[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Leave out what published checkpoints may have or lack without a difference.

    These are the auxiliary heads of torchvision's GoogLeNet, which only training uses, and batch
    normalisation's count of batches, which older files do not have.
    """
    heads = ("aux1.", "aux2.")
    kept = {
        name: value for name, value in state.items() if name in own or not name.startswith(heads)
    }
    counts = {name: own[name] for name in own if name.endswith(".num_batches_tracked")}
    return counts | kept


def _decode(path: Path, content: bytes) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        try:
            return load_safetensors(content)
        except SafetensorError as error:
            raise WeightsError(f"'{path.name}' is damaged or not a safetensors file.") from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a pickle can fail in any way
        raise WeightsError(
            f"'{path.name}' is not a plain checkpoint of tensors. Files that could run code are "
            "refused; save it with safetensors or with torch.save(model.state_dict())."
        ) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in state.items()
    ):
        raise WeightsError(
            f"'{path.name}' does not hold a state dict (names with tensors). "
            "Save it with torch.save(model.state_dict())."
        )
    return state


def _some(names: list[str], most: int = 5) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
