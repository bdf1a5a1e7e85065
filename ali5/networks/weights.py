"""Files of weights: safetensors, and PyTorch checkpoints that hold nothing but tensors."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_safetensors
from safetensors.torch import load_file as load_safetensors
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from ali5.errors import WeightsError


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
        state = torch.load(_opened(path), map_location="cpu", weights_only=True)
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


def _opened(path: Path | InMemory) -> Path | io.BytesIO:
    return path if isinstance(path, Path) else io.BytesIO(path.content)


def _is_compressed(path: Path | InMemory) -> bool:
    """Tell whether a checkpoint is compressed: PyTorch's own never are.

    A small file must not become a large one in memory.
    """
    try:
        with zipfile.ZipFile(_opened(path)) as archive:
            return any(part.compress_type != zipfile.ZIP_STORED for part in archive.infolist())
    except Exception:  # of the old format, or damaged in one of many ways: PyTorch will tell
        return False


def _some(names: list[str], most: int = 5) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
