"""Groups of pictures that are always there, to teach a network or to compare pictures. No torch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image

from ali5.errors import UnknownName
from ali5.known.chance import SEED
from ali5.pictures.drawings import CLASSES, draw_one
from ali5.pictures.samples import open_sample, samples

Groups = Mapping[str, tuple[Image.Image, ...]]

EACH = 12
"""Drawings in each group."""

EDGE_PX = 128


@functools.cache
def example_groups(name: str) -> Groups:
    """Return groups of pictures by their names. They are shared: do not change them.

    Args:
        name: "shapes", "digits" or "photographs", a few groups each; "all-shapes", "all-digits" or
            "cut-outs", one group for each kind of thing.

    Raises:
        UnknownName: There are no such groups.
    """
    if name not in _EXAMPLES:
        raise UnknownName("example", name, _EXAMPLES)
    return MappingProxyType(_EXAMPLES[name]())


def _shapes(*names: str) -> dict[str, tuple[Image.Image, ...]]:
    """Draw shapes, each anywhere, at any size and in any two colours."""
    return {
        _several(name): tuple(_drawn("shapes", name, number) for number in range(EACH))
        for name in names
    }


def _several(name: str) -> str:
    return f"{name}es" if name == "cross" else f"{name}s"


def _drawn(subject: str, name: str, number: int) -> Image.Image:
    label = CLASSES[subject].index(name)
    random = np.random.default_rng((SEED, label, number))
    ink = Image.fromarray(draw_one(subject, label, 0.5, random))
    edge = int(random.integers(EDGE_PX // 2, EDGE_PX))
    left, top = (int(random.integers(0, EDGE_PX - edge + 1)) for _ in range(2))
    dark, light = random.integers(0, 100, 3), random.integers(155, 256, 3)
    paper, pen = (dark, light) if random.random() < 0.5 else (light, dark)
    field = Image.new("RGB", (EDGE_PX, EDGE_PX), tuple(paper.tolist()))
    field.paste(
        Image.new("RGB", (edge, edge), tuple(pen.tolist())),
        (left, top),
        ink.resize((edge, edge), Image.Resampling.BICUBIC),
    )
    return field


def _digits() -> dict[str, tuple[Image.Image, ...]]:
    """Draw digits by hand, sorted by what is not in their shape: whether they are even."""
    return {
        f"{word} digits": tuple(
            _written(digit, number) for digit in range(first, 10, 2) for number in range(4)
        )
        for first, word in ((0, "even"), (1, "odd"))
    }


def _written(digit: int, number: int) -> Image.Image:
    random = np.random.default_rng((SEED, digit, number))
    ink = Image.fromarray(draw_one("digits", digit, 0.5, random))
    return ink.resize((EDGE_PX, EDGE_PX), Image.Resampling.BICUBIC).convert("RGB")


def _photographs() -> dict[str, tuple[Image.Image, ...]]:
    """Sort all samples by their kind."""
    kinds = {"photograph": "photographs", "pattern": "patterns", "digit": "digits"}
    found = {
        word: [name for name, sample in samples().items() if sample.kind == kind]
        for kind, word in kinds.items()
    }
    return {word: tuple(open_sample(name) for name in names[:10]) for word, names in found.items()}


def _each_digit() -> dict[str, tuple[Image.Image, ...]]:
    """Draw every digit by hand."""
    return {f"{digit}": tuple(_written(digit, n) for n in range(EACH)) for digit in range(10)}


def _cut_outs() -> dict[str, tuple[Image.Image, ...]]:
    """Cut squares out of the photographs, anywhere, a fifth to two fifths as large as they are."""
    names = [name for name, sample in samples().items() if sample.kind == "photograph"]
    return {
        samples()[name].title: tuple(_cut_out(name, (SEED, label, n)) for n in range(EACH))
        for label, name in enumerate(names)
    }


def _cut_out(name: str, seed: tuple[int, ...]) -> Image.Image:
    random = np.random.default_rng(seed)
    photograph = open_sample(name)
    edge = int(min(photograph.size) * random.uniform(0.2, 0.4))
    left, top = (int(random.integers(0, length - edge + 1)) for length in photograph.size)
    square = photograph.crop((left, top, left + edge, top + edge))
    return square.resize((EDGE_PX, EDGE_PX), Image.Resampling.BICUBIC)


_EXAMPLES: dict[str, Callable[[], dict[str, tuple[Image.Image, ...]]]] = {
    "shapes": lambda: _shapes("heart", "star", "arrow"),
    "digits": _digits,
    "photographs": _photographs,
    "all-shapes": lambda: _shapes(*CLASSES["shapes"]),
    "all-digits": _each_digit,
    "cut-outs": _cut_outs,
}
