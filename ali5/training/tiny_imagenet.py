"""Tiny ImageNet-200, read from its official folder.

200 classes of ImageNet, 500 training and 50 validation pictures each, 64 x 64 pixels. The folder
holds `wnids.txt`, `train/<wnid>/images/*.JPEG` and `val/images/*.JPEG` with
`val/val_annotations.txt`. A class's index is its position in the sorted list of WordNet ids.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ali5.errors import DataError
from ali5.training.pictures import Pictures

EDGE = 64

CLASSES = 200


def read_tiny_imagenet(
    folder: Path, part: str, progress: Callable[[int, int], None] | None = None
) -> Pictures:
    """Read the "train" or "val" part, in the order of classes and file names.

    Args:
        folder: The official folder, or the one that holds it as `tiny-imagenet-200`.
        part: "train" or "val".
        progress: Called with the number of pictures read and that of all.

    Raises:
        DataError: The folder is not laid out like that, or a picture in it is not 64 x 64.
    """
    if (folder / "tiny-imagenet-200").is_dir():
        folder = folder / "tiny-imagenet-200"
    wnids = sorted(_lines(folder / "wnids.txt"))
    if len(set(wnids)) != CLASSES:
        raise DataError(
            f"'{folder / 'wnids.txt'}' names {len(set(wnids))} classes, not {CLASSES}: that is not "
            "Tiny ImageNet-200 as it is downloaded."
        )
    files = _train_files(folder, wnids) if part == "train" else _val_files(folder, wnids)
    if not files:
        raise DataError(f"'{folder / part}' holds no pictures.")
    images = np.empty((len(files), 3, EDGE, EDGE), np.uint8)
    chunk = 500

    def read(start: int) -> int:
        for index in range(start, min(start + chunk, len(files))):
            images[index] = _read_picture(files[index][0])
        return start

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in pool.map(read, range(0, len(files), chunk)):
            if progress is not None:
                progress(min(start + chunk, len(files)), len(files))
    return Pictures(torch.from_numpy(images), torch.tensor([label for _, label in files]))


def _train_files(folder: Path, wnids: list[str]) -> list[tuple[Path, int]]:
    files = []
    for label, wnid in enumerate(wnids):
        home = folder / "train" / wnid / "images"
        found = sorted(home.glob("*.JPEG"))
        if not found:
            raise DataError(f"'{home}' holds no pictures. Unpack the archive again.")
        files += [(path, label) for path in found]
    return files


def _val_files(folder: Path, wnids: list[str]) -> list[tuple[Path, int]]:
    index = {wnid: label for label, wnid in enumerate(wnids)}
    rows = [line.split("\t") for line in _lines(folder / "val" / "val_annotations.txt")]
    try:
        files = [(folder / "val" / "images" / row[0], index[row[1]]) for row in rows]
    except (IndexError, KeyError) as error:
        raise DataError(f"'{folder}/val/val_annotations.txt' names an unknown class.") from error
    # Half of the official pictures may have been kept back for an independent check.
    return sorted((path, label) for path, label in files if path.is_file())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(
            f"'{path}' is missing. Give the folder 'tiny-imagenet-200' as it is downloaded."
        ) from error


def _read_picture(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as file:
            picture = file.convert("RGB")  # some are grey
    except OSError as error:
        raise DataError(f"'{path}' is not a picture that can be read.") from error
    if picture.size != (EDGE, EDGE):
        raise DataError(f"'{path}' is not {EDGE} x {EDGE} pixels.")
    return np.asarray(picture).transpose(2, 0, 1)
