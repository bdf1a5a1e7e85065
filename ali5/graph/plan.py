"""The graph of a network, read once from its forward pass.

`torch.fx` runs the forward pass with stand-ins for tensors and writes down every call. In-place
calls are rewritten while the plan is made, so that what a step kept is never overwritten by a later
one. The module itself is not changed.
"""

from __future__ import annotations

import copy
import inspect
import operator
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from ali5.errors import UnreadableNetwork
from ali5.graph.kinds import Operation, Settings
from ali5.graph.layers import LocalResponseNorm, ScaledTanh
from ali5.graph.operations import describe_function, describe_module

INPUT = "input"
"""The name of the first step: the prepared picture."""

Values = dict[str, Any]
"""What every node gave, by its name in the graph."""


@dataclass(frozen=True)
class PlannedStep:
    """One node of the graph.

    Attributes:
        name: The paper's name where it has one, otherwise the path of the module.
        operation: What it does; None for a parameter that is read directly.
        settings: Kernel size, stride and so on.
        inputs: Names of the planned steps whose values it reads.
        block: Path of the block it belongs to ("inception3a", "layer2.1"), if any.
        parameters: Paths of the parameters it uses ("conv1.weight"), in the module's order.
        run: Computes its value from the values of earlier nodes.
        buffers: Paths of the buffers it uses ("bn1.running_mean"), likewise.
    """

    name: str
    operation: Operation | None
    settings: Settings
    inputs: tuple[str, ...]
    block: str | None
    parameters: tuple[str, ...]
    run: Callable[[Values], Any] = field(repr=False)
    buffers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Every node of a forward pass in execution order; the last one gives the probabilities."""

    steps: tuple[PlannedStep, ...]
    facts: dict[tuple[int, ...], Any] = field(default_factory=dict, repr=False, compare=False)
    """What follows from the shape of the picture alone, worked out once for each shape."""

    def execute(self, image: Tensor) -> Iterator[tuple[PlannedStep, Any]]:
        """Run the nodes one after the other on a prepared picture, [1, C, H, W].

        Several threads may do so at once: nothing is shared but the plan and the weights, which are
        only read.
        """
        values: Values = {INPUT: image}
        for step in self.steps:
            if step.name != INPUT:
                values[step.name] = step.run(values)
            yield step, values[step.name]


def read_plan(module: nn.Module, names: Mapping[str, str] | None = None) -> Plan:
    """Read the graph of a module in evaluation mode.

    Args:
        module: Takes one tensor [N, C, H, W] and returns logits [N, classes]. Not changed.
        names: What to call the steps of some modules, by their path.

    Raises:
        UnreadableNetwork: Its forward pass depends on the values of tensors, or takes several.
    """
    with _ONE_AT_A_TIME:
        tracer = _Tracer()
        try:
            graph = tracer.trace(module)
        except Exception as error:  # any code can be in a forward pass
            raise UnreadableNetwork(
                f"The forward pass of {type(module).__name__} cannot be read as a graph ({error}). "
                "It must not depend on the values of tensors and must take one picture."
            ) from error
    try:
        return _Reader(module, tracer.node_name_to_scope, names or {}).plan(graph)
    finally:
        # The nodes of a graph hold each other and the tracer, and it the module: weights that are
        # let go of would wait for the garbage collector.
        tracer.__dict__.clear()


_ONE_AT_A_TIME = threading.Lock()


_LEAVES = (ScaledTanh, LocalResponseNorm)
"""Modules of ours that are one step each, as those of PyTorch are."""


class _Tracer(fx.Tracer):
    """An fx tracer that leaves the other threads alone.

    While fx reads a graph it replaces `nn.Module.__call__` and `__getattr__` for the whole process.
    Calls that come from other threads go straight on to what they wanted.
    """

    def __init__(self) -> None:
        super().__init__()
        self._reader = threading.get_ident()

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, _LEAVES) or super().is_leaf_module(m, module_qualified_name)

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        if threading.get_ident() != self._reader:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if threading.get_ident() != self._reader:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)


_IN_PLACE: dict[Callable[..., Any], Callable[..., Any]] = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
    F.relu_: F.relu,
    F.leaky_relu_: F.leaky_relu,
    F.elu_: F.elu,
    F.hardtanh_: F.hardtanh,
    torch.relu_: torch.relu,
    torch.sigmoid_: torch.sigmoid,
    torch.tanh_: torch.tanh,
}


def _make_out_of_place(node: fx.Node, modules: Mapping[str, nn.Module]) -> bool:
    """Let a node leave its input as it is; tell whether it would have written into it."""
    before = node.target, node.args, dict(node.kwargs)
    if node.op == "call_module":
        return bool(getattr(modules[str(node.target)], "inplace", False))  # see `_out_of_place`
    if node.kwargs.get("inplace"):
        node.update_kwarg("inplace", False)
    if node.op == "call_function":
        node.target = _IN_PLACE.get(node.target, node.target)  # type: ignore[arg-type]
        place = _place_of_inplace(node.target)  # F.relu(x, True)
        if place is not None and len(node.args) > place and node.args[place]:
            node.update_arg(place, False)
    elif node.op == "call_method":
        name = str(node.target)
        if name.endswith("_") and not name.endswith("__"):
            if not hasattr(Tensor, name[:-1]):
                raise UnreadableNetwork(f"The network calls {name}, which overwrites a tensor.")
            node.target = name[:-1]
    return before != (node.target, node.args, dict(node.kwargs))


def _place_of_inplace(function: Any) -> int | None:
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # built in
        return None
    return names.index("inplace") if "inplace" in names else None


def _hand_on_what_was_written(node: fx.Node, order: Mapping[fx.Node, int]) -> None:
    """Let all that reads the input of an in-place node afterwards read the node's result."""
    written = node.args[0] if node.args else node.kwargs.get("input")
    if isinstance(written, fx.Node):
        for reader in list(written.users):
            if order[reader] > order[node]:
                reader.replace_input_with(written, node)


