"""Pictures that are always there: digits and patterns drawn by code, and photographs."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ali5.errors import UnknownName
from ali5.paths import ASSETS
from ali5.pictures.images import open_image

Kind = Literal["digit", "photograph", "pattern"]

PATTERN_EDGE = 256
"""Patterns are drawn at this size, in pixels."""

DIGIT_EDGE = 280
"""Digits are drawn at ten times the size of MNIST's, in pixels."""


@dataclass(frozen=True)
class Sample:
    """A picture that ships with ALI5.

    Attributes:
        id: What `open_sample` takes.
        kind: "digit", "photograph" or "pattern".
        title: What to call it.
        shows: What can be seen, one phrase.
        credit: Author, licence and source of a photograph; empty for what our own code draws.
    """

    id: str
    kind: Kind
    title: str
    shows: str
    credit: str = ""


@functools.cache
def samples() -> Mapping[str, Sample]:
    """Return every sample picture by its id: digits, photographs, patterns."""
    found = [
        Sample(f"digit-{digit}{hand}", "digit", str(digit), f"the digit {digit}{words}")
        for hand, words in (("", ""), ("b", ", slanted"), ("c", ", bold"))
        for digit in range(10)
    ]
    found += [
        Sample(
            name,
            "photograph",
            record["title"],
            record["shows"],
            f"{record['author']}, {record['licence']}, {record['source']}",
        )
        for name, record in _sources().items()
    ]
    found += [
        Sample(name, "pattern", name.capitalize(), shows) for name, (shows, _) in _PATTERNS.items()
    ]
    return MappingProxyType({sample.id: sample for sample in found})


@functools.lru_cache(maxsize=64)
def open_sample(name: str) -> Image.Image:
    """Return a sample picture, upright and in RGB. It is shared: do not change it.

    Raises:
        UnknownName: There is no such sample; offers the nearest one.
    """
    known = samples()
    if name not in known:
        raise UnknownName("sample picture", name, known)
    sample = known[name]
    if sample.kind == "digit":
        slant, width = {"b": (0.25, 0.1), "c": (-0.05, 0.15)}.get(name[7:], (0.08, 0.11))
        return draw_digit(int(name[6]), slant, width)
    if sample.kind == "photograph":
        return open_image(ASSETS / "photographs" / f"{name}.jpg")
    return _PATTERNS[name][1]()


def _sources() -> dict[str, dict[str, str]]:
    text = (ASSETS / "photographs" / "sources.json").read_text(encoding="utf-8")
    sources: dict[str, dict[str, str]] = json.loads(text)
    return sources


# Pen strokes of the digits: "x,y" in percent of a box, from the top left. The pen runs through the
# points on a smooth curve (Catmull-Rom); a point given twice makes a corner.
_STROKES = {
    0: ("50,0 12,25 10,70 48,100 88,72 86,25 50,0",),
    1: ("30,20 55,0 55,0 50,100",),
    2: ("12,25 40,0 80,15 75,45 10,100 10,100 90,96",),
    3: ("15,12 50,0 82,20 70,42 40,48 40,48 75,55 86,78 55,100 12,88",),
    4: (
        "35,0 10,55 10,55 90,52",
        "72,10 66,100",
    ),
    5: ("82,2 30,4 30,4 20,45 20,45 55,40 86,66 60,96 14,92",),
    6: ("72,0 34,30 16,70 40,100 78,84 74,58 45,52 18,72",),
    7: ("10,6 88,4 88,4 60,45 42,100",),
    8: ("50,46 20,24 48,0 78,20 50,46 16,76 46,100 84,78 50,46",),
    9: ("78,22 48,2 18,24 40,50 78,24 78,24 76,60 60,100",),
}


def draw_digit(digit: int, slant: float = 0.08, width: float = 0.11) -> Image.Image:
    """Draw a digit as MNIST has them: light on dark, in the middle of a 28 x 28 field, but larger.

    The ink fits a box of 20 x 20 field units and its centre of mass is in the middle of the field.

    Args:
        digit: 0 to 9.
        slant: How far the top leans to the right, as a share of the height.
        width: Width of the pen, as a share of the height.
    """
    unit = DIGIT_EDGE / 28
    field = Image.new("L", (DIGIT_EDGE, DIGIT_EDGE))
    draw = ImageDraw.Draw(field)
    height = (20 - 20 * width) * unit
    pen = width * 20 * unit / 2
    for stroke in pen_strokes(digit):
        for x, y in smooth(stroke):
            column = 14 * unit + ((x - 0.5) * 0.68 + (0.5 - y) * slant) * height
            row = 14 * unit + (y - 0.5) * height
            draw.ellipse((column - pen, row - pen, column + pen, row + pen), fill=255)
    return centre_ink(field.filter(ImageFilter.GaussianBlur(unit / 4))).convert("RGB")


