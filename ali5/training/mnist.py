"""MNIST's digits, read from its IDX files.

LeCun, Cortes, Burges: "The MNIST database of handwritten digits", format described on its page:
a magic number 0x0000080N (unsigned bytes, N dimensions), N big-endian sizes, then the bytes.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import torch

from ali5.errors import DataError
from ali5.training.pictures import Pictures

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def read_mnist(folder: Path, part: str) -> Pictures:
    """Read MNIST's "train" (60,000) or "test" (10,000) part: [N, 1, 28, 28], light on dark.

    Args:
        folder: Holds the IDX files, gzipped or not, itself or in `MNIST/raw` or `raw`.
        part: "train" or "test".

    Raises:
        DataError: A file is missing or is not the IDX file that its name promises.
    """
    images, labels = (_read_idx(_find(folder, name)) for name in FILES[part])
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise DataError(f"The pictures and labels in '{folder}' do not belong together.")
    return Pictures(torch.from_numpy(images)[:, None], torch.from_numpy(labels).long())


def _find(folder: Path, name: str) -> Path:
    for place in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for suffix in ("", ".gz"):
            if (path := place / (name + suffix)).is_file():
                return path
    raise DataError(
        f"'{folder}' has no '{name}' (nor '{name}.gz'). MNIST comes as four such files; give the "
        "folder that holds them."
    )


def _read_idx(path: Path) -> np.ndarray:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"'{path.name}' is damaged or cut short.") from error
    magic, dimensions = content[:3], content[3] if len(content) > 3 else 0
    header = 4 + 4 * dimensions
    if magic != b"\x00\x00\x08" or not 1 <= dimensions <= 3 or len(content) < header:
        raise DataError(f"'{path.name}' is not an IDX file of bytes.")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if len(content) - header != int(np.prod(shape)):
        raise DataError(f"'{path.name}' is cut short: it promises {shape} bytes.")
    return np.frombuffer(bytearray(content[header:]), np.uint8).reshape(shape)
