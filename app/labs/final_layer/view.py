"""The final layer's lab: its settings in the address, the toy layer, questions, code."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ... import address
from ...address import plain_choices, read_plain
from ...words import share_in_words
from ..questions import Question, options_around

if TYPE_CHECKING:
    from torch import Tensor

    from .network import Comparison

TEMPERATURES = (
    *("0.1", "0.125", "0.16", "0.2", "0.25", "0.315", "0.4", "0.5", "0.63", "0.8"),
    *("1", "1.25", "1.6", "2", "2.5", "3.15", "4", "5", "6.3", "8", "10"),
)
"""Ten steps from each power of ten to the next: Renard's preferred numbers."""

CLASSES, CHANNELS, SIZE, SEEDS = 4, 3, 3, 9
"""The most that the toy has of each."""

LARGEST_NUMBER = 1e6
"""Of a cell or a weight, up or down: what is larger cannot be added exactly in 32 bits."""

LARGEST_MOVE = 40
"""How far a logit can be dragged, up or down."""

TOY_CELLS = (
    ((0, 3, 0), (1, 4, 0), (0, 3, 1)),
    ((0, 0, 1), (2, 3, 3), (0, 1, 0)),
    ((2, 0, 0), (0, 0, 1), (1, 0, 3)),
)
"""Three small feature maps, as a ReLU leaves them."""


@dataclass(frozen=True)
class Settings:
    """What is set in the lab.

    Attributes:
        size: Rows and columns of the toy's maps.
        channels: How many maps it has.
        classes: Between how many classes it decides.
        seed: Which of its random weights.
        edges: What the colour of an edge shows: "weights", or "products" with the cell.
        unit: The class whose weights are shown.
        cells: Cells that were changed, by "channel,row,column".
        weights: Weights that were changed, by "class,channel,row,column", and biases, by
            "class,bias".
        source: Where softmax gets its logits: "toy", or "network" for the chosen one.
        temperature: One of `TEMPERATURES`.
        constant: Added to all logits, in halves.
        moved: How far logits were dragged, by the number of the class, or "rest".
        token: What was dragged: it does not go along to other logits.
        network: Id and edition of the chosen network, "lenet5.compact"; "" for the first choice.
        a: Name of the class that is asked for; "" for the most likely one.
        b: Name of the class that it is compared with; "" for the most likely of the others.
        listed: How many channels for each class are listed.
        cover: How much of the photograph the map of regions covers, in percent.
        look: "cells", or "smooth".
    """

    size: int = SIZE
    channels: int = 2
    classes: int = 3
    seed: int = 1
    edges: str = "weights"
    unit: int = 0
    cells: Mapping[str, float] | None = None
    weights: Mapping[str, float] | None = None
    source: str = "toy"
    temperature: str = "1"
    constant: float = 0.0
    moved: Mapping[str, float] | None = None
    token: str = "toy"
    network: str = ""
    a: str = ""
    b: str = ""
    listed: int = 4
    cover: int = 65
    look: str = "cells"


_RANGES = {
    "size": (2, SIZE),
    "channels": (1, CHANNELS),
    "classes": (2, CLASSES),
    "seed": (1, SEEDS),
    "unit": (0, CLASSES - 1),
    "listed": (1, 10),
    "cover": (0, 100),
}
_WORDS = {
    "edges": ("weights", "products"),
    "source": ("toy", "network"),
    "temperature": TEMPERATURES,
    "look": ("cells", "smooth"),
}


