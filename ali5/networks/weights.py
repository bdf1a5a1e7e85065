"""Files of weights: safetensors, and PyTorch checkpoints that hold nothing but tensors."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import pickletools
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_safetensors
from safetensors.torch import load_file as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from ali5.errors import WeightsError
from ali5.pictures.batches import count_listed

MOST_TIMES = 10
"""A file may hold so many times as many tensors as the network; the others are named as extra."""

LONGEST_HEADER = 100_000_000
"""Bytes; safetensors refuses a file with a longer one."""

OPCODES = 40
"""What a pickle takes to name one tensor; PyTorch's own take some thirty."""


@dataclass(frozen=True)
class InMemory:
    """A file of weights that somebody has brought, and that lies on no disk.

    Attributes:
        name: What sentences call it; its end says of what kind it is.
        content: All of it.
    """

    name: str
    content: bytes = field(repr=False)

    @property
    def suffix(self) -> str:
        """The end of its name, in lower case."""
        return Path(self.name).suffix.lower()


def write_weights(path: Path, state: Mapping[str, Tensor]) -> str:
    """Write tensors as safetensors, all of the file or none of it; return its checksum."""
    content = save_safetensors(dict(state), metadata={"format": "pt"})
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
    return hashlib.sha256(content).hexdigest()


def load_weights(
    module: nn.Module,
    path: Path | InMemory,
    sha256_start: str = "",
    remedy: str = "Install ALI5 again.",
) -> None:
    """Put the weights of a file into a module, in the module's own precision.

    Args:
        module: Receives the weights in place.
        path: `.safetensors`, or a checkpoint that `torch.load(weights_only=True)` reads.
        sha256_start: The checksum of a file on disk must begin like this.
        remedy: What to do if it does not.

    Raises:
        WeightsError: The file is missing, damaged, would run code, or does not fit the module.
    """
    if isinstance(path, Path):
        _check(path, sha256_start, remedy)
    own = module.state_dict()
    _refuse_too_many(path, len(own))
    state = _leave_out(_decode(path), own)
    missing, extra = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
    unlike = [
        f"{name} {list(state[name].shape)} instead of {list(own[name].shape)}"
        for name in sorted(own.keys() & state.keys())
        if own[name].shape != state[name].shape
    ]
    if missing or extra or unlike:
        raise WeightsError(
            f"'{path.name}' does not fit this network. "
            + " ".join(
                f"{word}: {_some(names)}."
                for word, names in (
                    ("Missing", missing),
                    ("Not in the network", extra),
                    ("Of another shape", unlike),
                )
                if names
            )
        )
    try:
        module.load_state_dict(state)
    except RuntimeError as error:  # sparse or without content
        raise WeightsError(
            f"'{path.name}' holds tensors that are not plain numbers. Save dense weights."
        ) from error


def _check(path: Path, sha256_start: str, remedy: str) -> None:
    try:
        with path.open("rb") as file:
            # Nothing is read for the checksum if nobody asks for one.
            found = hashlib.file_digest(file, "sha256").hexdigest() if sha256_start else ""
    except OSError as error:
        raise WeightsError(f"There is no weights file '{path}' that can be read.") from error
    if not found.startswith(sha256_start):
        raise WeightsError(
            f"'{path.name}' is not the file its publisher describes (its checksum differs). "
            f"{remedy}"
        )


def _refuse_too_many(path: Path | InMemory, own: int) -> None:
    """Refuse a file with far more in it than a network has, before it is read as a whole.

    Each name takes a moment, and a small file can hold a million.

    Args:
        path: The file.
        own: How many tensors the network has.

    Raises:
        WeightsError: It has more than ten times as many.
    """
    if path.suffix == ".safetensors":
        too_many = _count_named(path) > MOST_TIMES * own
    else:
        listed = count_listed(path if isinstance(path, Path) else path.content)
        too_many = listed > MOST_TIMES * own + 100 or _is_long(path, own)
    if too_many:
        raise WeightsError(
            f"'{path.name}' holds more than {MOST_TIMES} times as many tensors as this network "
            f"has ({own}), so it cannot be its weights. Save them alone."
        )


def _count_named(path: Path | InMemory) -> int:
    """Count the tensors that a safetensors file names; `_decode` says if it is damaged."""
    with _opened(path) as file:
        length = int.from_bytes(file.read(8), "little")
        # The header is JSON, and each entry names its type once.
        return file.read(min(length, LONGEST_HEADER)).count(b'"dtype"')


def _is_long(path: Path | InMemory, own: int) -> bool:
    """Tell whether the pickle in a checkpoint does more than name so many tensors."""
    most = MOST_TIMES * OPCODES * own + 1000
    try:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(_opened(path))
            parts = 5  # of the old format: what it is, and how it was written, before what it holds
            if zipfile.is_zipfile(file):
                archive = stack.enter_context(zipfile.ZipFile(file))
                name = next(each for each in archive.namelist() if each.endswith("data.pkl"))
                file, parts = stack.enter_context(archive.open(name)), 1
            else:
                file.seek(0)
            codes = itertools.chain.from_iterable(pickletools.genops(file) for _ in range(parts))
            return next(itertools.islice(codes, most, None), None) is not None
    except Exception:  # damaged in one of many ways: PyTorch will tell
        return False


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


def _decode(path: Path | InMemory) -> dict[str, Tensor]:
    if path.suffix == ".safetensors":
        try:
            return (
                load_safetensors(path) if isinstance(path, Path) else read_safetensors(path.content)
            )
        except SafetensorError as error:
            raise WeightsError(f"'{path.name}' is damaged or not a safetensors file.") from error
    if _is_compressed(path):
        raise WeightsError(
            f"'{path.name}' is compressed, which PyTorch's own checkpoints are not. "
            "Save it with safetensors or with torch.save(model.state_dict())."
        )
    try:
        with _opened(path) as file:
            state = torch.load(file, map_location="cpu", weights_only=True)
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


def _opened(path: Path | InMemory) -> IO[bytes]:
    return path.open("rb") if isinstance(path, Path) else io.BytesIO(path.content)


def _is_compressed(path: Path | InMemory) -> bool:
    """Tell whether a checkpoint is compressed: PyTorch's own never are.

    A small file must not become a large one in memory.
    """
    try:
        with _opened(path) as file, zipfile.ZipFile(file) as archive:
            return any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist())
    except Exception:  # of the old format, or damaged in one of many ways: PyTorch will tell
        return False


def _some(names: list[str], most: int = 5) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
