"""Which part of a picture a class score comes from: one door to all attribution methods."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace

import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ali5.errors import Ali5Error, UnknownName
from ali5.explain.attributions.methods import METHODS, Method
from ali5.explain.attributions.question import Progress, Question, Scores, Turn, gradients_allowed
from ali5.explain.attributions.replica import Replica
from ali5.graph.kinds import Operation
from ali5.networks.devices import is_out_of_memory, out_of_memory_note, with_room
from ali5.networks.networks import Network
from ali5.tracing.trace import Step, Trace, trace


@dataclass(frozen=True, eq=False, repr=False)
class Attribution:
    """A map of one class score over one picture. Tensors are float32 on the CPU.

    Attributes:
        method: Id of the method.
        target: Number of the class.
        label: Its name.
        score: Its logit.
        step: Whose maps were looked at; None for methods that look at the pixels.
        map: Shape [H, W], one value for each pixel of the prepared picture. `METHODS` says what a
            value is and whether it can be negative.
        cells: The values as they were computed: [h, w], the places of the step's maps; the same as
            `map` for methods that look at the pixels.
        start: For integrated gradients, the logit of black; else None.
        notes: What a visitor should know about how it was computed, one sentence each.
    """

    method: str
    target: int
    label: str
    score: float
    step: str | None
    map: Tensor
    cells: Tensor
    start: float | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Attribution {self.method} of '{self.label}': {list(self.map.shape)}>"

    @property
    def nbytes(self) -> int:
        """Memory that both maps hold, in bytes."""
        return self.map.nbytes + (0 if self.cells is self.map else self.cells.nbytes)


def attribute(
    network: Network,
    image: Image.Image | Tensor,
    method: str,
    target: int | None = None,
    step: str | None = None,
) -> Tensor:
    """Return a map of one class score over a picture: the short way to `attribution`.

    Args:
        network: As for `ali5.trace`.
        image: As for `ali5.trace`.
        method: An id of `METHODS`.
        target: As for `attribution`.
        step: As for `attribution`.

    Returns:
        Shape [H, W], float32, on the CPU.
    """
    return attribution(trace(network, image), method, target, step).map


def attribution(
    trace: Trace,
    method: str,
    target: int | None = None,
    step: str | None = None,
    *,
    progress: Progress = lambda done, count: None,
    turn: Turn = contextlib.nullcontext,
) -> Attribution:
    """Map one class score over a picture, and keep what is needed to say what the map means.

    The network is only read: no hook, no gradient and no flag is left on it, and visitors may share
    it. If an accelerator runs out of memory the CPU computes, and a note says so.

    Args:
        trace: The picture's way through any network.
        method: An id of `METHODS`.
        target: Number of the class; the most likely one if not given.
        step: For the methods that look at maps, the name of a step with maps, one of `map_steps`;
            the last convolutional stage if not given. The others take none.
        progress: Called before each pass through the network with its number and the count of all.
        turn: Entered around each pass, so that others can have theirs between two. What it or
            `progress` raises ends the computation.

    Raises:
        UnknownName: There is no such method or step.
        Ali5Error: There is no such class, or the method cannot look into this network.
    """
    if method not in METHODS:
        raise UnknownName("method", method, METHODS)
    known, network = METHODS[method], trace.network
    logits = trace[trace.steps[-1].inputs[0]].output[0].cpu()
    if target is None:
        target = int(logits.argmax())
    if not 0 <= target < len(logits):
        raise Ali5Error(f"target must be 0 to {len(logits) - 1}, not {target}.")
    if known.needs_graph and not network.readable:
        *others, last = [each.title.lower() for each in METHODS.values() if not each.needs_graph]
        raise Ali5Error(
            f"{known.title} looks inside the graph of a network, and the forward pass of "
            f"{network.architecture.title} cannot be read as one. Choose {', '.join(others)} or "
            f"{last}."
        )
    chosen = _step_of(trace, known, step)

    def explain(here: Trace) -> Attribution:
        try:
            found = _explain(here, known, target, chosen, progress, turn)
        except Exception as error:
            if isinstance(error, Ali5Error) or is_out_of_memory(error) or not network.own:
                raise
            hint = " Occlusion needs no gradients." if known.needs_gradients else ""
            raise Ali5Error(
                f"{known.title} failed on {network.architecture.title}: {error}{hint}"
            ) from error
        if here is not trace:
            found = replace(found, notes=(out_of_memory_note(network.device),))
        return found

    return with_room(explain, trace)


def map_steps(trace: Trace) -> tuple[str, ...]:
    """Return the names of the steps that have maps of more than one place, in order."""
    return tuple(each.name for each in trace.steps[1:] if _has_places(each))


def default_step(trace: Trace) -> str:
    """Return the end of the last convolutional stage: what comes before it is pooled.

    Raises:
        Ali5Error: No step has maps of more than one place.
    """
    steps = [each for each in trace.steps[1:] if _has_places(each)]
    convolutions = [
        number for number, each in enumerate(steps) if each.operation is Operation.CONVOLUTION
    ]
    if not steps:
        raise Ali5Error(
            f"No step of {trace.network.architecture.title} has maps with more than one place. "
            "Choose a method that looks at the pixels."
        )
    last = steps[convolutions[-1]] if convolutions else steps[-1]
    pooling = (Operation.MAX_POOLING, Operation.AVERAGE_POOLING, Operation.OTHER)
    for each in steps[steps.index(last) + 1 :]:
        if each.shape[2:] != last.shape[2:] or each.operation in pooling:
            break
        last = each
    return last.name


def _step_of(trace: Trace, method: Method, step: str | None) -> str | None:
    if not method.at_step:
        if step is not None:
            raise Ali5Error(f"{method.title} looks at the pixels, not at a step: leave step out.")
        return None
    if step is None:
        return default_step(trace)
    if not _has_places(trace[step]) or step == trace.steps[0].name:
        raise Ali5Error(
            f"Step '{step}' has no maps with more than one place. Choose one of: "
            f"{', '.join(map_steps(trace))}."
        )
    return step


def _has_places(step: Step) -> bool:
    return step.output.ndim == 4 and math.prod(step.shape[2:]) > 1


def _explain(
    trace: Trace, method: Method, target: int, step: str | None, progress: Progress, turn: Turn
) -> Attribution:
    network = trace.network
    with gradients_allowed():
        image = trace.image.to(network.device, copy=True)
        scores = Replica(network.plan, step) if network.readable else Scores(network.module)
        question = Question(network, scores, image, target, step or "", progress, turn)
        found = method.answer(question)
        cells = found.cells.detach().float().cpu().contiguous()
    logits = trace[trace.steps[-1].inputs[0]].output[0]
    return Attribution(
        method=method.id,
        target=target,
        label=network.labels[target],
        score=float(logits[target]),
        step=step,
        map=_enlarge(cells, trace.image.shape[-2:]) if method.at_step else cells,
        cells=cells,
        start=found.start,
    )


def _enlarge(cells: Tensor, size: tuple[int, ...]) -> Tensor:
    """Spread cells evenly over a picture, linearly in between."""
    return F.interpolate(cells[None, None], size, mode="bilinear", align_corners=False)[0, 0]
