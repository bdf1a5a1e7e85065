"""From one unit back to the picture, the way ZFNet's authors looked into their network.

Zeiler, Fergus: "Visualizing and understanding convolutional networks", ECCV 2014,
https://arxiv.org/abs/1311.2901, section 2.1. All units of a step but one are set to zero, and the
network is walked backwards: max pooling is undone by putting every value where its window found the
maximum (the "switches"), a ReLU by rectifying the signal itself, a convolution by its transposed
filters. Biases play no part, and local response normalisation is passed over, as in the paper.

Where we go beyond the paper, which had a plain row of layers: batch normalisation is its factor
gamma / sigma for each channel; an average is spread evenly over what it was taken of; a
concatenation is split, both sides of a sum get the whole signal, and where ways meet they are
added. Fully connected layers are transposed like convolutions. Values that overlapping windows
send to one position are added. Apart from the ReLUs all of this is the transposed linear map, so
the result differs from the gradient times the unit's value in nothing but how a ReLU is passed:
there by the sign of what came in, here by the sign of what goes back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ali5.errors import Ali5Error
from ali5.explain.deconvolution.ways_back import DONE, SENTENCES, Kind, Way, as_maps, undo
from ali5.explain.units.fields import Box
from ali5.graph.kinds import Operation
from ali5.networks.devices import meets_full_memory
from ali5.tracing.trace import Step, Trace


@dataclass(frozen=True, eq=False, repr=False)
class Stage:
    """The signal at one step on the way back.

    Attributes:
        step: Name of the step at whose output the signal lies now.
        undone: Names of the steps that were undone to get here; none for the first stage.
        kind: What was done.
        sentence: The same in words.
        signal: Shape [C, H, W], a vector [F, 1, 1]; in the unit of the step's activation times the
            weights passed so far, on the network's device, or on the CPU if that is full.
        box: The part of the maps that the unit depends on: the signal is zero outside.
        switches: For "unpool", where each window of the pooling found its maximum: row * W + column
            in this stage's maps, [C, H', W'].
    """

    step: str
    undone: tuple[str, ...]
    kind: Kind
    sentence: str
    signal: Tensor
    box: Box
    switches: Tensor | None = None

    def __repr__(self) -> str:
        return f"<Stage {self.kind}, to {self.step}: {list(self.signal.shape)}>"


@dataclass(frozen=True, eq=False, repr=False)
class Deconvolution:
    """One unit's way back to the picture.

    Attributes:
        step: Name of the unit's step.
        channel: Its channel.
        row: Its row in that channel's map; 0 in a vector.
        column: Its column; 0 in a vector.
        value: Its activation, which the way back begins with.
        stages: From the unit to the picture.
        crop: The unit's receptive field on the prepared picture, cut off at the edges; of a
            concatenation's units, that of the branch they are from.
    """

    step: str
    channel: int
    row: int
    column: int
    value: float
    stages: tuple[Stage, ...]
    crop: Box

    def __repr__(self) -> str:
        return f"<Deconvolution of {self.step}, channel {self.channel}: {len(self.stages)} stages>"

    @property
    def reconstruction(self) -> Tensor:
        """What the picture's pixels get, [C, H, W], in the unit of the prepared picture."""
        return self.stages[-1].signal


def deconvolve(
    trace: Trace, step: str, channel: int, row: int | None = None, column: int | None = None
) -> Deconvolution:
    """Send one unit's activation back to the picture and keep every stage.

    Args:
        trace: Any picture's way through a network of convolutions, ReLUs and max pooling.
        step: Name of the step with the unit; a conv, its ReLU or a pooling as well as a score.
        channel: Which of its channels.
        row: Which row of that channel's map. Without row and column the strongest unit of the
            channel is taken (the largest value, the first one if there are several), as the paper
            does; only ever one unit, because the patterns of many would lie over one another.
        column: Which column.

    Returns:
        All stages. They hold about as much memory as the trace; `walk_back` gives them one by one.

    Raises:
        UnknownName: There is no such step.
        NoWayBack: A step on the way has no way back, such as a tanh; names it.
        Ali5Error: There is no such unit, or its value is not a finite number.
    """
    row, column = place_of(trace, step, channel, row, column)
    stages = tuple(walk_back(trace, step, channel, row, column))
    value = float(stages[0].signal[channel, row, column])
    return Deconvolution(step, channel, row, column, value, stages, stages[-1].box)


