"""One number of a trace and everything that it is made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ali5.errors import Ali5Error
from ali5.explain.units import functions, sums
from ali5.explain.units.fields import Box, look_back
from ali5.explain.units.looking import axes_of, cut_out
from ali5.explain.units.parts import Parts, check_place, number_at
from ali5.graph.kinds import Operation
from ali5.networks.devices import meets_full_memory
from ali5.tracing.trace import Step, Trace

_TOLERANCE = 1e-3
"""How far the recomputed total may be from the value, relative to what is added up: accelerators
round products to ten bits, and wrong parts are further off than that."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Unit(Parts):
    """One number of a trace, taken apart.

    Attributes:
        step: Name of the step.
        operation: What the step does.
        channel: Number of the map, or of the unit of a vector.
        row: In the map; 0 for vectors.
        column: Likewise.
        value: What the trace holds. `total` is computed again from the parts, in float64: it is the
            same within rounding.
        inputs: Names of the steps that the step reads.
        receptive_field: Where it looks on the prepared picture; sticks out where that is padding.
        seen: The part of the receptive field that has an influence: without padding, and without
            what no window reached at the edges of the maps on the way. Of no height and width if
            there is none.
        folded: Whether a batch normalisation was folded into the convolution before it.
        foldable: Whether it can be.
    """

    step: str
    operation: Operation
    channel: int
    row: int
    column: int
    value: float
    inputs: tuple[str, ...]
    receptive_field: Box
    seen: Box
    folded: bool
    foldable: bool

    def __repr__(self) -> str:
        place = f"{self.step}[{self.channel}, {self.row}, {self.column}]"
        return f"<Unit {place}: {self.kind} of {len(self.sources)} terms, {self.value:.6g}>"


@meets_full_memory
def unit(
    trace: Trace, step: str, channel: int, row: int = 0, column: int = 0, *, fold: bool = False
) -> Unit:
    """Take one number of a trace apart.

    Args:
        trace: Any picture's way through any network.
        step: Name of a step.
        channel: Number of a map, or of a unit of a vector.
        row: In the map; 0 for vectors.
        column: Likewise.
        fold: Show a batch normalisation and the convolution before it as one sum: the weights times
            scale over deviation, and the bias moved and scaled likewise (Jacob et al., CVPR 2018,
            https://arxiv.org/abs/1712.05877, section 3.2).

    Raises:
        UnknownName: There is no such step.
        Ali5Error: There is no such channel, row or column, or nothing to fold.
    """
    at = trace[step]
    check_place(at, channel, row, column)
    can_be_folded = _convolution_before(trace, at) is not None
    if fold and not can_be_folded:
        raise Ali5Error(
            f"There is nothing to fold at step '{step}' ({at.operation}). Only a batch "
            "normalisation right behind a convolution can be folded into it."
        )
    parts = take_apart(trace, at, channel, row, column, fold=fold)
    channels = range(channel, channel + 1)
    fields = [
        look_back(trace, at, row, column, channels, inside=inside).get(trace.steps[0].name)
        for inside in (False, True)
    ]
    nothing = Box(0, 0, 0, 0)
    return Unit(
        **vars(parts),
        step=step,
        operation=at.operation,
        channel=channel,
        row=row,
        column=column,
        value=number_at(at, channel, row, column),
        inputs=at.inputs,
        receptive_field=nothing if fields[0] is None else fields[0].box,
        seen=nothing if fields[1] is None else fields[1].box,
        folded=fold,
        foldable=can_be_folded,
    )


def take_apart(
    trace: Trace, step: Step, channel: int, row: int, column: int, *, fold: bool = False
) -> Parts:
    """Return the parts of a number that there is; they always make what the trace holds."""
    explain = _fold if fold else TAKEN_APART.get(step.operation, _other)
    parts = explain(trace, step, channel, row, column)
    value = number_at(step, channel, row, column)
    return parts if parts is not None and _agrees(parts, value) else _unknown(step, value)


def _agrees(parts: Parts, value: float) -> bool:
    """Tell whether the parts make the number that the network has computed.

    They do not where a step does more than its kind says, such as a layer with a forward pass of
    its own.
    """
    if not (math.isfinite(parts.total) and math.isfinite(value)):
        return True
    size = max(abs(value), abs(parts.bias or 0.0))
    if parts.kind in ("sum", "average"):
        products = parts.patches if parts.weights is None else parts.patches * parts.weights
        size += float(products.abs().sum())
    elif parts.kind == "function":  # a mean may be taken off, and both may be large
        size += float(parts.patches.abs().max())
    return abs(parts.total - value) <= _TOLERANCE * size + 1e-6


