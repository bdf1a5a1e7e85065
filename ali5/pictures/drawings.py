"""Digits and shapes drawn by code, each a little different, without end. No torch.

Picture number n of a seed is always the same, whoever asks for it and in whatever order.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ali5.errors import UnknownName
from ali5.pictures.samples import pen_strokes, smooth

Subject = Literal["digits", "shapes"]

EDGE_PX = 28
"""Pictures are as large as MNIST's."""

CLASSES: dict[str, tuple[str, ...]] = {
    "digits": tuple("0123456789"),
    "shapes": ("circle", "square", "triangle", "cross", "star", "heart", "arrow", "crescent"),
}
"""What is drawn, in the order of the labels."""

_FINE = 4  # drawn so many times larger, then averaged
_BOX_PX = 20  # the ink fits a box of that size, as in MNIST
_SMOOTH = 0.2  # where a line turns by less, in radians, its bars leave no gap to be seen

Points = NDArray[np.float64]


class Drawings(NamedTuple):
    """Pictures u8 [N, 28, 28], light on dark, and what they show, int64 [N]."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


class _Form(NamedTuple):
    """Lines through points [n, 2] (x to the right, y down); closed ones can be filled."""

    strokes: list[Points]
    closed: bool


def draw_many(
    subject: str, numbers: NDArray[np.int64], difficulty: float, seed: int, stream: int = 0
) -> Drawings:
    """Draw the pictures of these numbers.

    Args:
        subject: "digits" or "shapes".
        numbers: 0 or more.
        difficulty: 0 (hardly any variation, no noise) to 1 (distorted, faint, noisy, crossed out).
        seed: Another seed, other pictures.
        stream: Another independent row of pictures of the same seed, for validation.

    Raises:
        UnknownName: There is no such subject.
    """
    if subject not in CLASSES:
        raise UnknownName("subject of drawings", subject, CLASSES)
    images = np.empty((len(numbers), EDGE_PX, EDGE_PX), np.uint8)
    labels = np.empty(len(numbers), np.int64)
    for index, number in enumerate(numbers):
        random = np.random.default_rng((seed, stream, int(number)))
        labels[index] = random.integers(len(CLASSES[subject]))
        images[index] = draw_one(subject, int(labels[index]), difficulty, random)
    return Drawings(images, labels)


def draw_one(
    subject: str, label: int, difficulty: float, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw one picture, [28, 28], light on dark.

    Args:
        subject: "digits" or "shapes".
        label: Which of its classes.
        difficulty: 0 to 1, as for `draw_many`.
        random: Decides everything else.
    """
    form = (_digit if subject == "digits" else _shape)(label, difficulty, random)
    thickness = random.uniform(1.8, 2.6) + difficulty * random.uniform(-0.7, 0.9)
    filled = subject == "shapes" and random.random() < 0.5 * difficulty
    if filled and not form.closed:
        thickness *= 1.8
    placed = _placed(form.strokes, thickness, difficulty, random)
    field = Image.new("L", (EDGE_PX * _FINE, EDGE_PX * _FINE))
    pen = ImageDraw.Draw(field)
    for stroke in placed:
        _ink(pen, stroke * _FINE, thickness * _FINE, 255, filled and form.closed)
    if random.random() < 0.7 * (difficulty - 0.4):  # a stray line
        ends = random.uniform(0, EDGE_PX, (2, 2))
        _ink(pen, ends * _FINE, 1.2 * _FINE, 150, False)
    ink = np.asarray(field.reduce(_FINE), np.float64) * (1 - 0.5 * difficulty * random.random())
    noisy = ink + random.normal(0, 70 * difficulty**2, ink.shape)
    return np.clip(noisy.round(), 0, 255).astype(np.uint8)


def _ink(pen: ImageDraw.ImageDraw, points: Points, width: float, level: int, filled: bool) -> None:
    """Draw a line with round ends and corners, pixels of the fine field."""
    corners = [(x, y) for x, y in points.tolist()]
    if filled:
        pen.polygon(corners, fill=level)
    pen.line(corners, fill=level, width=max(1, round(width)))
    for x, y in points[_gaps(points)].tolist():
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=level)


def _gaps(points: Points) -> NDArray[np.bool_]:
    """Tell where a line of separate bars has to be rounded: at its ends and where it turns, [n]."""
    along = np.diff(points, axis=0)
    angles = np.arctan2(along[:, 1], along[:, 0])
    turns = np.abs((np.diff(angles) + math.pi) % (2 * math.pi) - math.pi)
    found = np.ones(len(points), np.bool_)
    found[1:-1] = turns > _SMOOTH
    return found


