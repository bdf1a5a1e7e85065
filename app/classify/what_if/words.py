"""What changed, in words and figures: the answer before and after, the changes by name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...words import number_in_words, share_in_words, signed
from .in_address import write_change, write_channels

if TYPE_CHECKING:
    from ali5.tracing.interventions import Intervention, Part
    from ali5.tracing.trace import Trace

BEST = 5
"""Classes that are shown, before and after."""

KIND_WORDS = {"mute": "Mute", "keep": "Keep only", "double": "Double", "invert": "Invert"}

KIND_HELP = {
    "mute": "Its values become zero.",
    "keep": "Everything beside it becomes zero.",
    "double": "Its values are multiplied by two.",
    "invert": "Its values change their sign.",
}

_DONE = {
    "mute": "{} muted",
    "keep": "only {} kept",
    "double": "{} doubled",
    "invert": "{} inverted",
}

_PLACES = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True)
class Row:
    """One class in the answers before and after.

    Attributes:
        label: Its name.
        shares: Of the softmax, 0..1, before and after.
        ranks: 1 for the most likely class, before and after.
        logits: Before and after.
    """

    label: str
    shares: tuple[float, float]
    ranks: tuple[int, int]
    logits: tuple[float, float]

    @property
    def points(self) -> float:
        """By how many percentage points its share has changed."""
        return 100 * (self.shares[1] - self.shares[0])


def rows_of(before: Trace, after: Trace) -> tuple[Row, ...]:
    """Return the five most likely classes before, then those that are among them only after."""
    shares = [trace.steps[-1].output[0].tolist() for trace in (before, after)]
    logits = [trace[trace.steps[-1].inputs[0]].output[0].tolist() for trace in (before, after)]
    orders = [_order(each) for each in shares]
    places = [{number: place for place, number in enumerate(order)} for order in orders]
    shown = dict.fromkeys((*orders[0][:BEST], *orders[1][:BEST]))
    return tuple(
        Row(
            before.network.labels[number],
            (shares[0][number], shares[1][number]),
            (places[0][number] + 1, places[1][number] + 1),
            (logits[0][number], logits[1][number]),
        )
        for number in shown
    )


def _order(shares: list[float]) -> list[int]:
    """Return the numbers of the classes, most likely first; what is not a number comes last."""
    worth = [-1.0 if math.isnan(share) else share for share in shares]
    return sorted(range(len(shares)), key=lambda number: -worth[number])


def answer_in_words(rows: tuple[Row, ...], before: Trace, after: Trace) -> str:
    """Say in a few sentences what became of the answer."""
    if after is before:
        return "Nothing is changed: before and after are the same numbers, bit for bit."
    if any(math.isnan(share) for row in rows for share in row.shares):
        return "The network answers with what is not a number."
    first = rows[0]
    if all(row.shares[0] == row.shares[1] for row in rows):
        return "The answer is the same, bit for bit."
    was, now = (share_in_words(share) for share in first.shares)
    if first.points == 0:
        text = f"{first.label} keeps its {was}"
    else:
        verb = "falls" if first.points < 0 else "rises"
        text = f"{first.label} {verb} from {was} to {now} ({points_in_words(first.points)})"
    winner = min(rows, key=lambda row: row.ranks[1])
    if winner is first:
        text += " and stays first."
    else:
        text += (
            f" and is {place_in_words(first.ranks[1])} now; {winner.label} is first with "
            f"{share_in_words(winner.shares[1])}."
        )
    return f"{text} {_logits_in_words(before, after)}"


def _logits_in_words(before: Trace, after: Trace) -> str:
    name = before.steps[-1].inputs[0]
    moved = (after[name].output - before[name].output)[0]
    most = int(moved.abs().argmax())
    label = before.network.labels[most]
    return (
        f"The logits moved by {number_in_words(float(moved.abs().mean()))} on average, most that "
        f"of {label}, by {signed(float(moved[most]))}."
    )


def place_in_words(rank: int) -> str:
    """Return "third", or "number 12"."""
    return _PLACES[rank - 1] if rank <= len(_PLACES) else f"number {rank:,}"


def points_in_words(points: float) -> str:
    """Return "−12.3 points": a difference of two percentages is in percentage points."""
    if math.isnan(points):
        return "not a number"
    if points != 0 and abs(points) < 0.01:
        return "< 0.01 points"
    digits = 1 if abs(points) >= 1 else 2
    return f"{points:+.{digits}f} points".replace("-", "−") if points else "± 0 points"


def part_in_words(part: Part, parts: tuple[Part, ...]) -> str:
    """Name a branch of the network."""
    home = part.block or part.into
    if part.role == "residual":
        return f"F(x) of {home}"
    if part.role == "shortcut":
        return f"the shortcut of {home}"
    beside = [each for each in parts if each.into == part.into]
    short = part.step.removeprefix(f"{part.block}.")
    return f"branch {beside.index(part) + 1} of {len(beside)} of {home} ({short})"


def part_note(part: Part) -> str:
    """Say what becomes of the network if a branch is muted."""
    way = f"From {part.step} into {part.into}."
    if part.role == "residual":
        return f"{way} Muted, the block passes on what came in: F(x) + x becomes x."
    if part.role == "shortcut":
        return f"{way} Muted, the block passes on F(x) alone."
    assert part.channels is not None
    return f"{way} Its channels there are {part.channels[0]} to {part.channels[-1]}."


def change_in_words(change: Intervention, parts: tuple[Part, ...], trace: Trace) -> str:
    """Say what a change does."""
    if change.into is not None and change.channels is None:
        part = next(
            (each for each in parts if (each.step, each.into) == (change.step, change.into)), None
        )
        what = f"{change.step} for {change.into}" if part is None else part_in_words(part, parts)
        return _DONE[change.kind].format(what)
    count = trace[change.step].output.shape[1]
    noun = "unit" if trace[change.step].output.ndim == 2 else "channel"
    if change.channels is None:
        what = f"all {count:,} {noun}s of {change.step}"
    else:
        runs = write_channels(change.channels).replace("-", "–").split(",")
        shown = ", ".join(runs[:4]) + (" …" if len(runs) > 4 else "")
        several = "s" if len(change.channels) > 1 else ""
        what = f"{change.step}, {noun}{several} {shown}"
    if change.into is not None:
        what += f", for {change.into} only"
    return _DONE[change.kind].format(what)


def changes_as_sent(
    changes: tuple[Intervention, ...], parts: tuple[Part, ...], trace: Trace
) -> list[dict[str, Any]]:
    """Return the changes of the network with their codes and words, as the browser takes them."""
    return [
        {"code": write_change(each), "words": change_in_words(each, parts, trace)}
        for each in changes
    ]
