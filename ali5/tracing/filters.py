"""What each kernel of a filter adds to its map, for one picture.

A filter's map is a sum over its input channels, so the mean of the map is one too: for each input
channel the average of all that its kernel is laid over, times the kernel; and the bias. Nothing is
estimated.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ali5.errors import Ali5Error
from ali5.graph.geometry import windows
from ali5.graph.kinds import WEIGHTS, Operation
from ali5.networks.devices import meets_full_memory
from ali5.tracing.trace import Step, Trace

_TOLERANCE = 1e-3
"""How far a recomputed mean may be from the map's, relative to what is added up: accelerators round
products to ten bits, and wrong steps are further off than that."""


@meets_full_memory
def input_contributions(trace: Trace, step: Step, channel: int) -> Tensor:
    """Say what the kernel of each input channel adds to the mean of one output channel.

    Args:
        trace: Any picture's way through any network.
        step: A convolution or a fully connected layer of it.
        channel: Output channel.

    Returns:
        [I], float64 on the CPU, unit: that of the output; I counts the input channels that the
        filter sees, in the order of its kernels. With the bias they add up to the mean of the map,
        or to the unit of a fully connected layer.

    Raises:
        Ali5Error: The step has no filters, there is no such channel, or what the step gives is not
            the sum that its weights promise.
    """
    weight = step.weight
    if weight is None or WEIGHTS[step.operation] != "filters":
        raise Ali5Error(f"Step '{step.name}' ({step.operation}) has no filters.")
    if not 0 <= channel < len(weight):
        raise Ali5Error(f"There is no channel {channel}: choose 0 to {len(weight) - 1}.")
    values, kernels = _seen(trace, step, channel), weight[channel].cpu().double()
    if values is not None and values.shape == kernels.shape:
        products = kernels * values
        found = products.reshape(len(products), -1).sum(1)
        bias = 0.0 if step.bias is None else float(step.bias[channel])
        mean = float(step.output[0, channel].cpu().double().mean())
        size = float(products.abs().sum()) + abs(bias)
        if abs(float(found.sum()) + bias - mean) <= _TOLERANCE * size + 1e-6:
            return found
    raise Ali5Error(
        f"What step '{step.name}' gives for this picture is not the sum of its inputs times its "
        "weights as far as they can be read, so no kernel's part in it is known."
    )


def _seen(trace: Trace, step: Step, channel: int) -> Tensor | None:
    """Return the average of all that the kernels of one filter are laid over, [I, h, w] or [I]."""
    if len(step.inputs) != 1:
        return None
    given = trace[step.inputs[0]].output
    if step.operation is Operation.LINEAR or given.ndim != 4:
        return given[0].cpu().double()
    groups = int(step.settings.get("groups", 1))
    each = given.shape[1] // groups
    start = channel // (step.shape[1] // groups) * each
    rows, columns = windows(step.operation, step.settings, given.shape, step.shape)
    assert rows is not None
    assert columns is not None
    # How far the last window reaches beyond the first one's start, and so over the end.
    spans = [
        (count - 1) * window.stride + 1
        for count, window in zip(step.shape[2:], (rows, columns), strict=True)
    ]
    borders = [
        (window.padding, max(0, span - 1 + window.extent - window.padding - edge))
        for span, window, edge in zip(spans, (rows, columns), given.shape[2:], strict=True)
    ]
    mode = str(step.settings.get("padding_mode", "zeros"))
    maps = F.pad(
        given[:, start : start + each].cpu().double(),
        (*borders[1], *borders[0]),
        mode="constant" if mode == "zeros" else mode,
    )[0]
    means = torch.empty(each, rows.kernel, columns.kernel, dtype=torch.float64)
    for row in range(rows.kernel):
        top = row * rows.dilation
        lines = maps[:, top : top + spans[0] : rows.stride].mean(1)
        for column in range(columns.kernel):
            left = column * columns.dilation
            means[:, row, column] = lines[:, left : left + spans[1] : columns.stride].mean(1)
    return means
