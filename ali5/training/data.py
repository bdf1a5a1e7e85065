"""The two collections of pictures that the shipped networks learned from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ali5.training.mnist import read_mnist
from ali5.training.pictures import Pictures
from ali5.training.tiny_imagenet import read_tiny_imagenet


def read_pictures(
    data: str, folder: Path, part: str, progress: Callable[[int, int], None] | None = None
) -> Pictures:
    """Read the "train" or "test" part of "mnist" or "tiny-imagenet".

    What is called "test" of Tiny ImageNet is its validation part: its test part has no labels.

    Raises:
        DataError: The folder does not hold that data.
    """
    if data == "mnist":
        return read_mnist(folder, part)
    return read_tiny_imagenet(folder, "val" if part == "test" else part, progress)