def _placed(
    strokes: list[Points], thickness: float, difficulty: float, random: np.random.Generator
) -> list[Points]:
    """Turn, lean, stretch and move a form; return it in pixels of the picture."""

    def spread(least: float, more: float) -> float:
        return float(random.uniform(-1, 1) * (least + more * difficulty))

    angle, slant = spread(0.03, 0.3), spread(0.05, 0.3)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    lean = np.array([[math.exp(spread(0.03, 0.2)), 0.0], [-slant, 1.0]])
    moved = [stroke @ (lean @ turn) for stroke in strokes]
    points = np.concatenate(moved)
    extent = float(np.ptp(points, axis=0).max())
    size = (_BOX_PX - thickness) / extent * (1 - 0.4 * difficulty * random.random())
    middle = _centre_of_lines(moved) - np.array([spread(0, 3), spread(0, 3)]) / size
    return [(stroke - middle) * size + EDGE_PX / 2 for stroke in moved]


def _centre_of_lines(strokes: list[Points]) -> Points:
    """Return the centre of mass of lines, [2]."""
    middles = np.concatenate([(stroke[1:] + stroke[:-1]) / 2 for stroke in strokes])
    lengths = np.concatenate([np.hypot(*np.diff(stroke, axis=0).T) for stroke in strokes])
    centre: Points = (middles * lengths[:, None]).sum(0) / lengths.sum()
    return centre


def _digit(label: int, difficulty: float, random: np.random.Generator) -> _Form:
    strokes = pen_strokes(label)
    plain = random.random() < 0.5
    if label == 1 and plain:
        strokes = [np.array([(0.5, 0.0), (0.5, 1.0)])]
    if label == 7 and plain:
        strokes = [*strokes, np.array([(0.3, 0.5), (0.8, 0.46)])]
    if label == 4 and plain:
        strokes = [np.array([(0.7, 1), (0.7, 0), (0.7, 0), (0.1, 0.62), (0.1, 0.62), (0.95, 0.62)])]
    shaken = []
    for stroke in strokes:
        shift = random.normal(0, 0.015 + 0.055 * difficulty, stroke.shape)
        twice = np.flatnonzero((stroke[1:] == stroke[:-1]).all(1)) + 1
        shift[twice] = shift[twice - 1]  # a corner stays a corner
        shaken.append(smooth(stroke + shift, 10) * (0.68, 1.0))
    return _Form(shaken, closed=False)


def _round(count: int) -> Points:
    return np.linspace(0, 2 * math.pi, count + 1)


def _around(angles: Points, radii: float | Points = 1.0) -> Points:
    """Return points at angles, clockwise from the top."""
    return np.stack([np.sin(angles) * radii, -np.cos(angles) * radii], 1)


def _shape(label: int, difficulty: float, random: np.random.Generator) -> _Form:
    name = CLASSES["shapes"][label]
    t = _round(32)
    forms = {
        "circle": [_around(t)],
        "square": [_around(_round(4) + math.pi / 4)],
        "triangle": [_around(_round(3))],
        "cross": [np.array([(0.0, -1.0), (0.0, 1.0)]), np.array([(-1.0, 0.0), (1.0, 0.0)])],
        "star": [_around(_round(10), np.where(np.arange(11) % 2, 0.42, 1.0))],
        "heart": [
            np.stack(
                [
                    np.sin(t) ** 3,
                    -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16,
                ],
                1,
            )
        ],
        "arrow": [
            np.array([(-1.0, 0.0), (1.0, 0.0)]),
            np.array([(0.3, -0.65), (1.0, 0.0), (0.3, 0.65)]),
        ],
        "crescent": [_crescent()],
    }
    if name == "star" and random.random() < 0.5:  # in one line
        forms["star"] = [_around(np.arange(6) * 4 * math.pi / 5)]
    strokes = forms[name]
    shaken = []
    for stroke in strokes:
        shift = random.normal(0, 0.02 + 0.06 * difficulty, (4, 2))  # of the four corners
        place = np.clip((stroke + 1) / 2, 0, 1)
        x, y = place[:, :1], place[:, 1:]
        corners = ((1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y)
        moved = sum((w * s for w, s in zip(corners, shift, strict=True)), start=stroke)
        shaken.append(moved)
    return _Form(shaken, closed=name not in ("cross", "arrow"))


def _crescent() -> Points:
    outer = _around(np.linspace(math.pi * 0.12, -math.pi * 1.12, 24))
    inner = outer[::-1] * (0.35, 0.94) + (0.24, 0.0)
    return np.concatenate([outer, inner, outer[:1]])
