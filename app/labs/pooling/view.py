"""The pooling lab: its settings in the address, its numbers by the engine, its code."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ... import address
from ...address import plain_choices, read_plain
from ...engine import Picture
from ..convolution.view import TOY_EDGE, toy_cells
from ..photo import opening_code, reduced
from ..questions import Question, options_around

if TYPE_CHECKING:
    from ali5.labs.arithmetic import Pooling

MAX_PHOTO_PX = 160
"""Longest edge of the photograph in the lab: its pixels shall be seen."""

KINDS = ("max", "average", "l2")

SEED = 7
"""Of the noise."""


@dataclass(frozen=True)
class Settings:
    """What is set in the lab.

    Attributes:
        input: "toy" for cells, "photo" for the brightness of the chosen picture.
        size: Rows and columns of cells.
        kind: "max", "average" or "l2", the root of the sum of squares.
        windows: "moving", or "adaptive" for a fixed number of windows, not with "l2".
        bins: Rows and columns of adaptive windows.
        kernel: Edge of the window.
        stride: Pixels between two positions.
        padding: Border on each side, at most half the window.
        ceil: "floor", or "ceil" if windows may hang over at the end.
        noise: "none", "pepper", "salt" (and pepper) or "gauss".
        amount: Percent of the pixels, or standard deviation of the amounts in percent.
        shift: Pixels that the picture is moved to the right.
    """

    input: str = "toy"
    size: int = 8
    kind: str = "max"
    windows: str = "moving"
    bins: int = 2
    kernel: int = 2
    stride: int = 2
    padding: int = 0
    ceil: str = "floor"
    noise: str = "none"
    amount: int = 10
    shift: int = 0


_RANGES = {
    "size": (3, TOY_EDGE),
    "bins": (1, 8),
    "kernel": (1, 8),
    "stride": (1, 8),
    "padding": (0, 4),
    "amount": (1, 50),
    "shift": (0, 8),
}
_WORDS = {
    "input": ("toy", "photo"),
    "kind": KINDS,
    "windows": ("moving", "adaptive"),
    "ceil": ("floor", "ceil"),
    "noise": ("none", "pepper", "salt", "gauss"),
}


def read_settings(photo: tuple[int, ...] = ()) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        photo: Height and width of the photograph.
    """
    return made_possible(Settings(**read_plain(Settings(), _RANGES, _WORDS)), photo)