def read_settings(network: str, token: str) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        network: The chosen network and edition, which `network.py` reads.
        token: Of that network on the chosen picture: logits that were dragged for another one stay
            as they were computed.
    """
    found = Settings(**read_plain(Settings(), _RANGES, _WORDS), network=network)
    token = "toy" if found.source == "toy" else token
    dragged, _, moved = address.text("moved").partition("~")
    return replace(
        found,
        unit=min(found.unit, found.classes - 1),
        cells=_read_numbers(address.text("cells"), _is_cell, LARGEST_NUMBER),
        weights=_read_numbers(address.text("weights"), _is_weight, LARGEST_NUMBER),
        constant=_read_halves(address.text("constant")),
        moved=_read_numbers(moved, _is_class, LARGEST_MOVE) if dragged == token else {},
        token=token,
        a=address.text("a"),
        b=address.text("b"),
    )


def write_settings(text: str) -> None:
    """Put the settings that the lab has sent, as JSON, into the address."""
    sent, choices = plain_choices(text, Settings(), _RANGES, _WORDS)
    choices["constant"] = _shortest(sent["constant"]) if sent["constant"] else None
    for name in ("cells", "weights"):
        choices[name] = _numbers_in_words(sent[name]) or None
    moved = _numbers_in_words(sent["moved"])
    choices["moved"] = f"{sent['token']}~{moved}" if moved else None
    network, _, edition = str(sent["network"]).partition(".")
    choices["network"], choices["edition"] = network or None, edition or None
    for name in ("a", "b"):
        choices[name] = str(sent[name]) or None
    address.write(**choices)


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    maps = {name: dict(getattr(settings, name) or {}) for name in ("cells", "weights", "moved")}
    return asdict(settings) | maps


@dataclass(frozen=True, eq=False)
class Toy:
    """Small maps and a fully connected layer over them.

    Attributes:
        maps: [C, H, W].
        weight: [classes, C * H * W].
        bias: [classes].
        logits: [classes].
    """

    maps: Tensor
    weight: Tensor
    bias: Tensor
    logits: Tensor


@functools.cache
def toy_weights(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return random weights, [4, 3, 3, 3], and biases, [4], in tenths from -0.5 to 0.5."""
    draw = np.random.default_rng([6, seed])
    weights = draw.integers(-5, 6, (CLASSES, CHANNELS, SIZE, SIZE)) / 10
    return weights, draw.integers(-5, 6, CLASSES) / 10


def toy_of(settings: Settings) -> Toy:
    """Return the toy with what was changed, and its logits by PyTorch."""
    import torch
    import torch.nn.functional as F

    maps = np.array(TOY_CELLS, np.float64)
    weights, biases = (each.copy() for each in toy_weights(settings.seed))
    for place, value in (settings.cells or {}).items():
        channel, row, column = (int(part) for part in place.split(","))
        maps[channel, row, column] = value
    for place, value in (settings.weights or {}).items():
        unit, *rest = place.split(",")
        if rest == ["bias"]:
            biases[int(unit)] = value
        else:
            channel, row, column = (int(part) for part in rest)
            weights[int(unit), channel, row, column] = value
    edge, channels, classes = settings.size, settings.channels, settings.classes
    cut = torch.tensor(maps[:channels, :edge, :edge], dtype=torch.float32)
    weight = torch.tensor(weights[:classes, :channels, :edge, :edge], dtype=torch.float32)
    bias = torch.tensor(biases[:classes], dtype=torch.float32)
    logits = F.linear(cut.flatten(), weight.flatten(1), bias)
    return Toy(cut, weight.flatten(1), bias, logits)


def logits_of(settings: Settings, toy: Toy, comparison: Comparison | None) -> Tensor:
    """Return the logits that softmax gets, dragged and with the constant, [classes], float64."""
    if settings.source == "toy" or comparison is None:
        logits = toy.logits.double()
        shown = list(range(len(logits)))
    else:
        logits = comparison.logits.clone()
        shown = comparison.best
    moved = settings.moved or {}
    rest = moved.get("rest", 0.0)
    shifts = [moved.get(str(each), 0.0) if each in shown else rest for each in range(len(logits))]
    return logits + logits.new_tensor(shifts) + settings.constant


def questions_of(settings: Settings, toy: Toy, comparison: Comparison | None) -> list[Question]:
    """Return three questions about what is on the screen."""
    return [
        _question_about_weights(settings, toy),
        _question_about_temperature(settings, logits_of(settings, toy, comparison)),
        _question_about_a_bias(toy)
        if comparison is None or comparison.why is None
        else _question_about_silence(comparison),
    ]


