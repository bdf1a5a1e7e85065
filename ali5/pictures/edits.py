"""Change a picture as a network sees it: crop, grey, blur, turn, shift, paint over.

All places and lengths are percentages of the edge of the square that the network sees, so that the
same edits fit networks of every input size. Torch is imported when a picture is edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ali5.errors import Ali5Error, UnknownName
from ali5.known.records import Preprocessing
from ali5.pictures.preparation import BRIGHTNESS, Part, fit_picture, normalise_planes, scale_pixels

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.pictures.changes import Change

RANGES: dict[str, tuple[float, float, float]] = {
    "crop": (20, 100, 1),
    "crop_right": (0, 100, 1),
    "crop_down": (0, 100, 1),
    "blur": (0, 10, 0.25),
    "turn": (-180, 180, 1),
    "right": (-50, 50, 1),
    "down": (-50, 50, 1),
}
"""Smallest value, largest value and step of every number of `Edits`."""

STRIDES: dict[str, tuple[float, ...]] = {
    "crop": (2, 5, 10),
    "crop_right": (2, 5, 10),
    "crop_down": (2, 5, 10),
    "blur": (0.25, 0.5, 1),
    "turn": (5, 10, 30),
    "right": (2, 5, 10),
    "down": (2, 5, 10),
}
"""How far apart the values of a sweep are: fine, middling, coarse."""

MAX_MARKS = 40
"""Rectangles and strokes on one picture."""

MAX_POINTS = 80
"""Points of one stroke."""

Colour = tuple[int, int, int]
"""Red, green and blue, 0..255."""


@dataclass(frozen=True)
class Rectangle:
    """A rectangle that is painted over, in percent of the edge."""

    left: float
    top: float
    width: float
    height: float
    colour: Colour

    def covers(self, size: int) -> NDArray[np.bool_]:
        """Tell which pixels have their middle in it, [size, size]."""
        x, y = _middles(size)
        across = (x >= self.left) & (x < self.left + self.width)
        down = (y >= self.top) & (y < self.top + self.height)
        return across & down


@dataclass(frozen=True)
class Stroke:
    """A stroke of a round brush through some points, in percent of the edge."""

    points: tuple[tuple[float, float], ...]
    radius: float
    colour: Colour

    def covers(self, size: int) -> NDArray[np.bool_]:
        """Tell which pixels have their middle no farther from it than the radius, [size, size]."""
        x, y = _middles(size)
        covered = np.zeros((size, size), bool)
        ends = (*self.points[1:], self.points[-1])
        for (x0, y0), (x1, y1) in zip(self.points, ends, strict=True):
            length = (x1 - x0) ** 2 + (y1 - y0) ** 2
            along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / (length or 1)
            along = np.clip(along, 0, 1)
            apart = (x - x0 - along * (x1 - x0)) ** 2 + (y - y0 - along * (y1 - y0)) ** 2
            covered |= apart <= self.radius**2
        return covered


Mark = Rectangle | Stroke


def _middles(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x [1, size] and y [size, 1] of the pixels' middles, in percent."""
    middles = (np.arange(size) + 0.5) * 100 / size
    return middles[None], middles[:, None]


