"""A network's forward pass as a module of its own: its weights are shared, nothing else is.

Captum puts hooks on modules. On a network that many look at, one visitor's hooks would change what
another one sees; and on a ReLU that is a function, or on one module used twice, they would miss
calls. Here every ReLU of the graph is a module of its own, and all modules die with the replica.
"""

from __future__ import annotations

from torch import Tensor, nn

from ali5.graph.kinds import Operation
from ali5.graph.plan import INPUT, Plan, Values


class Replica(nn.Module):
    """Runs the steps of a plan and returns the logits, [N, classes].

    Attributes:
        relus: One module for each ReLU of the graph, in order of execution.
        probe: What the output of one step passes through; an identity.
    """

    def __init__(self, plan: Plan, step: str | None = None) -> None:
        super().__init__()
        self._steps = plan.steps[:-1]
        self._logits = plan.steps[-1].inputs[0]
        self._probed = step
        self._done_with = _last_uses(plan)
        ends = [each.name for each in self._steps if each.operation is Operation.RELU]
        self._relu_of = {name: number for number, name in enumerate(ends)}
        self.relus = nn.ModuleList(nn.ReLU() for _ in ends)
        self.probe: nn.Module = nn.Identity()

    def forward(self, image: Tensor) -> Tensor:
        """Run a batch of prepared pictures, [N, C, H, W]."""
        values: Values = {INPUT: image}
        for step in self._steps:
            if step.name in self._relu_of:
                relu = self.relus[self._relu_of[step.name]]
                values[step.name] = relu(values[step.inputs[0]])
            elif step.name != INPUT:
                values[step.name] = step.run(values)
            if step.name == self._probed:
                values[step.name] = self.probe(values[step.name])
            for name in self._done_with.get(step.name, ()):
                del values[name]
        logits: Tensor = values[self._logits]
        return logits


def _last_uses(plan: Plan) -> dict[str, list[str]]:
    """Return the steps whose values nobody needs any more after each step."""
    last = {name: step.name for step in plan.steps for name in (step.name, *step.inputs)}
    done: dict[str, list[str]] = {}
    for name, user in last.items():
        done.setdefault(user, []).append(name)
    return done