def _question_about_weights(settings: Settings, toy: Toy) -> Question:
    channels, size, classes = settings.channels, settings.size, settings.classes
    wide = 2 * size
    right = channels * wide * wide * classes
    return Question(
        f"If the maps were {wide} × {wide} instead of {size} × {size}, how many weights would the "
        "fully connected layer have?",
        options_around(right, 2 * toy.weight.numel(), toy.weight.numel(), channels * wide * wide),
        f"{right:,}",
        f"{channels} × {wide} × {wide} = {channels * wide * wide:,} cells, each joined to "
        f"{classes} classes. Twice the edge makes four times the weights.",
    )


def _question_about_temperature(settings: Settings, logits: Tensor) -> Question:
    from ali5.labs.softmax import softmax

    now = float(settings.temperature)
    half = now / 2
    before, after = (float(softmax(logits, each).shares.max()) for each in (now, half))
    change = after - before
    answer = "it grows" if change > 1e-9 else "it shrinks" if change < -1e-9 else "it stays"
    return Question(
        f"If the temperature falls from {now:g} to {half:g}, what does the largest share do?",
        ("it grows", "it shrinks", "it stays"),
        answer,
        f"From {share_in_words(before)} to {share_in_words(after)}: all differences between "
        "quotients double.",
    )


def _question_about_silence(comparison: Comparison) -> Question:
    why = comparison.why
    assert why is not None
    best = int(why.by_channel.argmax())
    product = float(why.by_channel[best])
    left = why.total - product
    names = (comparison.names[why.a], comparison.names[why.b])
    tie = "both alike"
    answer = tie if math.isclose(left, 0, abs_tol=1e-9) else names[0] if left > 0 else names[1]
    noun = "unit" if why.maps is None else "channel"
    return Question(
        f"{noun.capitalize()} {best} speaks most for {names[0]}. If it were silent, which of the "
        "two would have the larger logit?",
        (*names, tie),
        answer,
        f"The difference is {_signed(why.total)}; without this {noun}'s {_signed(product)} it is "
        f"{_signed(left)}.",
    )


def _question_about_a_bias(toy: Toy) -> Question:
    """Ask something instead that needs no network."""
    best = int(toy.logits.argmax())
    without = toy.logits - toy.bias
    after = int(without.argmax())
    return Question(
        "If all biases were zero, which class would have the largest logit?",
        tuple(f"class {each}" for each in range(max(3, len(without)))),
        f"class {after}",
        f"Its logit would be {float(without[after]):.3g}; now class {best} is ahead.",
    )


def _signed(value: float) -> str:
    return f"{value:+.3g}".replace("-", "−")


def code_of(settings: Settings, toy: Toy) -> str:
    """Return PyTorch code that gives what the toy shows, and its shares if softmax gets them."""
    lines = [
        "import torch",
        "import torch.nn.functional as F",
        "",
        f"maps = torch.tensor({_numbers(toy.maps)})  # [C, H, W]",
        f"weight = torch.tensor({_numbers(toy.weight)})  # [classes, C * H * W]",
        f"bias = torch.tensor({_numbers(toy.bias)})",
        "logits = F.linear(maps.flatten(), weight, bias)",
    ]
    if settings.source == "toy":
        lines += _moves(settings, len(toy.logits))
        lines.append(_softmax_line(settings))
    return "\n".join(lines)


def network_code_of(comparison: Comparison) -> str:
    """Return PyTorch code that gives the terms behind the difference of two logits."""
    why = comparison.why
    lines = [*comparison.loading_code, ""]
    if why is None:
        return "\n".join(lines[:-1])
    bias = "layer.bias[a] - layer.bias[b]" if comparison.has_bias else "0"
    lines += [
        f"a, b = {why.a}, {why.b}  # {comparison.names[why.a]}, {comparison.names[why.b]}",
        f'layer, maps = trace["{why.layer}"], trace["{why.source}"].output[0]',
        f"weight, bias = layer.weight[a] - layer.weight[b], {bias}",
    ]
    if why.maps is None:
        lines.append("products = maps.flatten() * weight")
    elif why.averaged:
        lines.append("places = maps * weight[:, None, None] / maps[0].numel()  # [C, h, w]")
    else:
        lines.append("places = maps * weight.reshape(maps.shape)  # [C, h, w]")
    if why.maps is not None:
        lines.append("products, regions = places.sum((1, 2)), places.sum(0)")
    lines.append("difference = products.sum() + bias  # logit a - logit b")
    return "\n".join(lines)


