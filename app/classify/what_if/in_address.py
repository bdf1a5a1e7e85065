"""What was changed in a network and painted on a picture, as short words for the address.

A change of a network is `mute:conv1:3,5-8`, or `keep:layer1.0.bn2>layer1.0.add` for a branch that
one step reads; paint is `r.808080.10.20.30.40` for a rectangle (left, top, width, height) and
`b.ff0000.4.10.20.12.24` for a brush (radius, then points), in percent. Several are joined by `~`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast, get_args

from ali5.errors import Ali5Error
from ali5.pictures.edits import MAX_MARKS, Colour, Mark, Rectangle, Stroke

if TYPE_CHECKING:
    from ali5.tracing.intervention import Intervention, Kind
    from ali5.tracing.trace import Trace

MOST_LETTERS = 1500
"""Of either kind of code: longer addresses do not fit everywhere."""

JOINT = "~"

_NUMBER = re.compile(r"\d{1,6}(?:-\d{1,6})?", re.ASCII)


def write_channels(channels: Sequence[int]) -> str:
    """Write numbers in rising order, those in a row as a range: "3,5-8"."""
    runs: list[list[int]] = []
    for channel in channels:
        if runs and channel == runs[-1][-1] + 1:
            runs[-1].append(channel)
        else:
            runs.append([channel])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def write_change(change: Intervention) -> str:
    """Write one change of a network."""
    into = "" if change.into is None else f">{change.into}"
    channels = "" if change.channels is None else f":{write_channels(change.channels)}"
    return f"{change.kind}:{change.step}{into}{channels}"


def read_changes(text: str, trace: Trace) -> tuple[tuple[Intervention, ...], tuple[str, ...]]:
    """Return the changes of a network that a text names, and a sentence for each left out.

    Args:
        text: From the address.
        trace: A picture's way through the unchanged network.
    """
    from ali5.tracing.interventions import MAX_INTERVENTIONS, check_intervention

    found: list[Intervention] = []
    left_out: list[str] = []
    for code in _pieces(text):
        try:
            change = _change_of(code, trace)
            check_intervention(trace, change)
        except Ali5Error as error:
            left_out.append(f"“{code[:40]}” was left out. {error}")
        else:
            if change not in found:
                found.append(change)
    if len(found) > MAX_INTERVENTIONS:
        left_out.append(f"Only the first {MAX_INTERVENTIONS} changes were made.")
    return tuple(found[:MAX_INTERVENTIONS]), tuple(left_out)


def _pieces(text: str) -> list[str]:
    return [piece for piece in text[:MOST_LETTERS].split(JOINT) if piece]


def _change_of(code: str, trace: Trace) -> Intervention:
    from ali5.tracing.intervention import Intervention, Kind

    kind, _, rest = code.partition(":")
    where, _, channels = rest.partition(":")
    step, _, into = where.partition(">")
    if kind not in get_args(Kind) or not step:
        raise Ali5Error("A change is written as in mute:conv1:3,5-8.")
    numbers = None if not channels else _channels_of(channels, trace[step].output.shape[1])
    return Intervention(step, cast("Kind", kind), numbers, into or None)


def _channels_of(text: str, count: int) -> tuple[int, ...]:
    numbers: set[int] = set()
    for part in text.split(","):
        if not _NUMBER.fullmatch(part):
            raise Ali5Error("Channels are written as in 3,5-8.")
        low, _, high = part.partition("-")
        numbers.update(range(int(low), min(int(high or low), max(int(low), count)) + 1))
    return tuple(numbers)


def write_paint(paint: Sequence[Mark]) -> str:
    """Write what is painted over a picture."""
    return JOINT.join(_mark_as_text(mark) for mark in paint)


def _mark_as_text(mark: Mark) -> str:
    numbers: list[float]
    if isinstance(mark, Rectangle):
        letter, numbers = "r", [mark.left, mark.top, mark.width, mark.height]
    else:
        letter, numbers = "b", [mark.radius, *(each for point in mark.points for each in point)]
    colour = "".join(f"{level:02x}" for level in mark.colour)
    return ".".join([letter, colour, *(f"{number:.0f}" for number in numbers)])


def read_paint(text: str) -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    """Return the marks that a text names, and a sentence for what was left out."""
    pieces = _pieces(text)
    marks = [_mark_of(piece) for piece in pieces]
    good = tuple(mark for mark in marks if mark is not None)[:MAX_MARKS]
    if len(good) == len(pieces):
        return good, ()
    return good, (
        f"Paint in the address was left out: {len(pieces) - len(good)} of {len(pieces)} marks. "
        "They are written as in r.808080.10.20.30.40, with numbers from 0 to 100.",
    )


def _mark_of(code: str) -> Mark | None:
    from ali5.pictures.edits import check_mark

    match = re.fullmatch(r"([rb])\.([0-9a-f]{6})((?:\.\d{1,3}){3,})", code, re.ASCII)
    if match is None:
        return None
    letter, colour, rest = match.groups()
    numbers = [int(each) for each in rest[1:].split(".")]
    levels: Colour = (int(colour[:2], 16), int(colour[2:4], 16), int(colour[4:], 16))
    mark: Mark
    if letter == "r" and len(numbers) == 4:
        mark = Rectangle(numbers[0], numbers[1], numbers[2], numbers[3], levels)
    elif letter == "b" and len(numbers) % 2:
        points = tuple(zip(numbers[1::2], numbers[2::2], strict=True))
        mark = Stroke(points, numbers[0], levels)
    else:
        return None
    try:
        check_mark(mark)
    except Ali5Error:
        return None
    return mark