def made_possible(settings: Settings, photo: tuple[int, ...] = ()) -> Settings:
    """Return settings of which none contradicts another or the size of the photograph."""
    edges = (settings.size,) if settings.input == "toy" else photo
    kernel = min(settings.kernel, *edges) if edges else settings.kernel
    bins = min(settings.bins, *edges) if edges else settings.bins
    padding = min(settings.padding, kernel // 2)
    windows = "moving" if settings.kind == "l2" else settings.windows
    return replace(settings, kernel=kernel, padding=padding, bins=bins, windows=windows)


def write_settings(text: str) -> None:
    """Put the settings that the lab has sent, as JSON, into the address."""
    _, choices = plain_choices(text, Settings(), _RANGES, _WORDS)
    address.write(**choices)


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    return asdict(settings)


def photo_of(picture: Picture) -> NDArray[np.uint8]:
    """Return the brightness of the chosen picture, [H, W], at most 160 pixels long."""
    return np.asarray(reduced(picture, MAX_PHOTO_PX).convert("L"))


def clean_of(settings: Settings, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the picture before noise and shift, [H, W], 0..1."""
    if settings.input == "photo":
        return (photo / 255).astype(np.float32)
    return (toy_cells()[0, : settings.size, : settings.size] / 10).astype(np.float32)


def changed_of(settings: Settings, clean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the picture moved to the right and with noise, [H, W]."""
    columns = np.maximum(np.arange(clean.shape[1]) - settings.shift, 0)
    moved = clean[:, columns]
    one, two = uniform(2 * clean.size).reshape(clean.size, 2).T
    one, two = one.reshape(clean.shape), two.reshape(clean.shape)
    amount = settings.amount / 100
    if settings.noise == "pepper":
        moved = np.where(one < amount, 0, moved)
    elif settings.noise == "salt":
        moved = np.where(one < amount, np.where(two < 0.5, 0, 1), moved)
    elif settings.noise == "gauss":  # Box & Muller 1958
        moved = moved + amount * np.sqrt(-2 * np.log(1 - one)) * np.cos(2 * np.pi * two)
    return moved.astype(np.float32)


def uniform(count: int) -> NDArray[np.float64]:
    """Return the random numbers of the browser, 0 <= x < 1: the generator "mulberry32"."""
    with np.errstate(over="ignore"):
        state = np.uint32(SEED) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
        value = (state ^ (state >> 15)) * (state | np.uint32(1))
        value ^= value + (value ^ (value >> 7)) * (value | np.uint32(61))
    shares: NDArray[np.float64] = (value ^ (value >> 14)) / 2.0**32
    return shares


def pooled(settings: Settings, pixels: NDArray[np.float32], kind: str | None = None) -> Pooling:
    """Return the result by the engine."""
    import torch

    from ali5.labs.arithmetic import pool, pool_adaptively

    plane = torch.from_numpy(np.ascontiguousarray(pixels))[None]
    wanted: Any = kind or settings.kind
    if settings.windows == "adaptive":
        return pool_adaptively(plane, wanted, size=settings.bins)
    return pool(
        plane,
        wanted,
        kernel=settings.kernel,
        stride=settings.stride,
        padding=settings.padding,
        ceil_mode=settings.ceil == "ceil",
    )


def errors_of(settings: Settings, clean: NDArray[np.float32]) -> dict[str, float]:
    """Measure what noise and shift change: root of the mean squared difference, by place."""
    changed = changed_of(settings, clean)
    found = {"picture": float(np.sqrt(np.mean((changed - clean) ** 2)))}
    for kind in ("max", "average"):
        now, then = (pooled(settings, each, kind).output for each in (changed, clean))
        found[kind] = float((now - then).square().mean().sqrt())
    return found


def questions_of(settings: Settings, clean: NDArray[np.float32], result: Pooling) -> list[Question]:
    """Return three questions about what is on the screen."""
    rows = result.rows
    edge = min(settings.kernel + 1, *clean.shape)
    wider = replace(
        settings,
        windows="moving",
        kernel=edge,
        stride=edge,
        padding=min(settings.padding, edge // 2),
    )
    after = pooled(wider, clean).rows.count
    other = "pepper" if settings.noise == "salt" else "salt"
    colours = "black" if other == "pepper" else "black or white"
    noisy = replace(settings, noise=other, amount=10, shift=0)
    errors = errors_of(noisy, clean)
    names = {"max": "maxima", "average": "averages"}
    better = names[min(names, key=errors.__getitem__)]
    largest = pooled(settings, clean, "max").output
    mean = pooled(settings, clean, "average").output
    above = "yes" if bool((largest >= mean - 1e-6).all()) else "no"
    return [
        Question(
            f"With a window and a stride of {wider.kernel}, how many rows would the result have?",
            options_around(after, rows.count, after + 1, after - 1, rows.size),
            f"{after:,}",
            f"A window of {wider.kernel} fits {after:,} times into {rows.size} rows "
            f"with {2 * wider.padding} of padding.",
        ),
        Question(
            f"10 % of the pixels become {colours}. Which keeps out more of it?",
            ("maxima", "averages", "both alike"),
            better if errors["max"] != errors["average"] else "both alike",
            f"Measured here: {errors['max']:.3f} is left after maxima, {errors['average']:.3f} "
            f"after averages, of {errors['picture']:.3f} in the picture.",
        ),
        Question(
            "Is a maximum ever smaller than the average of the same window?",
            ("never", "sometimes", "always"),
            "never" if above == "yes" else "sometimes",
            "The average cannot be larger than the largest. "
            f"Here the maxima are {float((largest - mean).mean()):.3f} higher on average.",
        ),
    ]


def code_of(settings: Settings, picture: Picture) -> str:
    """Return PyTorch code that gives what is on the screen, before noise and shift."""
    lines = ["import torch", "import torch.nn.functional as F"]
    if settings.input == "toy":
        cells = toy_cells()[0, : settings.size, : settings.size].tolist()
        lines += ["", f"pixels = torch.tensor([{cells}]) / 10  # [C, H, W]"]
    else:
        lines += [
            "from torchvision.transforms.functional import pil_to_tensor",
            *opening_code(picture, MAX_PHOTO_PX),
            'pixels = pil_to_tensor(image.convert("L")) / 255  # [1, H, W]',
        ]
    if settings.noise != "none" or settings.shift:
        lines.append("# Before the noise and the shift:")
    lines += _pooling_lines(settings)
    return "\n".join(lines)


def _pooling_lines(settings: Settings) -> list[str]:
    """Return the lines that pool `pixels` as it is set."""
    if settings.windows == "adaptive":
        name = "max" if settings.kind == "max" else "avg"
        return [f"output = F.adaptive_{name}_pool2d(pixels, {settings.bins})"]
    squares = settings.kind == "l2"
    source = "pixels.square()" if squares else "pixels"
    function = "max_pool2d" if settings.kind == "max" else "avg_pool2d"
    arguments = [f"{settings.kernel}", f"stride={settings.stride}"]
    if settings.padding:
        arguments.append(f"padding={settings.padding}")
    if settings.ceil == "ceil":
        arguments.append("ceil_mode=True")
    if squares:
        arguments.append("divisor_override=1")
    root = ".sqrt()" if squares else ""
    return [f"output = F.{function}({source}, {', '.join(arguments)}){root}"]
