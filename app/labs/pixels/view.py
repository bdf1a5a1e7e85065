"""The lab "A picture is numbers": a patch of it, its way into a network, what its size costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ali5.known.catalog import catalog
from ali5.known.records import Architecture, Edition, Preprocessing
from ali5.labs.weighing import LayerCost, convolution_cost, fully_connected_cost

from ... import address
from ...address import plain_choices, read_plain
from ...canvas.charts import plotly
from ...canvas.component import component
from ...engine import Picture, once
from ..photo import opening_code
from ..questions import Question, options_around
from .numbers import colours_of, corner_of, patch_of, rungs_of
from .sent import pack_patch, pack_rungs, pack_weighing
from .settings import (
    MAX_PHOTO_PX,
    MOST_CHANGED,
    RANGES,
    SENT,
    WEIGHING_RANGES,
    WEIGHING_SENT,
    WORDS,
    Settings,
    Weighing,
    made_possible,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_DEFAULT_NETWORK = "resnet18-compact"

_pixels = component(__file__, "pixels", sends={"settings": SENT})
_rungs = component(__file__, "rungs")
_weighing = component(__file__, "weighing", sends={"settings": WEIGHING_SENT})


def show_patch(settings: Settings, photo: NDArray[np.uint8], preprocessing: Preprocessing) -> None:
    """Show a patch as numbers; the settings go into the address when they are let go."""
    _pixels(
        key="pixels",
        data=pack_patch(settings, photo, preprocessing),
        settings=write_settings,
    )


def show_rungs(picture: Picture, preprocessing: Preprocessing) -> None:
    """Show what a picture is after each step into a network."""
    packed = once(
        picture.image,
        ("rungs", preprocessing),
        lambda: pack_rungs(rungs_of(picture, preprocessing), preprocessing),
    )
    _rungs(key="rungs", data=packed)


def show_weighing(weighing: Weighing) -> None:
    """Show what two layers cost; the settings go into the address when they are let go."""
    _weighing(
        key="weighing",
        data=pack_weighing(weighing),
        settings=write_weighing,
    )


# --- The settings in the address ------------------------------------------------------------


def read_settings(photo: tuple[int, ...]) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        photo: Height and width of the photograph.
    """
    found = Settings(**read_plain(Settings(), RANGES, WORDS))
    return made_possible(replace(found, cells=_read_cells(address.text("cells"), photo)), photo)


def write_settings(sent: Mapping[str, Any]) -> None:
    """Put the settings that the lab has sent into the address."""
    choices = plain_choices(sent, Settings(), (*RANGES, *WORDS))
    parts = (f"{place.replace(',', '.')}:{level}" for place, level in sent["cells"].items())
    choices["cells"] = ",".join(parts) or None
    address.write(**choices)


def read_weighing() -> Weighing:
    """Return what is compared, from the address."""
    return Weighing(**read_plain(Weighing(), WEIGHING_RANGES, {}))


def write_weighing(sent: Mapping[str, Any]) -> None:
    """Put what is compared into the address."""
    address.write(**plain_choices(sent, Weighing(), WEIGHING_RANGES))


def _read_cells(text: str, photo: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for part in text.split(",")[:MOST_CHANGED]:
        place, _, level = part.partition(":")
        try:
            row, column, channel = (int(each) for each in place.split("."))
            value = int(level)
        except ValueError:
            continue
        inside = 0 <= row < photo[0] and 0 <= column < photo[1] and 0 <= channel < 3
        if inside and 0 <= value <= 255:
            found[f"{row},{column},{channel}"] = value
    return tuple(found.items())


# --- The way into a network -----------------------------------------------------------------


def choose_edition() -> tuple[Architecture, Edition]:
    """Show the choice of a network for whose eyes the picture is prepared."""
    known = {
        f"{name}-{edition.name}": (architecture, edition)
        for name, architecture in catalog().items()
        for edition in architecture.editions.values()
    }
    titles = {
        key: f"{architecture.title}, {edition.name} "
        f"({edition.preprocessing.size} × {edition.preprocessing.size})"
        for key, (architecture, edition) in known.items()
    }
    chosen = address.choose("Network", titles, name="into", default=_DEFAULT_NETWORK, as_list=True)
    return known[chosen]


# --- What a picture costs -------------------------------------------------------------------


def costs_of(height: int, width: int, maps: int) -> tuple[LayerCost, LayerCost]:
    """Return what a fully connected layer and a 3 x 3 convolution need for a colour picture."""
    return (
        fully_connected_cost(height, width, 3, maps),
        convolution_cost(height, width, 3, maps),
    )


def draw_costs(weighing: Weighing) -> Figure:
    """Draw weights and multiply-adds of both layers as the picture grows."""
    go = plotly()

    edges = [2**power for power in range(2, 10)]
    costs = {edge: costs_of(edge, edge, weighing.maps) for edge in edges}
    figure = go.Figure()
    for number, (name, colour) in enumerate(
        (("fully connected", "#7c3aed"), ("3 × 3 convolution", "#2563eb"))
    ):
        for what, dash in (("weights", "solid"), ("multiply_adds", "dot")):
            words = what.replace("_", "–")
            figure.add_scatter(
                x=edges,
                y=[getattr(costs[edge][number], what) for edge in edges],
                name=f"{name}: {words}",
                line={"color": colour, "dash": dash, "width": 3 - number},
                hovertemplate=f"%{{x}} × %{{x}} pixels: %{{y:,}} {words}<extra>{name}</extra>",
            )
    figure.add_vline(x=weighing.edge, line_dash="dash", line_color="#f59e0b")
    figure.update_xaxes(
        type="log", tickvals=edges, ticktext=[str(edge) for edge in edges], title="edge in pixels"
    )
    figure.update_yaxes(type="log", title="how many", exponentformat="power")
    figure.update_layout(
        height=380,
        margin={"t": 16, "b": 8, "l": 8, "r": 8},
        legend={"orientation": "h", "y": -0.2},
    )
    return figure


# --- Questions and code ---------------------------------------------------------------------


def questions_of(
    settings: Settings, photo: NDArray[np.uint8], network: str, preprocessing: Preprocessing
) -> list[Question]:
    """Return three questions about what is on the screen."""
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


def code_of(
    settings: Settings, photo: NDArray[np.uint8], picture: Picture, preprocessing: Preprocessing
) -> str:
    """Return PyTorch code that gives the numbers of the patch."""
    row, column = corner_of(settings, photo)
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


def own_size_words(image: Image.Image, maps: int) -> str:
    """Say what the whole picture would cost, in its own size."""
    full, local = costs_of(image.height, image.width, maps)
    return (
        f"This picture in its own size, {image.width:,} × {image.height:,}: "
        f"{full.weights:,} weights ({in_bytes(full.parameter_bytes)}) fully connected, "
        f"{local.weights:,} ({in_bytes(local.parameter_bytes)}) as a 3 × 3 convolution, "
        f"for {maps} {'maps' if maps > 1 else 'map'}."
    )


def in_bytes(count: float) -> str:
    """Write a number of bytes with three digits and a unit: "1.18 GB", powers of 1,000."""
    units = ["bytes", "KB", "MB", "GB", "TB", "PB"]
    while count >= 1000 and len(units) > 1:
        count /= 1000
        units.pop(0)
    return f"{count:.3g} {units[0]}"