@meets_full_memory
def place_of(
    trace: Trace, step: str, channel: int, row: int | None = None, column: int | None = None
) -> tuple[int, int]:
    """Return row and column of the unit that `deconvolve` starts from, with the same arguments."""
    output = trace[step].output[0]
    if not 0 <= channel < len(output):
        raise Ali5Error(f"Step '{step}' has channels 0 to {len(output) - 1}, not {channel}.")
    values = as_maps(output)[channel]
    height, width = values.shape
    if (row is None) != (column is None):
        raise Ali5Error("Give row and column, or neither of them for the strongest unit.")
    if row is None or column is None:
        ranked = torch.where(values.isfinite(), values, -math.inf)
        row, column = divmod(int(ranked.argmax()), width)
    if not (0 <= row < height and 0 <= column < width):
        raise Ali5Error(
            f"The maps of step '{step}' have rows 0 to {height - 1} and columns 0 to {width - 1}; "
            f"there is no row {row}, column {column}."
        )
    if not math.isfinite(float(values[row, column])):
        raise Ali5Error(
            f"The unit of step '{step}', channel {channel}, row {row}, column {column} is not a "
            "finite number: there is nothing to send back. Choose another unit."
        )
    return row, column


@meets_full_memory
def walk_back(trace: Trace, step: str, channel: int, row: int, column: int) -> Iterator[Stage]:
    """Yield the stages of `deconvolve` one by one: what lies behind need not be kept.

    If an accelerator is full, the rest of the stages is on the CPU.
    """
    place_of(trace, step, channel, row, column)
    values = as_maps(trace[step].output[0])
    start = torch.zeros_like(values)
    start[channel, row, column] = values[channel, row, column]
    box = Box(row, column, row + 1, column + 1)
    waiting = {step: [Way(step, step, "keep", start, box)]}
    for each in _steps_behind(trace, step):
        if each.name not in waiting:  # only on branches that the unit does not depend on
            continue
        stage = _meet(each, waiting.pop(each.name))
        yield stage
        if each.operation is Operation.INPUT:
            return
        with torch.no_grad():
            for way in undo(trace, each, stage.signal, stage.box):
                waiting.setdefault(way.source, []).append(way)


def _steps_behind(trace: Trace, name: str) -> list[Step]:
    """Return a step and all that it depends on, the last one first."""
    needed = {name}
    behind = []
    for step in reversed(trace.steps):
        if step.name in needed:
            behind.append(step)
            needed.update(step.inputs)
    return behind


def _meet(step: Step, ways: list[Way]) -> Stage:
    """Return the stage at a step that one or several ways lead back to."""
    if len(ways) == 1:
        _, undone, kind, signal, box, switches = ways[0]
        names = () if kind == "keep" else (undone,)
        return Stage(step.name, names, kind, SENTENCES[kind].format(undone), signal, box, switches)
    listed = [f"{way.undone} ({DONE[way.kind]})" for way in ways]
    sentence = (
        f"{len(ways)} ways come back to {step.name} and are added: {', '.join(listed[:-1])} and "
        f"{listed[-1]}."
    )
    signal = torch.stack([way.signal for way in ways]).sum(0)
    box = _around([way.box for way in ways])
    return Stage(step.name, tuple(way.undone for way in ways), "join", sentence, signal, box)


def _around(boxes: list[Box]) -> Box:
    tops, lefts, bottoms, rights = zip(*boxes, strict=True)
    return Box(min(tops), min(lefts), max(bottoms), max(rights))
