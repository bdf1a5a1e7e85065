"""Where the number that won a max pooling comes from."""

from __future__ import annotations

from typing import NamedTuple

from ali5.explain.units.parts import Parts, check_place, number_at
from ali5.explain.units.unit import take_apart
from ali5.graph.kinds import Operation
from ali5.networks.devices import meets_full_memory
from ali5.tracing.trace import Step, Trace


class Place(NamedTuple):
    """One number of a trace; row and column are 0 for vectors."""

    step: str
    channel: int
    row: int
    column: int
    value: float


@meets_full_memory
def path_of_winners(
    trace: Trace, step: str, channel: int, row: int = 0, column: int = 0
) -> tuple[Place, ...]:
    """Follow a number back for as long as it comes from one number.

    A max pooling leads to the pixel that won, a concatenation to the branch, and a ReLU or a
    normalisation to the same place before it.

    Args:
        trace: Any picture's way through any network.
        step: Name of a step.
        channel: Number of a map, or of a unit of a vector.
        row: In the map; 0 for vectors.
        column: Likewise.

    Returns:
        The number itself first; last the one where it was made: by a sum, an average, or an
        operation that is not known here, or a pixel of the picture.

    Raises:
        UnknownName: There is no such step.
        Ali5Error: There is no such channel, row or column.
    """
    at = trace[step]
    check_place(at, channel, row, column)
    path = [Place(step, channel, row, column, number_at(at, channel, row, column))]
    while True:
        place = path[-1]
        at = trace[place.step]
        before = _before(at, place, take_apart(trace, at, *place[1:4]))
        if before is None:
            return tuple(path)
        name, channel, row, column = before
        path.append(Place(name, channel, row, column, number_at(trace[name], channel, row, column)))


def _before(step: Step, place: Place, parts: Parts) -> tuple[str, int, int, int] | None:
    """Return the place of the one number that a number comes from."""
    if parts.winner is not None:
        return (parts.sources[0], parts.channels[0], *parts.winner)
    if step.operation is Operation.LOCAL_RESPONSE_NORM and parts.kind == "function":
        return (step.inputs[0], *place[1:4])
    if parts.kind in ("copy", "function") and len(parts.sources) == 1:
        return parts.sources[0], parts.channels[0], parts.rows[0][0], parts.columns[0][0]
    return None
