"""The lab "A picture is numbers": a patch of it, its way into a network, what its size costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ali5.known.catalog import catalog
from ali5.known.records import Architecture, Edition, Preprocessing
from ali5.labs.weighing import LayerCost, convolution_cost, fully_connected_cost
from ali5.pictures.images import lying_as_stored
from ali5.pictures.preparation import BRIGHTNESS, Rung, prepare_in_rungs

from ... import address
from ...address import plain_choices, read_plain
from ...engine import Picture
from ..photo import opening_code, reduced
from ..questions import Question, options_around

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MAX_PHOTO_PX = 256
"""Longest edge of the photograph in the lab: its pixels shall be found."""

SMALLEST_PATCH, LARGEST_PATCH = 4, 12
LARGEST_EDGE, MOST_MAPS = 512, 64

COLOURS = ("red", "green", "blue")
_DEFAULT_NETWORK = "resnet18-compact"


@dataclass(frozen=True)
class Settings:
    """What is set where a patch is looked at.

    Attributes:
        row: Of the patch's first pixel; -1 if it lies where it opens.
        column: The same.
        patch: Edge of the patch, in pixels.
        units: Numbers as "bytes" (0..255), "shares" (0..1) or "normalised" for the network.
        light: Which light is let through: "all", "red", "green" or "blue".
        cells: Bytes that were changed, by "row,column,channel" in the picture.
    """

    row: int = -1
    column: int = -1
    patch: int = 4
    units: str = "bytes"
    light: str = "all"
    cells: tuple[tuple[str, int], ...] = ()


_RANGES = {
    "row": (0, MAX_PHOTO_PX - 1),
    "column": (0, MAX_PHOTO_PX - 1),
    "patch": (SMALLEST_PATCH, LARGEST_PATCH),
}
_WORDS = {"units": ("bytes", "shares", "normalised"), "light": ("all", *COLOURS)}
_MOST_CHANGED = 3 * LARGEST_PATCH**2


@dataclass(frozen=True)
class Weighing:
    """What is set where the costs are compared.

    Attributes:
        edge: Of a square colour picture, in pixels.
        maps: Feature maps that are made of it.
    """

    edge: int = 64
    maps: int = 8


_WEIGHING_RANGES = {"edge": (4, LARGEST_EDGE), "maps": (1, MOST_MAPS)}


def read_settings(photo: tuple[int, ...]) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        photo: Height and width of the photograph.
    """
    found = Settings(**read_plain(Settings(), _RANGES, _WORDS))
    return made_possible(replace(found, cells=_read_cells(address.text("cells"), photo)), photo)


def made_possible(settings: Settings, photo: tuple[int, ...]) -> Settings:
    """Return settings whose patch lies within the photograph."""
    height, width = photo[:2]
    patch = min(settings.patch, height, width)
    row, column = min(settings.row, height - patch), min(settings.column, width - patch)
    return replace(settings, patch=patch, row=row, column=column)


def write_settings(text: str) -> None:
    """Put the settings that the lab has sent, as JSON, into the address."""
    sent, choices = plain_choices(text, Settings(), _RANGES, _WORDS)
    parts = (f"{place.replace(',', '.')}:{level}" for place, level in sent["cells"].items())
    choices["cells"] = ",".join(parts) or None
    address.write(**choices)


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    return asdict(settings) | {"cells": dict(settings.cells)}


def read_weighing() -> Weighing:
    """Return what is compared, from the address."""
    return Weighing(**read_plain(Weighing(), _WEIGHING_RANGES, {}))


def write_weighing(text: str) -> None:
    """Put what is compared, as JSON, into the address."""
    address.write(**plain_choices(text, Weighing(), _WEIGHING_RANGES, {})[1])


