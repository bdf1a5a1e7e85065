"""The final layer's questions, marked by the engine, and its code."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np

from ali5.door import tidied

from ...words import plain, share_in_words, signed
from ..questions import Question, options_around
from .settings import Settings, shortest
from .toy import Toy

if TYPE_CHECKING:
    from torch import Tensor

    from .comparison import Comparison


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


# --- Questions --------------------------------------------------------------------------------


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
    names = (plain(comparison.names[why.a]), plain(comparison.names[why.b]))
    tie = "both alike"
    answer = tie if math.isclose(left, 0, abs_tol=1e-9) else names[0] if left > 0 else names[1]
    noun = "unit" if why.maps is None else "channel"
    return Question(
        f"{noun.capitalize()} {best} speaks most for {names[0]}. If it were silent, which of the "
        "two would have the larger logit?",
        (*names, tie),
        answer,
        f"The difference is {signed(why.total, 3)}; without this {noun}'s "
        f"{signed(product, 3)} it is {signed(left, 3)}.",
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


# --- The same in PyTorch ----------------------------------------------------------------------


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
        f"a, b = {why.a}, {why.b}  # {tidied(comparison.names[why.a])}, "
        f"{tidied(comparison.names[why.b])}",
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
            f"logits[rest] += {shortest(rest)}  # dragged together",
        ]
    numbers = range(count) if shown is None else shown
    lines += [
        f"logits[{each}] += {shortest(moved[str(each)])}  # dragged"
        for each in numbers
        if moved.get(str(each))
    ]
    return lines


def _softmax_line(settings: Settings) -> str:
    constant, temperature = settings.constant, settings.temperature
    sign = "-" if constant < 0 else "+"
    inner = f"logits {sign} {shortest(abs(constant))}" if constant else "logits"
    if temperature != "1":
        inner = f"({inner}) / {temperature}" if constant else f"{inner} / {temperature}"
    return f"shares = torch.softmax({inner}, dim=0)"


def _numbers(values: Tensor) -> str:
    """Write a tensor as nested lists, each number as short as 32 bits read it back."""
    flat = values.numpy().ravel()
    shortest = np.array([float(str(value)) for value in flat])
    return json.dumps(shortest.reshape(values.shape).tolist())
