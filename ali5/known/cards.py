"""What there is to know about the weights that ship: a model card beside each file. No torch."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ali5.paths import ASSETS


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


@dataclass(frozen=True)
class Moment:
    """A point of a training whose weights can be loaded.

    Attributes:
        weights: What `ali5.load` takes: "untrained", "step-400", or None for those that ship.
        step: Steps of the training so far; None at the end.
        epoch: The same in passes over the pictures.
        top1: Share of test pictures that were classified right, 0..1; None if not measured.
    """

    weights: str | None
    step: int | None
    epoch: float | None
    top1: float | None


def moments(network: str, edition: str = "compact") -> tuple[Moment, ...]:
    """Return the points of an edition's training that can be looked at, the earliest first.

    The first one are the random weights that the training began with. An edition without weights
    that ship has random ones only.
    """
    start = Moment("untrained", 0, 0.0, None)
    path = bundled_weights(network, edition)
    if path is None:
        return (start,)
    card = read_card(path)
    kept = (
        Moment(f"step-{each.step}", each.step, each.epoch, each.accuracy.get("top1"))
        for each in card.snapshots
    )
    passes = card.recipe.get("epochs", 0) + sum(card.recipe.get("again", ()))
    return (start, *kept, Moment(None, None, float(passes) or None, card.accuracy.get("top1")))


@functools.cache
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
