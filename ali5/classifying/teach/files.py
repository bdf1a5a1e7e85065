"""A taught head as one file: safetensors with the rest as JSON in its metadata.

The backbone is not in the file, only its name and the checksum of what makes its features: a head
means something on that backbone alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from ali5 import door
from ali5.classifying.teach.backbones import Origin as Origin
from ali5.classifying.teach.groups import (
    FEWEST_GROUPS,
    LABEL,
    MOST_FILE_BYTES,
    MOST_GROUPS,
    MOST_PICTURES,
    as_compared,
)
from ali5.classifying.teach.held_out import Check
from ali5.classifying.teach.last_layer import Head, fingerprint, trunk_of
from ali5.classifying.teach.teaching import Taught, put_together
from ali5.errors import WeightsError
from ali5.known.records import WEIGHT_KINDS
from ali5.networks.networks import Network, load

_KEY = "ali5"
_KIND = "taught head, version 1"


def save_taught(taught: Taught, path: str | Path) -> None:
    """Write a taught head to a file, `.safetensors` by custom."""
    Path(path).write_bytes(write_taught(taught))


def write_taught(taught: Taught) -> bytes:
    """Return a taught head as the content of a file."""
    backbone, check = taught.backbone, taught.check
    facts = {
        "kind": _KIND,
        "labels": taught.head.labels,
        "network": backbone.architecture.id,
        "edition": backbone.edition.name,
        "weights": backbone.weights if backbone.weights in WEIGHT_KINDS else "own",
        "fingerprint": taught.fingerprint,
        "folds": check.folds,
        "confusion": check.confusion,
        "pixels_right": check.pixels_right,
    }
    tensors = {"weight": taught.head.weight.contiguous(), "bias": taught.head.bias.contiguous()}
    return save_tensors(tensors, metadata={_KEY: json.dumps(facts, ensure_ascii=False)})


def load_taught(source: str | Path | bytes, backbone: Network | None = None) -> Taught:
    """Bring back a head that was taught before, on its backbone.

    Args:
        source: The path or the content of a file that `save_taught` or the site has written.
        backbone: What it was taught on; loaded from the catalog if not given.

    Raises:
        WeightsError: It is no such file, or was taught on another backbone.
        Ali5Error: The backbone is not there.
    """
    head, origin, check = read_taught(source)
    if backbone is None:
        backbone = load_backbone(origin)
    trunk = trunk_of(backbone)
    if head.weight.shape[1] != trunk.features or fingerprint(trunk) != origin.fingerprint:
        raise WeightsError(
            f"This head was taught on other weights of {backbone.architecture.title} than those "
            "that are here: what it has learned means nothing on them. Teach it again."
        )
    return put_together(trunk, head, check)


def load_backbone(origin: Origin) -> Network:
    """Load the network of the catalog that a head was taught on.

    Raises:
        WeightsError: It is none of the catalog.
        Ali5Error: There is no such network, or its weights are not here.
    """
    if not origin.is_known:
        raise not_of_the_catalog()
    given = None if origin.weights == "bundled" else origin.weights
    return load(origin.network, origin.edition, given)


def not_of_the_catalog() -> WeightsError:
    """Return what is said of a head whose network nobody but its owner has."""
    return WeightsError(
        "This head was taught on a network that is none of the catalog. Give it: "
        "ali5.load_taught(path, backbone=network)."
    )


def read_taught(source: str | Path | bytes) -> tuple[Head, Origin, Check]:
    """Read a file with a head, without its backbone.

    Raises:
        WeightsError: It is no such file, or is damaged.
    """
    content = source if isinstance(source, bytes) else _content_of(Path(source))
    facts = _facts_of(content)
    try:
        tensors = load_tensors(content)
        head = Head(tuple(facts["labels"]), tensors["weight"], tensors["bias"])
    except (SafetensorError, KeyError) as error:
        raise WeightsError(_DAMAGED) from error
    origin = Origin(*(facts[name] for name in Origin.__dataclass_fields__))
    confusion = tuple(tuple(row) for row in facts["confusion"])
    check = Check(facts["folds"], confusion, facts["pixels_right"])
    if not _is_sound(head, check):
        raise WeightsError(_DAMAGED)
    return head, origin, check


_COUNT = door.whole(0, MOST_PICTURES)
_KNOWN_AS = door.text(100)
_FACTS = door.record(
    {
        "labels": door.list_of(LABEL, MOST_GROUPS, FEWEST_GROUPS),
        **dict.fromkeys(Origin.__dataclass_fields__, _KNOWN_AS),
        "folds": door.whole(2, MOST_PICTURES),
        "confusion": door.list_of(door.list_of(_COUNT, MOST_GROUPS), MOST_GROUPS),
        "pixels_right": _COUNT,
    }
)
"""What a file may say besides its tensors."""

_HEADER = door.record({"__metadata__": door.record({_KEY: door.json_of(door.anything)})})

_NONE = (
    "This is no file with a taught head. Such a file is what “Download this head” gives, and ends "
    "with .safetensors."
)
_DAMAGED = "This file with a taught head is damaged. Download it again where it came from."


def _content_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        raise WeightsError(f"There is no file '{path}' that can be read.") from error


def _facts_of(content: bytes) -> dict[str, Any]:
    """Return what the metadata of a safetensors file says; only its header is read."""
    length = int.from_bytes(content[:8], "little")
    if len(content) > MOST_FILE_BYTES or len(content) < 8 + length:
        raise WeightsError(_NONE)
    header = content[8 : 8 + length].decode("utf-8", "replace")
    said = door.read(door.json_of(_HEADER), header, None)
    facts = None if said is None else said["__metadata__"][_KEY]
    kind = door.record({"kind": door.one_of((_KIND,))})
    if door.read(kind, facts, None) is None:
        raise WeightsError(_NONE)
    found = door.read(_FACTS, facts, None)
    if found is None:
        raise WeightsError(_DAMAGED)
    return found


def _is_sound(head: Head, check: Check) -> bool:
    """Tell whether what a file says can be true together."""
    classes = len(head.labels)
    return (
        len({as_compared(each) for each in head.labels} - {""}) == classes
        and head.weight.ndim == 2
        and tuple(head.bias.shape) == tuple(head.weight.shape[:1]) == (classes,)
        and all(each.dtype == torch.float32 for each in (head.weight, head.bias))
        and bool(torch.isfinite(head.weight).all() and torch.isfinite(head.bias).all())
        and [len(row) for row in check.confusion] == [classes] * classes
        and min(check.counts) > 0
        and check.count <= MOST_PICTURES
        and check.folds <= check.count
        and check.pixels_right <= check.count
    )