@dataclass(frozen=True)
class Edits:
    """What is done to a picture, in this order: crop, grey, blur, turn, shift, paint.

    What comes in from outside repeats the edge. Paint lies on top: it does not move along.

    Attributes:
        crop: Edge of the square that is kept and enlarged, in percent; 100 keeps all.
        crop_right: Where it is kept, 0 at the left to 100 at the right.
        crop_down: Likewise, 0 at the top to 100 at the bottom.
        blur: Deviation of a Gaussian, in percent of the edge.
        turn: Degrees about the middle, counter-clockwise.
        right: How far it is moved to the right, in percent, to whole pixels.
        down: How far it is moved down, likewise.
        grey: Whether it loses its colours.
        paint: What is painted over it, later marks over earlier ones.

    Raises:
        Ali5Error: A number is out of its range, or there is too much paint.
    """

    crop: float = 100
    crop_right: float = 50
    crop_down: float = 50
    blur: float = 0
    turn: float = 0
    right: float = 0
    down: float = 0
    grey: bool = False
    paint: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        for name, (low, high, _) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise Ali5Error(
                    f"{name} goes from {low:g} to {high:g}; {getattr(self, name):g} is outside."
                )
        if len(self.paint) > MAX_MARKS:
            raise Ali5Error(f"{len(self.paint)} marks are too many. Paint at most {MAX_MARKS}.")
        for mark in self.paint:
            check_mark(mark)

    @property
    def is_none(self) -> bool:
        """Whether the picture stays as it is."""
        place = replace(self, crop_right=50, crop_down=50) if self.crop == 100 else self
        return place == Edits()

    @property
    def part(self) -> Part:
        """What is kept of the square, in shares of its edge."""
        edge = self.crop / 100
        left, top = ((1 - edge) * place / 100 for place in (self.crop_right, self.crop_down))
        return Part(left, top, left + edge, top + edge)

    def change(self, size: int) -> Change:
        """Return what is done to a picture of that many pixels between cropping and painting."""
        from ali5.pictures.changes import Change

        return Change(
            right=round(self.right * size / 100),
            down=round(self.down * size / 100),
            turn=self.turn,
            blur=self.blur * size / 100,
            grey=self.grey,
        )


def check_mark(mark: Mark) -> None:
    """Refuse paint that does not lie within the picture."""
    if isinstance(mark, Stroke):
        numbers = [mark.radius, *(number for point in mark.points for number in point)]
        if not 0 < len(mark.points) <= MAX_POINTS:
            raise Ali5Error(f"A stroke has 1 to {MAX_POINTS} points, not {len(mark.points)}.")
    else:
        numbers = [mark.left, mark.top, mark.width, mark.height]
    if not all(0 <= number <= 100 for number in numbers):
        raise Ali5Error("Paint lies within the picture: every number is from 0 to 100.")
    if not all(0 <= level <= 255 for level in mark.colour):
        raise Ali5Error("A colour is three levels from 0 to 255.")


def edit(image: Image.Image, preprocessing: Preprocessing, edits: Edits) -> Tensor:
    """Return the edited picture as a network sees it, [C, S, S], 0..1.

    What is not edited is the same, bit for bit, as the network sees it otherwise.

    Args:
        image: An upright RGB picture of any size from 1x1.
        preprocessing: Of the edition that will see it.
        edits: What is done to it.
    """
    import torch

    photo = torch.from_numpy(scale_pixels(fit_picture(image, preprocessing, edits.part)))
    change = edits.change(preprocessing.size)
    if not change.is_none:
        photo = change(photo)
    if edits.paint:
        photo = photo.clone()
    for mark in edits.paint:
        levels = np.array(mark.colour, np.float32) / 255
        if len(photo) == 1:
            levels = np.array([levels @ np.array(BRIGHTNESS, np.float32)])
        covered = torch.from_numpy(mark.covers(preprocessing.size))
        photo[:, covered] = torch.from_numpy(levels)[:, None]
    return photo


def prepare_edited(image: Image.Image, preprocessing: Preprocessing, edits: Edits) -> Tensor:
    """Return the edited picture as the input of a network, [1, C, S, S], normalised."""
    import torch

    planes = edit(image, preprocessing, edits).numpy()
    return torch.from_numpy(normalise_planes(planes, preprocessing)[None])


def sweep(edits: Edits, name: str, stride: float) -> Iterator[tuple[float, Edits]]:
    """Let one number of some edits go through its whole range.

    Args:
        edits: What else is done to the picture.
        name: Of the number, one of `RANGES`.
        stride: From one value to the next, starting with the smallest.

    Returns:
        Every value with the edits that have it; the last one is the largest.

    Raises:
        UnknownName: There is no such number.
    """
    if name not in RANGES:
        raise UnknownName("number of the edits", name, RANGES)
    low, high, _ = RANGES[name]
    values = [*np.arange(low, high, stride).tolist(), high]
    return ((value, replace(edits, **{name: value})) for value in values)


def prepare_many(
    image: Image.Image, preprocessing: Preprocessing, several: Sequence[Edits]
) -> Tensor:
    """Return one picture with several edits as the input of a network, [N, C, S, S]."""
    import torch

    return torch.cat([prepare_edited(image, preprocessing, edits) for edits in several])
