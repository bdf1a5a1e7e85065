"""The convolution lab: its settings in the address, its questions, its code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ali5.door import in_text
from ali5.pictures.preparation import BRIGHTNESS

from ... import address
from ...address import plain_choices, read_plain
from ...canvas.component import component
from ...choose.colours import read_colours
from ...engine import Picture
from ..photo import opening_code
from ..questions import Question, options_around
from ..toy import TOY_EDGE
from .numbers import MAX_PHOTO_PX
from .sent import pack_convolution
from .settings import (
    BIAS,
    EXAMPLES,
    LARGEST_NUMBER,
    RANGES,
    SENT,
    WORDS,
    Settings,
    axis_of,
    fits,
    made_possible,
    settings_as_sent,
)

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.labs.arithmetic import Convolution

_convolution = component(__file__, "convolution", sends={"settings": SENT})


def show_convolution(settings: Settings, photo: NDArray[np.uint8]) -> None:
    """Show the lab; the settings go into the address when they are let go."""
    _convolution(
        key="convolution",
        data=pack_convolution(settings, photo, read_colours()),
        settings=write_settings,
    )


# --- The settings in the address --------------------------------------------------------------


def read_settings(photo: tuple[int, ...] = ()) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        photo: Height and width of the photograph.
    """
    found = replace(
        Settings(),
        **read_plain(Settings(), RANGES, WORDS),
        bias=address.read_as("bias", in_text(BIAS), 0.0),
        cells=_read_cells(address.text("cells")),
    )
    if found.preset == "custom":
        weights = _read_weights(address.text("weights"), found.channels, found.kernel)
        found = replace(found, weights=weights, preset="custom" if weights else "identity")
    return made_possible(found, photo)


def write_settings(sent: Mapping[str, Any]) -> None:
    """Put the settings that the lab has sent into the address."""
    choices = plain_choices(sent, Settings(), (*RANGES, *WORDS))
    choices["bias"] = f"{float(sent['bias']):g}" if sent["bias"] else None
    cells = sent.get("cells") or {}
    parts = (f"{place.replace(',', '.')}:{_shortest(value)}" for place, value in cells.items())
    choices["cells"] = ",".join(parts) or None
    weights = sent.get("weights")
    flat = np.asarray(weights, float).ravel() if weights else ()
    choices["weights"] = ",".join(_shortest(value) for value in flat) or None
    address.write(**choices)


def show_example() -> None:
    """Put the settings of the chosen example into the address."""
    chosen = st.session_state.get("example")
    if chosen is not None:
        write_settings(settings_as_sent(EXAMPLES[chosen]))


def _shortest(value: float) -> str:
    """Write a number as short as it can be read back exactly."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _read_cells(text: str) -> dict[str, float]:
    cells = {}
    for part in text.split(",")[: 3 * TOY_EDGE**2]:
        place, _, value = part.partition(":")
        try:
            channel, row, column = (int(each) for each in place.split("."))
            number = float(value)
        except ValueError:
            continue
        inside = 0 <= channel < 3 and 0 <= row < TOY_EDGE and 0 <= column < TOY_EDGE
        if inside and abs(number) <= LARGEST_NUMBER:
            cells[f"{channel},{row},{column}"] = number
    return cells


def _read_weights(text: str, channels: int, size: int) -> list[Any] | None:
    try:
        values = np.array([float(part) for part in text.split(",")])
    except ValueError:
        return None
    if len(values) != channels * size**2 or not (np.abs(values) <= LARGEST_NUMBER).all():
        return None
    shaped: list[Any] = values.reshape(channels, size, size).tolist()
    return shaped


# --- Questions and code -----------------------------------------------------------------------


def questions_of(settings: Settings, result: Convolution) -> list[Question]:
    """Return three questions about what is on the screen."""
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


def code_of(settings: Settings, result: Convolution, picture: Picture) -> str:
    """Return PyTorch code that gives what is on the screen."""
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