def _read_cells(text: str, photo: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for part in text.split(",")[:_MOST_CHANGED]:
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


def photo_of(picture: Picture) -> NDArray[np.uint8]:
    """Return the chosen picture as the lab shows it: RGB, [H, W, 3], at most 256 pixels long."""
    return np.asarray(reduced(picture, MAX_PHOTO_PX).convert("RGB"))


def start_of(photo: NDArray[np.uint8]) -> tuple[int, int]:
    """Return row and column of the four by four pixels that differ most: there is most to see."""
    height, width = (edge // SMALLEST_PATCH for edge in photo.shape[:2])
    if not height or not width:
        return 0, 0
    whole = photo[: height * SMALLEST_PATCH, : width * SMALLEST_PATCH].astype(np.float32)
    blocks = whole.reshape(height, SMALLEST_PATCH, width, SMALLEST_PATCH, 3)
    place = int(blocks.std(axis=(1, 3)).sum(axis=2).argmax())
    return place // width * SMALLEST_PATCH, place % width * SMALLEST_PATCH


def corner_of(settings: Settings, photo: NDArray[np.uint8]) -> tuple[int, int]:
    """Return row and column of the patch's first pixel."""
    chosen = (settings.row, settings.column)
    top, left = (
        min(start if given < 0 else given, edge - settings.patch)
        for given, start, edge in zip(chosen, start_of(photo), photo.shape, strict=False)
    )
    return top, left


def patch_of(
    settings: Settings, photo: NDArray[np.uint8], preprocessing: Preprocessing
) -> NDArray[np.float32]:
    """Return the numbers of the patch in the chosen units, [3, patch, patch].

    A network that sees grey pictures has one mean and one deviation: every colour gets it.
    """
    levels = photo.copy()
    for place, level in settings.cells:
        row, column, channel = (int(each) for each in place.split(","))
        levels[row, column, channel] = level
    top, left = corner_of(settings, photo)
    patch = levels[top : top + settings.patch, left : left + settings.patch].transpose(2, 0, 1)
    values = patch.astype(np.float32)
    if settings.units == "bytes":
        return values
    values /= 255
    if settings.units == "normalised":
        mean, std = colours_of(preprocessing)
        values -= mean[:, None, None]
        values /= std[:, None, None]
    return values


def colours_of(preprocessing: Preprocessing) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and standard deviation of red, green and blue, [3] each."""
    mean, std = (
        np.broadcast_to(np.array(each, np.float32), 3)
        for each in (preprocessing.mean, preprocessing.std)
    )
    return mean, std


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


_RUNG_TITLES = {
    "stored": "In the file",
    "opened": "Upright",
    "grey": "Grey",
    "cut": "The middle",
    "resized": "Resized",
    "inverted": "Inverted",
    "framed": "With a border",
    "scaled": "Divided by 255",
    "normalised": "Normalised",
}


def rungs_of(picture: Picture, preprocessing: Preprocessing) -> list[Rung]:
    """Return what the chosen picture is after each step into a network, the file first."""
    stored = lying_as_stored(picture.image)
    first = [] if stored is None else [Rung("stored", stored)]
    return [*first, *prepare_in_rungs(picture.image, preprocessing)]


def rungs_as_sent(
    rungs: list[Rung], preprocessing: Preprocessing
) -> tuple[list[dict[str, Any]], bytes]:
    """Return each rung as the browser takes it, and their pixels one after the other.

    Pictures go as bytes; the numbers after them follow from the last picture, and the browser works
    them out as `prepare_pixels` does.
    """
    sent: list[dict[str, Any]] = []
    body: list[bytes] = []
    for rung in rungs:
        about = {
            "name": rung.name,
            "title": _RUNG_TITLES[rung.name],
            "words": _rung_words(rung, rungs, preprocessing),
            "channels": preprocessing.channels,
        }
        if rung.picture is not None:
            small = rung.picture.convert("RGB")
            small.thumbnail((MAX_PHOTO_PX, MAX_PHOTO_PX))
            scale = small.width / rung.picture.width
            about |= {"height": small.height, "width": small.width, "kind": "picture"}
            about["box"] = None if rung.box is None else [edge * scale for edge in rung.box]
            body.append(small.tobytes())
        else:
            about |= {"kind": rung.name, "box": None}
        sent.append(about)
    return sent, b"".join(body)


def _rung_words(rung: Rung, rungs: list[Rung], preprocessing: Preprocessing) -> str:
    size = preprocessing.size
    if rung.picture is not None:
        width, height = rung.picture.size
        pixels = f"{width:,} × {height:,} pixels"
    if rung.name == "stored":
        return f"As the camera stored it: {pixels}. The file says how it has to be turned."
    if rung.name == "opened":
        turned = "turned as the file says" if rungs[0].name == "stored" else "nothing to turn"
        return f"{pixels}, {turned}: {width * height * 3:,} numbers from 0 to 255."
    if rung.name == "grey":
        shares = [f"{share} of {name}" for share, name in zip(BRIGHTNESS, COLOURS, strict=True)]
        return f"One number a pixel: {shares[0]}, {shares[1]} and {shares[2]}."
    if rung.name == "cut":
        assert rung.box is not None
        return f"A square of {rung.box[2] - rung.box[0]:,.0f} pixels; the rest is not seen."
    if rung.name == "resized":
        return f"{pixels}: each is an average of those under it."
    if rung.name == "inverted":
        return "Light on dark, as the digits it learned from."
    if rung.name == "framed":
        border = preprocessing.border
        return f"{border} black pixels on each side: {pixels}."
    assert rung.values is not None
    low, high = rung.values.min(), rung.values.max()
    spread = f"{low:.3g} to {high:.3g}".replace("-", "−")
    if rung.name == "scaled":
        return f"Values from {spread}; one plane a colour."
    return (
        f"Mean taken away, divided by the deviation: values from {spread}. "
        f"A tensor [1, {preprocessing.channels}, {size}, {size}]: {rung.values.size:,} numbers."
    )


# --- What a picture costs -------------------------------------------------------------------


def costs_of(height: int, width: int, maps: int) -> tuple[LayerCost, LayerCost]:
    """Return what a fully connected layer and a 3 x 3 convolution need for a colour picture."""
    return (
        fully_connected_cost(height, width, 3, maps),
        convolution_cost(height, width, 3, maps),
    )


def draw_costs(weighing: Weighing) -> Figure:
    """Draw weights and multiply-adds of both layers as the picture grows."""
    import plotly.graph_objects as go

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
