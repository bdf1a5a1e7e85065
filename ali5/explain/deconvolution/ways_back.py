"""What every kind of step sends back: its transposed map, with Zeiler and Fergus's rule for ReLUs.

`deconvolution.py` says where the rules are from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ali5.errors import NoWayBack
from ali5.explain.units.fields import Box
from ali5.graph.geometry import Window, windows
from ali5.graph.kinds import Operation
from ali5.tracing.trace import Step, Trace

Kind = Literal[
    "keep", "unpool", "rectify", "filter", "weigh", "scale", "spread", "split", "share", "lay out",
    "pass", "skip", "join",
]  # fmt: skip
"""What was done to reach a stage; "join" where several ways meet."""

SENTENCES: Mapping[Kind, str] = {
    "keep": "Of all units of {0} only this one is kept, with its value; all others are set to "
    "zero.",
    "unpool": "{0} is unpooled: every value goes back to the place where its window found the "
    "maximum, the switch; all other places are zero.",
    "rectify": "{0} is mirrored: what is negative in the signal becomes zero.",
    "filter": "{0} is turned round: every value lays its filter, times itself, over the place that "
    "it was computed from (a transposed convolution, without bias).",
    "weigh": "{0} is turned round: every value goes back to all numbers that were added up for it, "
    "times their weights (a transposed matrix, without bias).",
    "scale": "{0} is a factor for each channel, gamma / sigma, on the way back as well; its shift "
    "plays no part. The paper had no such step.",
    "spread": "{0} is undone by spreading every value evenly over what it is the average of: an "
    "average has no switches.",
    "split": "{0} is taken apart: this branch gets back the channels that it gave.",
    "share": "{0} is a sum: each of its sides gets the whole signal.",
    "lay out": "{0} is undone: the list of numbers is laid out as maps again.",
    "pass": "{0} is passed unchanged: it only acts in training.",
    "skip": "{0} is passed unchanged: the paper leaves normalisation out of the way back.",
}
"""What was done, with the name of the step that was undone."""

DONE: Mapping[Kind, str] = {
    "unpool": "unpooled",
    "rectify": "rectified",
    "filter": "transposed filters",
    "weigh": "transposed weights",
    "scale": "factors",
    "spread": "spread",
    "split": "split",
    "share": "a side of the sum",
    "lay out": "laid out",
    "pass": "unchanged",
    "skip": "unchanged",
}
"""The same in a word or two."""


class Way(NamedTuple):
    """What one step sends back to one of the steps that it reads.

    Attributes:
        source: Name of the step that it goes to.
        undone: Name of the step that it comes from.
        kind: What was done.
        signal: [C, H, W], a vector as [F, 1, 1].
        box: The signal is zero outside.
        switches: For "unpool", where each window found its maximum, row * W + column, [C, H', W'].
    """

    source: str
    undone: str
    kind: Kind
    signal: Tensor
    box: Box
    switches: Tensor | None = None


def as_maps(output: Tensor) -> Tensor:
    """Return [C, H, W] as it is and a vector [F] as [F, 1, 1]."""
    return output if output.ndim == 3 else output[:, None, None]


def undo(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    """Yield what a step sends back to each of the steps that it reads."""
    way_back = WAYS_BACK.get(step.operation)
    if way_back is None:
        raise _no_way_back(step, NO_WAY_BACK.get(step.operation, "it was never told how"))
    return way_back(trace, step, signal, box)


def _unpool(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    before = _only_input(trace, step)
    settings = step.settings
    switches: Tensor
    if "output_size" in settings:
        found, switches = F.adaptive_max_pool2d(
            before.output, settings["output_size"], return_indices=True
        )
    else:
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        given = {name: settings[name] for name in names if name in settings}
        found, switches = F.max_pool2d(before.output, **given, return_indices=True)
    if not _same(found, step.output):
        raise _no_way_back(step, "its windows are not known")
    places, values = switches[0].flatten(1), signal.flatten(1)
    # Windows may overlap: what they send to one position is added.
    signal = torch.zeros_like(before.output[0]).flatten(1).scatter_add(1, places, values)
    signal = signal.view_as(before.output[0])
    yield Way(before.name, step.name, "unpool", signal, _box_before(step, before, box), switches[0])


def _rectify(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    signal = signal.clamp(min=0)
    yield Way(step.inputs[0], step.name, "rectify", signal, box)


def _filter(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    before, weight = _only_input(trace, step), step.weight
    rows, columns = windows(step.operation, step.settings, before.shape, step.shape)
    mode = step.settings.get("padding_mode", "zeros")
    if mode != "zeros":
        raise _no_way_back(step, f"it pads its maps with “{mode}”, not with zeros")
    if weight is None or rows is None or columns is None or not _fits(step, before, rows, columns):
        raise _no_way_back(step, "its filters are not known")
    top, left, bottom, right = box
    # Only what can differ from zero is filtered, and what falls on the padding is cut off.
    painted = F.conv_transpose2d(
        signal[None, :, top:bottom, left:right],
        weight,
        stride=(rows.stride, columns.stride),
        dilation=(rows.dilation, columns.dilation),
        groups=step.settings.get("groups", 1),
    )[0]
    signal = torch.zeros_like(before.output[0])
    y, x = top * rows.stride - rows.padding, left * columns.stride - columns.padding
    box = _box_before(step, before, box)
    signal[:, box.top : box.bottom, box.left : box.right] = painted[
        :, box.top - y : box.bottom - y, box.left - x : box.right - x
    ]
    yield Way(before.name, step.name, "filter", signal, box)


def _fits(step: Step, before: Step, rows: Window, columns: Window) -> bool:
    """Tell whether the settings that are known of a convolution give its size."""
    if step.settings.get("padding") == "same":
        return before.shape[2:] == step.shape[2:]
    sizes = zip((rows, columns), before.shape[2:], step.shape[2:], strict=True)
    return all(
        (size + 2 * window.padding - window.extent) // window.stride + 1 == count
        for window, size, count in sizes
    )


def _weigh(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    before, weight = _only_input(trace, step), step.weight
    if weight is None or before.shape != (1, weight.shape[1]):
        raise _no_way_back(step, "its weights are not known")
    signal = (signal[:, 0, 0] @ weight)[:, None, None]
    yield Way(before.name, step.name, "weigh", signal, Box(0, 0, 1, 1))


def _scale(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    before = _only_input(trace, step)
    norm = _norm_of(trace.network.module, step)
    if norm is None:
        raise _no_way_back(step, "its factors are not known")
    if norm.running_var is None:  # it normalises every picture by itself
        variance = before.output.var((0, 2, 3), unbiased=False)
    else:
        variance = norm.running_var
    factor = torch.rsqrt(variance + norm.eps)
    if norm.weight is not None:
        factor = factor * norm.weight.detach()
    signal = signal * factor[:, None, None]
    yield Way(before.name, step.name, "scale", signal, box)


def _norm_of(module: nn.Module, step: Step) -> nn.BatchNorm2d | None:
    """Return the module of a step: the one with the same parameters or, without any, name."""
    norms = [(p, part) for p, part in module.named_modules() if isinstance(part, nn.BatchNorm2d)]
    for path, part in norms:
        if step.weight is None or part.weight is None:
            found = path == step.name
        else:
            found = part.weight.data_ptr() == step.weight.data_ptr()
        if found:
            return part
    return None


def _spread(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    before = _only_input(trace, step)
    settings = step.settings

    def average(maps: Tensor) -> Tensor:
        if step.operation is Operation.OTHER:
            return maps.mean((2, 3)).reshape(step.shape)
        if "output_size" in settings:
            return F.adaptive_avg_pool2d(maps, settings["output_size"])
        names = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
        return F.avg_pool2d(maps, **{name: settings[name] for name in names if name in settings})

    if not _same(average(before.output), step.output):
        raise _no_way_back(step, "its windows are not known")
    with torch.enable_grad():
        maps = torch.zeros_like(before.output, requires_grad=True)
        (signal,) = torch.autograd.grad(average(maps), maps, signal.reshape(step.shape))
    box = _box_before(step, before, box)
    yield Way(before.name, step.name, "spread", signal[0], box)


def _split(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    sources = [trace[name] for name in step.inputs]
    parts = [source.output for source in sources]
    alike = all(part.shape[2:] == step.shape[2:] for part in parts)
    if not alike or not _same(torch.cat(parts, 1), step.output):
        raise _no_way_back(step, "how it joins its inputs is not known")
    pieces = torch.split(signal, [part.shape[1] for part in parts])
    for source, piece in zip(sources, pieces, strict=True):
        if not piece.any() and signal.any():  # the unit is of another branch
            continue
        yield Way(source.name, step.name, "split", piece, box)


def _share(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    sources = [trace[name] for name in step.inputs]
    if any(source.shape != step.shape for source in sources):
        raise _no_way_back(step, "its inputs have different shapes")
    if len(sources) > 1 and not _same(sum(s.output for s in sources), step.output):
        raise _no_way_back(step, "it is not the plain sum of its inputs")
    if len(sources) == 1 and torch.equal(2 * sources[0].output, step.output):  # x + x
        signal = 2 * signal
    for source in sources:
        yield Way(source.name, step.name, "share", signal, box)


def _lay_out(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    before = _only_input(trace, step)
    if not _same(before.output.flatten(), step.output.flatten()):
        raise _no_way_back(step, "it does more than to write its maps out")
    signal = signal.reshape(as_maps(before.output[0]).shape)
    box = Box(0, 0, signal.shape[1], signal.shape[2])
    yield Way(before.name, step.name, "lay out", signal, box)


def _pass_on(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    kind: Kind = "skip" if step.operation is Operation.LOCAL_RESPONSE_NORM else "pass"
    yield Way(step.inputs[0], step.name, kind, signal, box)


def _look_and_undo(trace: Trace, step: Step, signal: Tensor, box: Box) -> Iterator[Way]:
    """Undo a step whose kind is not known: its numbers decide what it did."""
    before = _only_input(trace, step)
    if _same(before.output.flatten(), step.output.flatten()):
        return _lay_out(trace, step, signal, box)
    if before.output.ndim == 4 and step.output.numel() == before.shape[1]:
        return _spread(trace, step, signal, box)
    raise _no_way_back(step, "what it does is not known")


WAYS_BACK: Mapping[Operation, Callable[[Trace, Step, Tensor, Box], Iterator[Way]]] = {
    Operation.CONVOLUTION: _filter,
    Operation.LINEAR: _weigh,
    Operation.MAX_POOLING: _unpool,
    Operation.AVERAGE_POOLING: _spread,
    Operation.RELU: _rectify,
    Operation.BATCH_NORM: _scale,
    Operation.LOCAL_RESPONSE_NORM: _pass_on,
    Operation.ADDITION: _share,
    Operation.CONCATENATION: _split,
    Operation.FLATTEN: _lay_out,
    Operation.DROPOUT: _pass_on,
    Operation.OTHER: _look_and_undo,
}
"""What the kinds of step send back; the picture, where every way ends, sends nothing."""

NO_WAY_BACK = {
    Operation.TANH: "it lets negative values through, so there is nothing to rectify",
    Operation.ACTIVATION: "the method knows of one bend only, the ReLU",
    Operation.SOFTMAX: "every share depends on all scores; choose a unit of the step before it",
}
"""Why the others send nothing back."""


def _no_way_back(step: Step, reason: str) -> NoWayBack:
    return NoWayBack(
        f"Deconvolution cannot go back through step '{step.name}': {reason}. It was made for "
        "networks of convolutions, ReLUs and max pooling, such as ZFNet."
    )


def _only_input(trace: Trace, step: Step) -> Step:
    if len(step.inputs) != 1:
        raise _no_way_back(step, f"it reads {len(step.inputs)} steps")
    return trace[step.inputs[0]]


def _same(one: Any, other: Tensor) -> bool:
    alike = one.shape == other.shape and one.dtype == other.dtype
    return alike and torch.allclose(one, other, 1e-4, 1e-5, equal_nan=True)


def _box_before(step: Step, before: Step, box: Box) -> Box:
    """Return what part of its input a part of a step's maps depends on."""
    height, width = before.shape[2:]
    rows, columns = windows(step.operation, step.settings, before.shape, step.shape)
    if rows is None or columns is None:
        return Box(0, 0, height, width)
    top, bottom = _covered(rows, box.top, box.bottom, height)
    left, right = _covered(columns, box.left, box.right, width)
    return Box(top, left, bottom, right)


def _covered(window: Window, first: int, end: int, size: int) -> tuple[int, int]:
    start = min(size, max(0, first * window.stride - window.padding))
    stop = (end - 1) * window.stride - window.padding + window.extent
    return start, max(start, min(size, stop))
