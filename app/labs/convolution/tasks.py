"""The convolution lab's questions, marked by the engine, and its code."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ali5.pictures.preparation import BRIGHTNESS

from ...engine import Picture, once
from ..photo import opening_code
from ..questions import Question, options_around
from .numbers import MAX_PHOTO_PX, convolved, photo_of, planes_of, weights_of
from .settings import Settings, axis_of, fits

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.labs.arithmetic import Convolution


def questions_of(settings: Settings, picture: Picture) -> list[Question]:
    """Return three questions about what is on the screen.

    Raises:
        Ali5Error: A setting is not possible; names it and its valid range.
    """
    photo = photo_of(picture)
    about = "questions", repr(settings)
    return once(photo, about, lambda: _questions_of(settings, _result_of(settings, photo)))


def _result_of(settings: Settings, photo: NDArray[np.uint8]) -> Convolution:
    return convolved(settings, planes_of(settings, photo), weights_of(settings))


def _questions_of(settings: Settings, result: Convolution) -> list[Question]:
    rows, kernel = result.rows, result.kernel
    count = rows.count
    extent = rows.window.extent
    others = (*range(settings.stride + 1, 5), *range(1, settings.stride + 1))
    stride = next(each for each in others if fits(replace(settings, stride=each), rows.size))
    after = axis_of(replace(settings, stride=stride), rows.size).count
    products = result.output.numel() * kernel[0].numel()
    place = (count // 2, result.columns.count // 2)
    uses = _uses(result)
    window = result.window(0, *place)
    sign = "positive" if window.total > 1e-6 else "negative" if window.total < -1e-6 else "zero"
    return [
        Question(
            f"If the stride were {stride}, how many rows would the result have?",
            options_around(after, rows.size // stride, count, after + 1, after - 1),
            f"{after:,}",
            f"The window of {extent} fits {after:,} times with a stride of {stride}.",
        ),
        Question(
            "How many multiplications does the whole result take?",
            options_around(
                products, result.output.numel(), result.pixels.numel() * kernel[0, 0].numel() * 2
            ),
            f"{products:,}",
            f"{result.output.numel():,} numbers, each a sum of {kernel[0].numel()} products.",
        ),
        Question(
            f"Is the number in row {place[0]}, column {place[1]} of the result positive, negative "
            "or zero?",
            ("positive", "negative", "zero"),
            sign,
            f"Its {window.products.numel()} products and the bias add up to {window.total:.4g}. "
            f"The middle pixel of the picture is used {uses} times in all.",
        ),
    ]


def _uses(result: Convolution) -> int:
    """Count the numbers of the result that look at the middle pixel of the picture."""

    def along(axis: Any) -> int:
        middle = axis.size // 2
        return sum(middle in axis.positions(index) for index in range(axis.count))

    return along(result.rows) * along(result.columns)


def code_of(settings: Settings, picture: Picture) -> str:
    """Return PyTorch code that gives what is on the screen."""
    result = _result_of(settings, photo_of(picture))
    lines = ["import torch", "import torch.nn.functional as F"]
    if settings.input == "toy":
        lines += ["", f"pixels = torch.tensor({_numbers(result.pixels)})  # [C, H, W]"]
    else:
        lines += [
            "from torchvision.transforms.functional import to_tensor",
            *opening_code(picture, MAX_PHOTO_PX),
            "pixels = to_tensor(image)  # [3, H, W], 0..1",
        ]
        if settings.channels == 1:
            lines.append(
                f"pixels = torch.tensordot(torch.tensor({list(BRIGHTNESS)}), pixels, 1)[None]"
            )
        elif settings.channels == 2:
            lines.append("pixels = pixels[:2]")
    lines.append(f"kernel = torch.tensor({_numbers(result.kernel)})  # [1, C, h, w]")
    rows, columns = result.rows, result.columns
    border = (columns.window.padding, columns.after, rows.window.padding, rows.after)
    even = len(set(border)) == 1
    arguments = ["kernel"]
    if settings.bias:
        arguments.append(f"torch.tensor([{settings.bias}])")
    if settings.stride > 1:
        arguments.append(f"stride={settings.stride}")
    if any(border) and even and settings.mode == "zeros":
        arguments.append(f"padding={border[0]}")
    if settings.dilation > 1:
        arguments.append(f"dilation={settings.dilation}")
    source = "pixels[None]"
    if any(border) and not (even and settings.mode == "zeros"):
        mode = "" if settings.mode == "zeros" else f', mode="{settings.mode}"'
        source = f"F.pad(pixels[None], {border}{mode})"
    lines.append(f"output = F.conv2d({source}, {', '.join(arguments)})[0]  # [1, H', W']")
    return "\n".join(lines)


def _numbers(values: Tensor) -> str:
    """Write a tensor as nested lists, with as many digits as 32 bits hold."""
    shortest = np.vectorize(lambda value: float(f"{value:.8g}"))
    return json.dumps(shortest(values.numpy()).tolist())
