"""What a network learns from: drawings without end, few drawings again and again, or MNIST."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from ali5.known.catalog import architecture
from ali5.pictures.drawings import CLASSES, Drawings, draw_many
from ali5.training.mnist import read_mnist
from ali5.training.pictures import Pictures, to_input

DRAWN_EPOCH = 2000
"""Drawings in an epoch when they never repeat."""

FEW = 200
"""Drawings when the same ones come again and again."""

VALIDATION = 500
"""Pictures that are never learned from."""

_TRAINING, _VALIDATION, _ORDER = range(3)  # independent rows of random numbers of one seed


class Material(Protocol):
    """Pictures in epochs, and others that are never learned from.

    Attributes:
        classes: What there is to tell apart, in the order of the labels.
        epoch: Pictures in an epoch.
        validation: The pictures that are never learned from.
    """

    classes: tuple[str, ...]
    epoch: int
    validation: Pictures

    def batch(self, epoch: int, start: int, count: int) -> Pictures:
        """Return `count` pictures of an epoch from number `start` on, fewer at its end."""
        ...


def as_input(images: torch.Tensor) -> torch.Tensor:
    """Return pictures u8 [N, 1, 28, 28] as LeNet-5 wants them: [N, 1, 32, 32], normalised."""
    return to_input(images, architecture("lenet5").edition("paper").preprocessing)


class Drawn:
    """Drawings of a subject.

    Args:
        subject: "digits" or "shapes".
        difficulty: 0 to 1.
        seed: Another seed, other drawings.
        few: Only `FEW` different ones, shuffled anew in every epoch; else never one twice.
    """

    def __init__(self, subject: str, difficulty: float, seed: int, few: bool = False) -> None:
        self.classes = CLASSES[subject]
        self.epoch = FEW if few else DRAWN_EPOCH
        self._drawing = (subject, difficulty, seed)
        self.validation = _BOOK.pictures(*self._drawing, _VALIDATION, 0, VALIDATION)
        self._few = _BOOK.pictures(*self._drawing, _TRAINING, 0, FEW) if few else None

    def batch(self, epoch: int, start: int, count: int) -> Pictures:
        """Return `count` pictures of an epoch from number `start` on, fewer at its end."""
        if self._few is not None:
            order = _order(self._drawing[-1], epoch, FEW)[start : start + count]
            return Pictures(self._few.images[order], self._few.labels[order])
        first = epoch * self.epoch
        last = first + min(start + count, self.epoch)
        return _BOOK.pictures(*self._drawing, _TRAINING, first + start, last)


class Mnist:
    """MNIST's digits: its training part, shuffled, and some of its test part for validation.

    Args:
        folder: Holds its four files.
        seed: Of the order.

    Raises:
        DataError: They are not there or damaged.
    """

    def __init__(self, folder: Path | str, seed: int) -> None:
        self.classes = CLASSES["digits"]
        self._training, self.validation = _read(Path(folder))
        self.epoch = len(self._training.labels)
        self._folder, self._seed = Path(folder), seed

    def __reduce__(self) -> tuple[type[Mnist], tuple[Path, int]]:
        return Mnist, (self._folder, self._seed)  # it is read there, not carried there

    def batch(self, epoch: int, start: int, count: int) -> Pictures:
        """Return `count` pictures of an epoch from number `start` on, fewer at its end."""
        order = _order(self._seed, epoch, self.epoch)[start : start + count]
        return Pictures(self._training.images[order], self._training.labels[order])


class _Parts(NamedTuple):
    training: Pictures
    validation: Pictures


@functools.lru_cache(maxsize=1)
def _read(folder: Path) -> _Parts:
    """Read the files once for all: 50 MB."""
    test = read_mnist(folder, "test")
    count = min(2 * VALIDATION, len(test.labels))
    # Not the first ones: the first half of the test part is the easier one.
    some = torch.from_numpy(np.random.default_rng(0).permutation(len(test.labels))[:count])
    return _Parts(read_mnist(folder, "train"), Pictures(test.images[some], test.labels[some]))


@functools.lru_cache(maxsize=16)
def _order(seed: int, epoch: int, count: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng((seed, _ORDER, epoch)).permutation(count))


class Book:
    """Drawings, each drawn once for all who learn from it at about the same time.

    Drawing is most of what a lesson on drawings computes, and in a class many have the same ones.

    Args:
        most: Pages kept, of 25 drawings: 20 KB each.
    """

    PAGE = 25

    def __init__(self, most: int = 800) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, float, int, int, int], Drawings] = OrderedDict()
        self._lock, self._pen = threading.Lock(), threading.Lock()

    def pictures(
        self, subject: str, difficulty: float, seed: int, stream: int, first: int, last: int
    ) -> Pictures:
        """Return the drawings from number `first` to before `last`; see `draw_many`."""
        pages = range(first // self.PAGE, -(-last // self.PAGE))
        drawn = [self._page((subject, difficulty, seed, stream, page)) for page in pages]
        part = slice(first - pages.start * self.PAGE, last - pages.start * self.PAGE)
        images, labels = (np.concatenate(each)[part] for each in zip(*drawn, strict=True))
        return Pictures(torch.from_numpy(images)[:, None], torch.from_numpy(labels))

    def _page(self, key: tuple[str, float, int, int, int]) -> Drawings:
        found = self._find(key)
        if found is not None:
            return found
        with self._pen:  # by turns: Python lets only one draw anyway
            found = self._find(key)
            if found is None:
                subject, difficulty, seed, stream, page = key
                numbers: NDArray[np.int64] = np.arange(page * self.PAGE, (page + 1) * self.PAGE)
                found = draw_many(subject, numbers, difficulty, seed, stream)
                with self._lock:
                    self._kept[key] = found
                    if len(self._kept) > self._most:
                        self._kept.popitem(last=False)
            return found

    def _find(self, key: tuple[str, float, int, int, int]) -> Drawings | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)


_BOOK = Book()
