"""The questions of the lab "A picture is numbers", marked by the engine, and its code."""

from __future__ import annotations

from dataclasses import replace

from ali5.known.records import Preprocessing

from ...engine import Picture
from ..photo import opening_code
from ..questions import Question, options_around
from .costs import costs_of
from .numbers import colours_of, corner_of, patch_of, photo_of
from .settings import MAX_PHOTO_PX, Settings


def questions_of(
    settings: Settings, picture: Picture, network: str, preprocessing: Preprocessing
) -> list[Question]:
    """Return three questions about what is on the screen.

    Args:
        settings: What is set.
        picture: The photograph.
        network: What the network is called that the picture is prepared for.
        preprocessing: How.
    """
    photo = photo_of(picture)
    height, width, _ = photo.shape
    numbers = photo.size
    level = int(patch_of(replace(settings, units="bytes"), photo, preprocessing)[0, 0, 0])
    mean, std = (float(each[0]) for each in colours_of(preprocessing))
    value = (level / 255 - mean) / std
    right = f"{value:.2f}".replace("-", "−")
    others = (f"{level / 255:.2f}", f"{level / std:.2f}", f"{value + 1:.2f}".replace("-", "−"))
    small, large = (costs_of(*edges, 8) for edges in ((height, width), (2 * height, 2 * width)))
    more, kept = (large[i].weights // small[i].weights for i in (0, 1))
    return [
        Question(
            f"The picture has {width:,} × {height:,} pixels. How many numbers is it?",
            options_around(numbers, numbers // 3, numbers // 3 * 4, numbers // 3 * 2),
            f"{numbers:,}",
            f"Three for every pixel: {width:,} × {height:,} × 3.",
        ),
        Question(
            f"Red is {level} in the first pixel of the patch. Which number does {network} see?",
            tuple(dict.fromkeys(sorted((right, *others)))),
            right,
            f"({level} / 255 − {mean:.3f}) / {std:.3f} = {right}.",
        ),
        Question(
            "Both edges of the picture are doubled. How many times as many weights does a fully "
            "connected layer need that gives maps of the same size?",
            options_around(more, 2, 4, 8),
            f"{more:,}",
            f"Four times as many inputs and four times as many outputs. The convolution needs "
            f"{kept} time{'s' if kept > 1 else ''} as many: its kernels stay as they are.",
        ),
    ]


def code_of(settings: Settings, picture: Picture, preprocessing: Preprocessing) -> str:
    """Return PyTorch code that gives the numbers of the patch."""
    row, column = corner_of(settings, photo_of(picture))
    lines = [
        "import torch",
        "from torchvision.transforms.functional import pil_to_tensor",
        *opening_code(picture, MAX_PHOTO_PX),
        'pixels = pil_to_tensor(image.convert("RGB"))  # [3, H, W], 0..255',
    ]
    for place, level in settings.cells:
        y, x, channel = place.split(",")
        lines.append(f"pixels[{channel}, {y}, {x}] = {level}")
    end = f"{row + settings.patch}", f"{column + settings.patch}"
    lines.append(f"output = pixels[:, {row}:{end[0]}, {column}:{end[1]}]")
    if settings.units != "bytes":
        lines.append("output = output / 255")
    if settings.units == "normalised":
        mean, std = (
            [float(f"{value:.6g}") for value in each] for each in colours_of(preprocessing)
        )
        lines += [
            f"mean, std = torch.tensor({mean}), torch.tensor({std})",
            "output = (output - mean[:, None, None]) / std[:, None, None]",
        ]
    return "\n".join(lines)