def _unknown(step: Step, value: float) -> Parts:
    return Parts(
        kind="other",
        total=value,
        note=f"What step '{step.name}' does is not known here, so its number cannot be taken apart."
        if step.operation is Operation.OTHER
        else f"Step '{step.name}' does more than {step.operation}, so its number cannot be taken "
        "apart.",
    )


def _max_pooling(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Tell which number under the window is the largest."""
    source = trace[step.inputs[0]]
    axes = axes_of(step, source.shape)
    if axes is None:
        return None
    rows, columns = axes[0].positions(row), axes[1].positions(column)
    maps = source.output[0, channel : channel + 1]
    patch = cut_out(maps, rows, columns, outside=-math.inf)
    best = int(patch.flatten().argmax())
    return Parts(
        kind="largest",
        total=float(patch.max()),
        sources=(source.name,),
        channels=(channel,),
        patches=patch,
        contributions=patch.max()[None],
        rows=(rows,),
        columns=(columns,),
        winner=(rows[best // len(columns)], columns[best % len(columns)]),
    )


def _other(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Recognise what has no known name by its numbers: other shapes, and averages of maps."""
    if len(step.inputs) != 1:
        return None
    if sums.hands_on(trace, step) and step.output.ndim == 2:
        return functions.flatten(trace, step, channel, row, column)
    source = trace[step.inputs[0]]
    if source.output.ndim != 4 or step.output.numel() != source.shape[1]:
        return None
    averages = source.output.mean((2, 3)).flatten()
    if not averages.allclose(step.output.flatten(), rtol=1e-4, equal_nan=True):
        return None
    height, width = source.shape[2:]
    places = tuple(range(height)), tuple(range(width))
    return sums.average(source, channel, places, height * width)


def _convolution_before(trace: Trace, step: Step) -> Step | None:
    """Return the convolution that a batch normalisation can be folded into."""
    if step.operation is not Operation.BATCH_NORM or len(step.inputs) != 1:
        return None
    before = trace[step.inputs[0]]
    return before if before.operation is Operation.CONVOLUTION else None


def _fold(trace: Trace, step: Step, channel: int, row: int, column: int) -> Parts | None:
    """Take a batch normalisation and the convolution before it apart as one sum."""
    before, found = _convolution_before(trace, step), functions.statistics(trace, step, channel)
    if before is None or found is None:
        return None
    parts = sums.convolution(trace, before, channel, row, column)
    if parts is None or parts.weights is None:
        return None
    scale = 1.0 if step.weight is None else float(step.weight[channel])
    scale = functions.over(scale, functions.power(found[1] + step.settings.get("eps", 1e-5), 0.5))
    shift = 0.0 if step.bias is None else float(step.bias[channel])
    return sums.weighted(
        before.inputs[0],
        range(parts.channels[0], parts.channels[-1] + 1),
        parts.patches,
        parts.weights * scale,
        ((parts.bias or 0.0) - found[0]) * scale + shift,
        (parts.rows[0], parts.columns[0]),
    )


TAKEN_APART: dict[Operation, Callable[[Trace, Step, int, int, int], Parts | None]] = {
    Operation.INPUT: functions.picture,
    Operation.CONVOLUTION: sums.convolution,
    Operation.LINEAR: sums.linear,
    Operation.MAX_POOLING: _max_pooling,
    Operation.AVERAGE_POOLING: sums.average_pooling,
    Operation.RELU: functions.relu,
    Operation.TANH: functions.tanh,
    Operation.ACTIVATION: functions.activation,
    Operation.BATCH_NORM: functions.batch_norm,
    Operation.LOCAL_RESPONSE_NORM: functions.local_response_norm,
    Operation.ADDITION: sums.addition,
    Operation.CONCATENATION: functions.concatenation,
    Operation.FLATTEN: functions.flatten,
    Operation.DROPOUT: functions.dropout,
    Operation.SOFTMAX: functions.softmax,
    Operation.OTHER: _other,
}
"""How a number of every kind of step is taken apart."""