class _Reader:
    """Turns an fx graph into a plan; lives for one reading."""

    def __init__(
        self,
        module: nn.Module,
        scopes: Mapping[str, tuple[str, Any]],
        names: Mapping[str, str],
    ) -> None:
        self.module = module
        self.scopes = scopes
        self.names = names
        self.modules = dict(module.named_modules())
        self.parameters = {path for path, _ in module.named_parameters(remove_duplicate=False)}
        self.buffers = {path for path, _ in module.named_buffers(remove_duplicate=False)}
        self.name_of: dict[fx.Node, str] = {}
        self.attribute_of: dict[fx.Node, str] = {}

    def plan(self, graph: fx.Graph) -> Plan:
        """Walk the graph once."""
        steps: list[PlannedStep] = []
        order = {node: number for number, node in enumerate(graph.nodes)}
        for node in graph.nodes:
            if _make_out_of_place(node, self.modules):
                _hand_on_what_was_written(node, order)
            if node.op == "placeholder":
                if steps and not node.args:
                    raise UnreadableNetwork("The network must take exactly one picture.")
                steps.append(self._placeholder(node, first=not steps))
            elif node.op == "get_attr":
                steps.append(self._attribute(node))
            elif node.op == "output":
                steps.extend(self._ending(node, steps[-1]))
            else:
                steps.append(self._call(node))
        return Plan(tuple(steps))

    def _call(self, node: fx.Node) -> PlannedStep:
        function: Any
        if node.op == "call_module":
            path = str(node.target)
            leaf = _out_of_place(self.modules[path])
            operation, settings = describe_module(leaf)
            name = self._unique(node, self.names.get(path, path))
            parameters = tuple(f"{path}.{part}" for part, _ in leaf.named_parameters())
            buffers = tuple(f"{path}.{part}" for part, _ in leaf.named_buffers())
            function, block = leaf.forward, block_of(path.rpartition(".")[0], self.modules)
        else:
            scope = self.scopes[node.name][0]
            operation, settings = describe_function(node)
            verb = str(node.target if node.op == "call_method" else node.target.__name__)  # type: ignore[union-attr]
            name = self._unique(node, f"{scope}.{verb}" if scope else verb)
            read = [
                self.attribute_of[parent]
                for parent in node.all_input_nodes
                if parent in self.attribute_of
            ]
            parameters = tuple(path for path in read if path in self.parameters)
            buffers = tuple(path for path in read if path in self.buffers)
            function, block = node.target, block_of(scope, self.modules)
        return PlannedStep(
            name=name,
            operation=operation,
            settings=settings,
            inputs=tuple(self.name_of[parent] for parent in node.all_input_nodes),
            block=block,
            parameters=parameters,
            run=self._runner(node, function),
            buffers=buffers,
        )

    def _runner(self, node: fx.Node, function: Any) -> Callable[[Values], Any]:
        names = self.name_of
        if node.op == "call_method":
            verb = str(node.target)

            def function(value: Any, *args: Any, **kwargs: Any) -> Any:
                return getattr(value, verb)(*args, **kwargs)

        if len(node.args) == 1 and isinstance(node.args[0], fx.Node) and not node.kwargs:
            source = names[node.args[0]]
            return lambda values: function(values[source])

        def run(values: Values) -> Any:
            def look_up(parent: fx.Node) -> Any:
                return values[names[parent]]

            args = fx.node.map_arg(node.args, look_up)
            kwargs = fx.node.map_arg(node.kwargs, look_up)
            return function(*args, **kwargs)

        return run

    def _placeholder(self, node: fx.Node, first: bool) -> PlannedStep:
        if first:
            name = self._unique(node, INPUT)
            return PlannedStep(name, Operation.INPUT, {}, (), None, (), lambda values: values[name])
        default = node.args[0]
        return PlannedStep(
            self._unique(node, str(node.target)), None, {}, (), None, (), lambda values: default
        )

    def _attribute(self, node: fx.Node) -> PlannedStep:
        path = str(node.target)
        self.attribute_of[node] = path
        home, _, attribute = path.rpartition(".")
        owner = self.module.get_submodule(home)
        return PlannedStep(
            self._unique(node, path),
            None,
            {},
            (),
            None,
            (),
            lambda values: getattr(owner, attribute),
        )

    def _ending(self, node: fx.Node, last: PlannedStep) -> Iterator[PlannedStep]:
        if len(node.all_input_nodes) != 1 or not isinstance(node.args[0], fx.Node):
            raise UnreadableNetwork("The network must return one tensor of logits.")
        if last.operation is not Operation.SOFTMAX:
            result = self.name_of[node.args[0]]
            yield PlannedStep(
                name=self._unique(node, "softmax"),
                operation=Operation.SOFTMAX,
                settings={"dim": 1},
                inputs=(result,),
                block=None,
                parameters=(),
                run=lambda values: torch.softmax(values[result], dim=1),
            )

    def _unique(self, node: fx.Node, wanted: str) -> str:
        """Name a node; a module that is used again gets a number."""
        taken = set(self.name_of.values())
        name, count = wanted, 1
        while name in taken:
            count += 1
            name = f"{wanted}_{count}"
        self.name_of[node] = name
        return name


def block_of(scope: str, modules: Mapping[str, nn.Module]) -> str | None:
    """Return the outermost module around the path `scope` that is more than a row of modules."""
    parts = scope.split(".") if scope else []
    for end in range(1, len(parts) + 1):
        path = ".".join(parts[:end])
        if not isinstance(modules[path], nn.Sequential | nn.ModuleList | nn.ModuleDict):
            return path
    return None


def _out_of_place(leaf: nn.Module) -> nn.Module:
    """Return the module, or a copy that does not overwrite its input."""
    if getattr(leaf, "inplace", False):
        leaf = copy.copy(leaf)
        leaf.inplace = False  # type: ignore[assignment]
    return leaf
