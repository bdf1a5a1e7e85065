"""The pooling lab's questions, marked by the engine, and its code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...engine import Picture, once
from ..photo import opening_code
from ..questions import Question, options_around
from ..toy import toy_cells
from .numbers import MAX_PHOTO_PX, changed_of, clean_of, errors_of, photo_of, pooled
from .settings import Settings

if TYPE_CHECKING:
    from ali5.labs.arithmetic import Pooling


def questions_of(settings: Settings, picture: Picture) -> list[Question]:
    """Return three questions about what is on the screen.

    Raises:
        Ali5Error: A setting is not possible; names it and its valid range.
    """
    photo = photo_of(picture)

    def work() -> list[Question]:
        clean = clean_of(settings, photo)
        return _questions_of(settings, clean, pooled(settings, changed_of(settings, clean)))

    return once(photo, ("questions", settings), work)


def _questions_of(
    settings: Settings, clean: NDArray[np.float32], result: Pooling
) -> list[Question]:
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
