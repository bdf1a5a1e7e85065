"""Change a network while it runs: mute, keep only, double or invert channels, branches and blocks.

Nothing is changed in the network itself: its plan is run node by node, and values are multiplied on
the way. Muting single channels is the ablation of Zhou, Sun, Bau, Torralba 2018, "Revisiting the
importance of individual units in CNNs via ablation", https://arxiv.org/abs/1806.02891, section 3;
muting what a residual block adds is the lesion study of Veit, Wilber, Belongie 2016, "Residual
networks behave like ensembles of relatively shallow networks", https://arxiv.org/abs/1605.06431,
section 4.1. Unlike the latter we mute single shortcuts too.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

import torch
from torch import Tensor

from ali5.errors import Ali5Error, UnknownName
from ali5.graph.kinds import Operation
from ali5.graph.plan import INPUT, Plan
from ali5.networks.networks import Network, run_or_fall_back
from ali5.tracing.intervention import Intervention as Intervention
from ali5.tracing.intervention import Kind as Kind
from ali5.tracing.trace import Step, Trace, trace

FACTORS: Mapping[Kind, float] = {"mute": 0, "keep": 1, "double": 2, "invert": -1}
"""What the channels that are named are multiplied by; "keep" multiplies all others by zero."""

MAX_INTERVENTIONS = 60
"""In one run: doubled more often, numbers of 32 bits could leave their range."""

CHUNK_BYTES = 256_000_000
"""Networks run on as many variants at once as hold no more than this in all their steps."""

MAX_CHUNK = 32
"""And on no more than this: it would not be faster."""


@dataclass(frozen=True)
class Part:
    """A branch of a network: one of the inputs of an addition or a concatenation.

    Attributes:
        role: "branch" of a concatenation; of an addition "residual", the F(x) in F(x) + x, and
            "shortcut", the x.
        block: The block that both belong to, if any.
        step: Name of the step that ends the branch.
        into: Name of the addition or concatenation.
        channels: Where its channels are in a concatenation; None for an addition.
    """

    role: Literal["branch", "residual", "shortcut"]
    block: str | None
    step: str
    into: str
    channels: range | None = None

    def intervention(self, kind: Kind) -> Intervention:
        """Return the change of this part as a whole."""
        return Intervention(self.step, kind, None, self.into)


def intervene(before: Trace, interventions: Iterable[Intervention]) -> Trace:
    """Run a picture through a network that is changed on the way.

    Steps that no change reaches are taken from `before`, not computed again. The network and
    `before` are only read.

    Args:
        before: The picture's way through the unchanged network.
        interventions: What to change; their order makes no difference. If there are none, `before`
            itself is returned.

    Returns:
        The same steps with the values that later steps saw. A change that only one step sees is in
        the output of that step, not in what it read.

    Raises:
        UnknownName: There is no such step.
        Ali5Error: A change is impossible, or the network cannot be changed; says why.
    """
    interventions = tuple(interventions)
    if not interventions:
        return before

    def run(on: Network) -> Trace:
        here = _on(on, before)
        factors = _factors(here, interventions)
        with torch.inference_mode():
            known = {step.name: step.output for step in here.steps}
            values = _run(on.plan, known, factors)
        steps = tuple(
            step if values[step.name] is step.output else replace(step, output=values[step.name])
            for step in here.steps
        )
        return replace(here, steps=steps)

    return run_or_fall_back(before.network, run, _FAILED)


def answers(
    before: Trace, prepared: Tensor, interventions: Iterable[Intervention] = ()
) -> Iterator[Tensor]:
    """Ask a network about many prepared pictures at once, and change it on the way.

    Args:
        before: Any picture's way through the unchanged network.
        prepared: [N, C, H, W], as `network.prepare` makes them.
        interventions: What to change.

    Returns:
        The logits of some of the pictures at a time, [n, classes] on the CPU, in their order. A
        network of a user's own gets one at a time, since its forward pass may be made for that.

    Raises:
        UnknownName: There is no such step.
        Ali5Error: As for `intervene`.
    """
    network, interventions = before.network, tuple(interventions)
    _check_all(before, interventions)  # says now what is impossible

    @functools.cache
    def factors(on: Network) -> _Factors:
        return _factors(_on(on, before), interventions)

    def of(some: Tensor, on: Network) -> Tensor:
        # Clones: what a network is given, it may overwrite.
        given = some.to(on.device, copy=True)
        if not on.readable:
            alone = trace(on, given)
            return alone[_logits_step(alone)].output.cpu()
        with torch.inference_mode():
            values = _run(on.plan, {INPUT: given}, factors(on), len(given))
        return cast(Tensor, values[_logits_step(before)].cpu())

    def logits() -> Iterator[Tensor]:
        for some in torch.split(prepared, _chunk(before)):
            yield run_or_fall_back(network, functools.partial(of, some), _FAILED)

    return logits()


def effects(
    before: Trace, step: str, kind: Kind = "mute", channels: Sequence[int] | None = None
) -> Iterator[tuple[Sequence[int], Tensor]]:
    """Change the channels of a step one by one, each in the otherwise unchanged network.

    Args:
        before: The picture's way through the unchanged network.
        step: Name of the step.
        kind: What is done to each.
        channels: Which ones; all if not given.

    Returns:
        Some channels at a time, and what the logits are if one of them is changed, [n, classes] on
        the CPU.

    Raises:
        UnknownName: There is no such step.
        Ali5Error: As for `intervene`.
    """
    count = before[step].output.shape[1]
    wanted = range(count) if channels is None else channels
    for channel in wanted:
        check_intervention(before, Intervention(step, kind, (channel,)))

    def of(some: Sequence[int], on: Network) -> Tensor:
        here = _on(on, before)
        rows = [_row(here, Intervention(step, kind, (channel,))) for channel in some]
        with torch.inference_mode():
            known = {each.name: each.output for each in here.steps}
            values = _run(on.plan, known, _Factors({step: torch.stack(rows)}, {}), len(some))
        return cast(Tensor, values[_logits_step(before)].cpu())

    def logits() -> Iterator[tuple[Sequence[int], Tensor]]:
        together = _chunk(before)
        for start in range(0, len(wanted), together):
            some = wanted[start : start + together]
            yield some, run_or_fall_back(before.network, functools.partial(of, some), _FAILED)

    return logits()


_FAILED = "The changed network failed"


def _on(network: Network, before: Trace) -> Trace:
    """Return a trace where a network is: its own, or that on the CPU."""
    return before if network is before.network else before.on_cpu


def parts_of(trace: Trace) -> tuple[Part, ...]:
    """Return the branches of a network that can be changed as a whole, in execution order.

    These are the inputs of concatenations along the channels, and the two inputs of additions. Of
    these, the shortcut is the one that fewer steps stand behind that the other has not.
    """
    if not trace.network.readable:
        return ()
    behind = _behind(trace)
    reads = {planned.name: planned.inputs for planned in trace.network.plan.steps}
    found: list[Part] = []
    for step in trace.steps:
        sources = [trace[name] for name in step.inputs]
        if step.inputs != reads[step.name] or len(sources) < 2:
            continue  # something that is no step stands between, or x is added to itself
        if step.operation is Operation.CONCATENATION and _joins_channels(step, sources):
            start = 0
            for source in sources:
                end = start + source.shape[1]
                found.append(Part("branch", step.block, source.name, step.name, range(start, end)))
                start = end
        elif step.operation is Operation.ADDITION and len(sources) == 2:
            one, other = (source.name for source in sources)
            if len(behind[one] - behind[other]) < len(behind[other] - behind[one]):
                one, other = other, one
            found.append(Part("residual", step.block, one, step.name))
            found.append(Part("shortcut", step.block, other, step.name))
    return tuple(found)


def _behind(trace: Trace) -> dict[str, frozenset[str]]:
    """Return the steps behind each step, itself included."""
    behind: dict[str, frozenset[str]] = {}
    for step in trace.steps:
        behind[step.name] = frozenset({step.name}).union(*(behind[name] for name in step.inputs))
    return behind


def _joins_channels(step: Step, sources: Sequence[Step]) -> bool:
    return step.shape[1] == sum(source.shape[1] for source in sources) and all(
        source.shape[2:] == step.shape[2:] for source in sources
    )


# --- What to multiply by ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Factors:
    """What to multiply channels by, [C], or [N, C] for N variants at once.

    Attributes:
        own: By the name of the step whose output is changed.
        read: By the names of a step and of the one whose output it reads changed.
    """

    own: dict[str, Tensor]
    read: dict[tuple[str, str], Tensor]


def _check_all(before: Trace, interventions: Sequence[Intervention]) -> None:
    """Refuse changes that cannot be made in one run."""
    if len(interventions) > MAX_INTERVENTIONS:
        raise Ali5Error(
            f"{len(interventions)} changes are too many for one run. Make at most "
            f"{MAX_INTERVENTIONS}."
        )
    for each in interventions:
        check_intervention(before, each)


def _factors(before: Trace, interventions: Sequence[Intervention]) -> _Factors:
    _check_all(before, interventions)
    own: dict[str, Tensor] = {}
    read: dict[tuple[str, str], Tensor] = {}

    def multiply(step: str, into: str | None, row: Tensor) -> None:
        if into is None:
            own[step] = own[step] * row if step in own else row
        else:
            key = (into, step)
            read[key] = read[key] * row if key in read else row

    for each in interventions:
        if each.kind == "keep" and each.channels is None and each.into is not None:
            for other in before[each.into].inputs:
                if other != each.step:
                    mute = Intervention(other, "mute", None, each.into)
                    multiply(other, each.into, _row(before, mute))
        else:
            multiply(each.step, each.into, _row(before, each))
    return _Factors(own, read)


def _row(before: Trace, intervention: Intervention) -> Tensor:
    """Return what one change multiplies each channel by, [C]."""
    output = before[intervention.step].output
    kind = intervention.kind
    row = torch.full(
        (output.shape[1],), 0.0 if kind == "keep" else 1.0, dtype=output.dtype, device=output.device
    )
    if intervention.channels is None:
        row[:] = FACTORS[kind]
    else:
        row[list(intervention.channels)] = FACTORS[kind]
    return row


def check_intervention(before: Trace, each: Intervention) -> None:
    """Refuse a change that cannot be made."""
    network = before.network
    if not network.readable:
        raise Ali5Error(
            f"{network.architecture.title} cannot be changed on the way: its steps are only known "
            "while it runs. Change the picture instead."
        )
    if each.kind not in get_args(Kind):
        raise UnknownName("kind of change", str(each.kind), get_args(Kind))
    step = before[each.step]
    if step.operation is Operation.SOFTMAX:
        raise Ali5Error(
            f"'{step.name}' is the answer itself. Change a step before it, and see what it becomes."
        )
    _check_channels(each, step)
    if each.into is not None:
        _check_reader(before, each, each.into)


def _check_channels(each: Intervention, step: Step) -> None:
    count = step.shape[1]
    if each.channels is None:
        if each.kind == "keep" and each.into is None:
            raise Ali5Error(f"To keep all of '{step.name}' changes nothing. Name some channels.")
        return
    if not each.channels:
        raise Ali5Error(f"No channel of '{step.name}' is named. Name some, or None for all.")
    wrong = next((channel for channel in each.channels if not 0 <= channel < count), None)
    if wrong is not None:
        raise Ali5Error(
            f"'{step.name}' has no channel {wrong}: its {count:,} are numbered 0 to {count - 1}."
        )


def _check_reader(before: Trace, each: Intervention, into: str) -> None:
    reader = before[into]
    planned = next(one for one in before.network.plan.steps if one.name == reader.name)
    if each.step not in planned.inputs:
        raise Ali5Error(
            f"'{into}' does not read '{each.step}'. It reads: {', '.join(reader.inputs)}."
        )
    if each.kind == "keep" and each.channels is None and len(reader.inputs) < 2:
        raise Ali5Error(f"'{into}' reads nothing but '{each.step}': to keep it changes nothing.")


# --- Running ----------------------------------------------------------------------------------


def _run(
    plan: Plan, known: Mapping[str, Tensor], factors: _Factors, count: int = 1
) -> dict[str, Any]:
    """Run a plan; a node that no change reaches keeps the value that is known.

    Args:
        plan: Of the network.
        known: Values of steps for the unchanged network, of the picture at least.
        factors: What to multiply by.
        count: How many variants go through at once.
    """
    values: dict[str, Any] = {}
    reached: set[str] = set()
    for planned in plan.steps:
        name = planned.name
        read = {source: factors.read.get((name, source)) for source in planned.inputs}
        changed = {
            source: _multiplied(values[source], row)
            for source, row in read.items()
            if row is not None
        }
        if changed or not reached.isdisjoint(planned.inputs):
            reached.add(name)
            seen = values | _widened(planned.inputs, values, known, reached, count) | changed
            values[name] = planned.run(seen)
        elif name in known:
            values[name] = known[name]
        else:
            values[name] = planned.run(values)
        if name in factors.own:
            reached.add(name)
            values[name] = _multiplied(values[name], factors.own[name])
    return values


def _widened(
    inputs: Collection[str],
    values: Mapping[str, Any],
    known: Mapping[str, Tensor],
    reached: Collection[str],
    count: int,
) -> dict[str, Tensor]:
    """Repeat what is the same for all variants where it meets what is not."""
    if count == 1:
        return {}
    return {
        name: values[name].expand(count, *values[name].shape[1:])
        for name in inputs
        if name in known and name not in reached and len(values[name]) == 1
    }


def _multiplied(value: Tensor, row: Tensor) -> Tensor:
    """Multiply channels; what is multiplied by zero is zero, even if it was not a number."""
    row = row.reshape(*row.shape, *[1] * (value.ndim - 2))
    return torch.where(row == 0, torch.zeros_like(value), value * row)


def _chunk(before: Trace) -> int:
    """Return how many variants go through a network at once."""
    if before.network.own:
        return 1
    return max(1, min(MAX_CHUNK, CHUNK_BYTES // before.nbytes))


def _logits_step(before: Trace) -> str:
    return before.steps[-1].inputs[0]
