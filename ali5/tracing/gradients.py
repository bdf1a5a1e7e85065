"""Gradients within a network that is only read: what a step's values do to a logit."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor

from ali5.errors import Ali5Error
from ali5.networks.devices import meets_full_memory
from ali5.tracing.trace import Step, Trace


@meets_full_memory
def logit_gradient(trace: Trace, step: Step, class_: int) -> Tensor:
    """Return by how much a logit changes with each value of a step.

    Only what depends on the step is computed again, on copies; the network is only read.

    Args:
        trace: Any picture's way through a network whose graph can be read.
        step: One of its steps, before the softmax.
        class_: Number of a class.

    Returns:
        Of the shape of the step's output, unit: logit per unit of the activation. Zeros if the step
        is on no way to the logits. On the device of the trace, or on the CPU if that is full.

    Raises:
        Ali5Error: There is no such class, the step comes after the logits, or the network cannot be
            run again from this step on.
    """
    if not trace.network.readable:
        raise Ali5Error(
            "The steps of this network were written down while it ran, so it cannot be run again "
            "from one of them on: there are no gradients."
        )
    if step.name == trace.steps[-1].name:
        raise Ali5Error(f"Step '{step.name}' comes after the logits. Choose an earlier one.")
    logits = trace[trace.steps[-1].inputs[0]]
    count = logits.output.shape[1]
    if not 0 <= class_ < count:
        raise Ali5Error(f"There is no class {class_}: choose 0 to {count - 1}.")
    later = {step.name}
    for planned in trace.network.plan.steps:
        if not later.isdisjoint(planned.inputs):
            later.add(planned.name)
    with torch.inference_mode(False), torch.enable_grad():
        values = _Values(trace, later)
        values[step.name] = leaf = step.output.clone().requires_grad_()
        for planned in trace.network.plan.steps:
            if planned.name in later and planned.name not in values:
                values[planned.name] = planned.run(values)
            if planned.name == logits.name:
                break
        logit = values[logits.name][0, class_]
        if not logit.requires_grad:
            return torch.zeros_like(leaf, requires_grad=False)
        (gradient,) = torch.autograd.grad(logit, leaf)
    return gradient


class _Values(dict[str, Any]):
    """Values of a graph's nodes: copies from a trace, but for those that are to be computed."""

    def __init__(self, trace: Trace, computed: Collection[str]) -> None:
        super().__init__()
        self._known = {step.name: step for step in trace.steps if step.name not in computed}
        self._planned = {planned.name: planned for planned in trace.network.plan.steps}

    def __missing__(self, name: str) -> Any:
        step = self._known.get(name)
        # What is no step of a trace is a weight that is read directly, or a size: quickly had.
        self[name] = self._planned[name].run(self) if step is None else step.output.clone()
        return self[name]
