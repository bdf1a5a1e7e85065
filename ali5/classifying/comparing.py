"""Several networks on one picture, side by side: what each says, what it costs, what it sees."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from ali5.classifying.answers import VECTOR, Stage, in_order
from ali5.classifying.answers import Answer as Answer
from ali5.classifying.answers import bands_of as bands_of
from ali5.classifying.answers import votes_of as votes_of
from ali5.classifying.verdict import verdict_of
from ali5.graph.kinds import Operation
from ali5.networks.networks import Network
from ali5.tracing.trace import Step, Trace, trace
from ali5.tracing.walls import draw_strongest, is_vector, strongest_channels

STAGE_PX = 64
"""Longest edge of the strongest map that is kept of each stage, in pixels."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What several networks made of the same picture, in the order of the networks."""

    answers: tuple[Answer, ...]

    @property
    def bands(self) -> tuple[int, ...]:
        """The resolutions that any of them has, from fine to coarse, vectors last."""
        return bands_of(self.answers)

    @property
    def votes(self) -> tuple[tuple[str, tuple[Answer, ...]], ...]:
        """What the trained ones say: each class with those that say it, the most frequent first."""
        return votes_of(self.answers)


def compare(
    networks: Iterable[Network],
    image: Image.Image,
    progress: Callable[[int, int, int], None] = lambda network, step, steps: None,
) -> Comparison:
    """Run several networks on the same picture, one after the other.

    The networks are only read, and only one of them holds its maps at a time. For answers as they
    come, call `answer` for each.

    Args:
        networks: In evaluation mode; a generator may load them one by one.
        image: An upright RGB picture of any size; each network prepares it as it needs it.
        progress: Called before each step with the number of the network, the number of the step and
            the count of its steps.

    Raises:
        Ali5Error: The forward pass of a user's own network failed.
    """
    answers = []
    for number, network in enumerate(networks):

        def told(step: int, steps: int, number: int = number) -> None:
            progress(number, step, steps)

        answers.append(answer(network, image, told))
    return Comparison(tuple(answers))


def answer(
    network: Network,
    image: Image.Image | Tensor,
    progress: Callable[[int, int], None] | None = None,
) -> Answer:
    """Run one network on a picture and return what is to be compared.

    Args:
        network: In evaluation mode.
        image: An upright RGB picture of any size, or an already prepared tensor, [1, C, H, W].
        progress: Called before each step with its number and the count of all.
    """
    prepared = image if isinstance(image, Tensor) else network.prepare(image)
    if network.readable and not network.plan.facts:  # what happens only once is not measured
        trace(network, prepared)
    start = time.perf_counter()
    traced = trace(network, prepared, progress)
    logits = traced[traced.steps[-1].inputs[0]].output[0].cpu()  # waits for an accelerator
    seconds = time.perf_counter() - start
    return Answer(
        architecture=network.architecture,
        edition=network.edition,
        weights=network.weights,
        card=network.card,
        verdict=verdict_of(logits, network.labels),
        seconds=seconds,
        parameters=sum(step.parameters for step in traced.steps),
        multiply_adds=sum(step.multiply_adds for step in traced.steps),
        activation_bytes=traced.nbytes,
        stages=stages_of(traced),
        notes=traced.notes,
    )


def stages_of(traced: Trace) -> tuple[Stage, ...]:
    """Return the last step at every resolution with its strongest map.

    The picture itself, the logits and the shares are left out: a vector is what the last layer
    reads.
    """
    last: dict[int, Step] = {}
    end = traced.steps[-1].inputs[0]
    for step in traced.steps[:-1]:
        if step.operation is not Operation.INPUT and step.name != end:
            last[band_of(step)] = step
    return tuple(_stage(band, last[band]) for band in in_order(last))


def band_of(step: Step) -> int:
    """Return the power of two nearest to the longer edge of a step's maps; 0 for a vector.

    Nearest as a ratio: 28 and 32 belong to 32, 13 and 15 to 16, 7 to 8, 6 to 8 and 5 to 4.
    """
    return VECTOR if is_vector(step) else 2 ** round(math.log2(max(step.shape[2:])))


def _stage(band: int, step: Step) -> Stage:
    wall = draw_strongest(step, 1, STAGE_PX)
    channels = strongest_channels(step, 1) if wall.channels is None else wall.channels
    return Stage(band, step.name, int(channels[0]), step.shape, wall)