def shares_code_of(settings: Settings, comparison: Comparison) -> str:
    """Return PyTorch code that gives the shares of the network's logits, as they are dragged."""
    lines = ["import torch", *comparison.loading_code, ""]
    lines.append(f'logits = trace["{comparison.logits_step}"].output[0].clone()')
    lines += _moves(settings, len(comparison.logits), comparison.best)
    return "\n".join([*lines, _softmax_line(settings)])


def _moves(settings: Settings, count: int, shown: list[int] | None = None) -> list[str]:
    """Return lines that drag logits; `shown` are those that are not among the rest."""
    moved = settings.moved or {}
    lines = []
    rest = moved.get("rest", 0.0) if shown is not None else 0.0
    if rest:
        lines += [
            f"rest = torch.ones({count}, dtype=torch.bool)",
            f"rest[{shown}] = False",
            f"logits[rest] += {_shortest(rest)}  # dragged together",
        ]
    numbers = range(count) if shown is None else shown
    lines += [
        f"logits[{each}] += {_shortest(moved[str(each)])}  # dragged"
        for each in numbers
        if moved.get(str(each))
    ]
    return lines


def _softmax_line(settings: Settings) -> str:
    constant, temperature = settings.constant, settings.temperature
    sign = "-" if constant < 0 else "+"
    inner = f"logits {sign} {_shortest(abs(constant))}" if constant else "logits"
    if temperature != "1":
        inner = f"({inner}) / {temperature}" if constant else f"{inner} / {temperature}"
    return f"shares = torch.softmax({inner}, dim=0)"


def _numbers(values: Tensor) -> str:
    """Write a tensor as nested lists, each number as short as 32 bits read it back."""
    flat = values.numpy().ravel()
    shortest = np.array([float(str(value)) for value in flat])
    return json.dumps(shortest.reshape(values.shape).tolist())


def _shortest(value: float) -> str:
    """Write a number as short as it can be read back exactly."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _numbers_in_words(values: Mapping[str, float]) -> str:
    return ",".join(
        f"{place.replace(',', '.')}:{_shortest(value)}" for place, value in values.items()
    )


def _read_numbers(text: str, fits: Callable[[list[str]], bool], largest: float) -> dict[str, float]:
    """Return numbers by their place, "0.1.2:5,...", without those that cannot be."""
    found = {}
    for part in text[:20_000].split(","):
        place, _, value = part.partition(":")
        try:
            number = float(value)
        except ValueError:
            continue
        if fits(place.split(".")) and abs(number) <= largest:
            found[place.replace(".", ",")] = number
    return found


def _is_cell(place: list[str]) -> bool:
    limits = (CHANNELS, SIZE, SIZE)
    return len(place) == 3 and all(map(_is_below, place, limits))


def _is_weight(place: list[str]) -> bool:
    unit, *rest = place
    return _is_below(unit, CLASSES) and (rest == ["bias"] or _is_cell(rest))


def _is_class(place: list[str]) -> bool:
    return len(place) == 1 and (place[0] == "rest" or _is_below(place[0], 10**6))


def _is_below(text: str, limit: int) -> bool:
    # Only plain digits, so that one number has one name.
    return (
        text.isascii()
        and text.isdecimal()
        and len(text) < 7
        and int(text) < limit
        and (text == "0" or text[0] != "0")
    )


def _read_halves(text: str) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if -5 <= value <= 5 and value * 2 == round(value * 2) else 0.0