def centre_ink(grey: Image.Image) -> Image.Image:
    """Move a light-on-dark picture so that its centre of mass is in the middle.

    LeCun et al. did the same to every digit of MNIST.
    """
    ink = np.asarray(grey, np.float32)
    total = float(ink.sum())
    if total == 0:
        return grey
    column = float((ink.sum(0) * np.arange(ink.shape[1])).sum()) / total
    row = float((ink.sum(1) * np.arange(ink.shape[0])).sum()) / total
    shift = column - (ink.shape[1] - 1) / 2, row - (ink.shape[0] - 1) / 2
    return grey.transform(
        grey.size,
        Image.Transform.AFFINE,
        (1, 0, shift[0], 0, 1, shift[1]),
        Image.Resampling.BILINEAR,
    )


def pen_strokes(digit: int) -> list[NDArray[np.float64]]:
    """Return the strokes that a digit is written with.

    Each is the points that the pen runs through, [n, 2], as x and y in a box from 0 to 1, from the
    top left; a point given twice makes a corner. The box is 0.68 times as wide as high.
    """
    return [
        np.array([(int(x), int(y)) for x, y in re.findall(r"(\d+),(\d+)", stroke)]) / 100
        for stroke in _STROKES[digit]
    ]


def smooth(points: NDArray[np.float64], steps: int = 40) -> NDArray[np.float64]:
    """Return points on the Catmull-Rom spline through `points`, [n, 2]: `steps` + 1 a part."""
    padded = np.concatenate([points[:1], points, points[-1:]])
    t = np.arange(steps + 1)[:, None] / steps
    weights = np.hstack(
        [
            (-t + 2 * t**2 - t**3) / 2,
            (2 - 5 * t**2 + 3 * t**3) / 2,
            (t + 4 * t**2 - 3 * t**3) / 2,
            (-(t**2) + t**3) / 2,
        ]
    )
    near = np.stack([padded[i : len(padded) - 3 + i] for i in range(4)], 1)  # [parts, 4, 2]
    curve: NDArray[np.float64] = (weights @ near).reshape(-1, 2)
    return curve


def _grid() -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[:PATTERN_EDGE, :PATTERN_EDGE]
    return rows, columns


def _grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).convert("RGB")


def _stripes() -> Image.Image:
    rows, columns = _grid()
    bands = np.where(rows < PATTERN_EDGE / 2, columns, (rows + columns) / math.sqrt(2))
    return _grey(255 * (bands // 16 % 2))


def _checkerboard() -> Image.Image:
    rows, columns = _grid()
    return _grey(255 * ((rows // 32 + columns // 32) % 2))


def _circle() -> Image.Image:
    picture = Image.new("RGB", (PATTERN_EDGE, PATTERN_EDGE), "white")
    ImageDraw.Draw(picture).ellipse((48, 48, 208, 208), fill=(200, 40, 40))
    return picture


def _gradient() -> Image.Image:
    rows, columns = _grid()
    planes = (columns, rows, 255 - columns)
    return Image.fromarray(np.stack(planes, -1).astype(np.uint8))


def _text() -> Image.Image:
    picture = Image.new("RGB", (PATTERN_EDGE, PATTERN_EDGE), "white")
    draw = ImageDraw.Draw(picture)
    for row, line in enumerate(("LOOK", "INSIDE")):
        draw.text((128, 80 + 96 * row), line, "black", ImageFont.load_default(72), anchor="mm")
    return picture


def _noise() -> Image.Image:
    values = np.random.default_rng(5).integers(0, 256, (PATTERN_EDGE, PATTERN_EDGE, 3))
    return Image.fromarray(values.astype(np.uint8))


_PATTERNS: dict[str, tuple[str, Callable[[], Image.Image]]] = {
    "stripes": ("upright stripes above, slanted ones below", _stripes),
    "checkerboard": ("black and white squares", _checkerboard),
    "circle": ("a red disc on white", _circle),
    "gradient": ("red grows to the right, green downwards, blue to the left", _gradient),
    "text": ("the words LOOK INSIDE", _text),
    "noise": ("every pixel a random colour", _noise),
}
