"""Run a network on one picture and keep what every step gave."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from ali5.errors import Ali5Error, ImageTooSmall, UnknownName
from ali5.graph.capture import capture
from ali5.graph.costs import multiply_adds
from ali5.graph.geometry import ReceptiveField, field_after
from ali5.graph.kinds import WEIGHTS, Operation, Settings
from ali5.graph.plan import PlannedStep
from ali5.networks.devices import out_of_memory_note
from ali5.networks.networks import Network, run_or_fall_back
from ali5.tracing.predictions import Prediction as Prediction


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """What one operation of the network made of its inputs.

    Attributes:
        name: The paper's name where it has one ("conv4_2"), otherwise the path of the module.
        operation: What it does.
        settings: Kernel size, stride, padding and so on, as PyTorch names them.
        inputs: Names of the steps it reads.
        block: The block it belongs to ("inception3a", "layer2.1"), if any.
        output: Shape [1, C, H, W], or [1, F] after flatten; raw activations, on the network's
            device. Clone it before computing gradients or changing it: it is an inference tensor,
            and others may look at it.
        weight: Filters [O, C / groups, h, w] or [O, F], if it has any: the network's own.
        bias: One number per output channel, if it adds any: the network's own.
        parameters: How many numbers it has learned.
        multiply_adds: Multiplications with additions for one picture.
        receptive_field: What one unit can see of the prepared picture, in pixels.
        buffers: Numbers that it has measured or was given, not learned, by their name: the
            "running_mean" and "running_var" of a batch normalisation; the network's own.
        seconds: How long it took in this one run; None where that is not known: on an accelerator,
            which works on while its answer is awaited, and for a network without a graph.
    """

    name: str
    operation: Operation
    settings: Settings
    inputs: tuple[str, ...]
    block: str | None
    output: Tensor
    weight: Tensor | None
    bias: Tensor | None
    parameters: int
    multiply_adds: int
    receptive_field: ReceptiveField
    buffers: Mapping[str, Tensor] = field(default_factory=dict)
    seconds: float | None = None

    def __repr__(self) -> str:
        return f"<Step {self.name}: {self.operation}, {list(self.shape)}>"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the output."""
        return tuple(self.output.shape)

    @property
    def device(self) -> torch.device:
        """Where its output is."""
        return self.output.device

    @property
    def on_cpu(self) -> Step:
        """The same step on the CPU; this one stays where it is."""
        return self._moved(Tensor.cpu)

    def _moved(self, moved: Callable[[Tensor], Tensor]) -> Step:
        return replace(
            self,
            output=self.output.cpu(),
            weight=None if self.weight is None else moved(self.weight),
            bias=None if self.bias is None else moved(self.bias),
            buffers={name: moved(value) for name, value in self.buffers.items()},
        )


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """One picture's way through one network.

    Attributes:
        network: What it went through.
        steps: In execution order: the prepared picture first, the softmax last.
        notes: What a visitor should know about this run, one sentence each.
    """

    network: Network
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    _by_name: dict[str, Step] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {step.name: step for step in self.steps})

    def __repr__(self) -> str:
        return f"<Trace of {len(self.steps)} steps through {self.network!r}>"

    def __getitem__(self, name: str) -> Step:
        """Return the step of that name.

        Raises:
            UnknownName: There is no such step; offers the nearest one.
        """
        if name not in self._by_name:
            raise UnknownName("step", name, self._by_name)
        return self._by_name[name]

    @property
    def device(self) -> torch.device:
        """Where its network is."""
        return self.network.device

    @property
    def on_cpu(self) -> Trace:
        """The same trace on the CPU, with a note; this one stays where it is."""
        network, note = self.network.on_cpu, out_of_memory_note(self.device)
        pairs = zip(_weights_of(self.network), _weights_of(network), strict=True)
        known = {here.data_ptr(): there.detach() for here, there in pairs}

        def moved(value: Tensor) -> Tensor:
            found = known.get(value.data_ptr())  # a step has the network's own weights
            return value.cpu() if found is None or found.shape != value.shape else found

        return replace(
            self,
            network=network,
            steps=tuple(step._moved(moved) for step in self.steps),
            notes=self.notes if note in self.notes else (*self.notes, note),
        )

    @property
    def image(self) -> Tensor:
        """The prepared picture, [1, C, H, W]."""
        return self.steps[0].output

    @functools.cached_property
    def nbytes(self) -> int:
        """Memory that the outputs of all steps hold together, in bytes."""
        stores = {step.output.untyped_storage().data_ptr(): step.output for step in self.steps}
        return sum(output.untyped_storage().nbytes() for output in stores.values())

    def predictions(self, k: int = 5) -> tuple[Prediction, ...]:
        """Return the `k` most likely classes, most likely first; all of them if there are fewer.

        Raises:
            Ali5Error: `k` is less than one.
        """
        if k < 1:
            raise Ali5Error(f"{k} predictions cannot be shown. Ask for one or more.")
        softmax = self.steps[-1]
        probabilities = softmax.output[0].cpu()
        logits = self[softmax.inputs[0]].output[0].cpu()
        best = torch.topk(probabilities, min(k, len(probabilities))).indices.tolist()
        return tuple(
            Prediction(self.network.labels[i], float(probabilities[i]), float(logits[i]))
            for i in best
        )


def _weights_of(network: Network) -> Iterator[Tensor]:
    yield from network.module.parameters()
    yield from network.module.buffers()


def trace(
    network: Network,
    image: Image.Image | Tensor,
    progress: Callable[[int, int], None] | None = None,
) -> Trace:
    """Run `network` on one picture and keep the output of every step.

    The network is only read, so visitors may share it. If the accelerator runs out of memory the
    run is repeated on the CPU, and a note says so.

    Args:
        network: Its module must be in evaluation mode.
        image: An upright RGB picture of any size, which `network.prepare` resizes and normalises;
            or an already prepared tensor, [1, C, H, W].
        progress: Called before each step with its number and the count of all.

    Returns:
        Every step in execution order, functional ReLUs, sums and concatenations included.

    Raises:
        ImageTooSmall: A prepared tensor would vanish on the way; names the step.
        Ali5Error: The module is in training mode, or a prepared tensor does not fit it.
    """
    if any(part.training for part in network.module.modules()):
        raise Ali5Error("The network is in training mode. Call network.module.eval() first.")
    prepared = image if isinstance(image, Tensor) else network.prepare(image)
    _check(network, prepared)
    prepared = prepared.to(network.dtype)

    return run_or_fall_back(
        network, lambda on: _run(on, prepared, progress), "The network's forward pass failed"
    )


def _check(network: Network, prepared: Tensor) -> None:
    """Refuse a prepared tensor that no picture could have become."""
    preprocessing = network.edition.preprocessing
    channels, size = preprocessing.channels, preprocessing.size
    if (
        prepared.ndim != 4
        or prepared.shape[:2] != (1, channels)
        or not prepared.is_floating_point()
    ):
        raise Ali5Error(
            f"A prepared picture for this network is a float tensor of shape [1, {channels}, "
            f"{size}, {size}], not {prepared.dtype} {list(prepared.shape)}. "
            "Use network.prepare(image)."
        )


def _run(
    network: Network,
    prepared: Tensor,
    progress: Callable[[int, int], None] | None,
) -> Trace:
    seconds: Sequence[float | None]
    if network.readable:
        planned_steps, values, seconds = _walk(network, prepared, progress)
    else:
        image = prepared.to(network.device, copy=True)
        planned_steps, values = capture(network.module, image)
        seconds = [None] * len(values)
    facts = _known_facts(network, planned_steps, values)
    steps = tuple(
        Step(
            name=planned.name,
            operation=known.operation,
            settings=known.settings,
            inputs=known.inputs,
            block=planned.block,
            output=value,
            weight=known.weight,
            bias=known.bias,
            parameters=known.parameters,
            multiply_adds=known.multiply_adds,
            receptive_field=known.receptive_field,
            buffers=known.buffers,
            seconds=duration,
        )
        for planned, value, duration, known in zip(
            planned_steps, values, seconds, facts, strict=True
        )
        if known is not None
    )
    return Trace(network, steps, network.notes)


def _walk(
    network: Network, prepared: Tensor, progress: Callable[[int, int], None] | None
) -> tuple[tuple[PlannedStep, ...], list[Any], list[float | None]]:
    """Run the graph of a network, node by node; return the values and how long each took."""
    plan = network.plan
    values: list[Any] = []
    seconds: list[float | None] = []
    waits = network.device.type == "cpu"
    with torch.inference_mode():
        # A clone, so that not even the picture of the first step can be changed from outside.
        running = plan.execute(prepared.to(network.device, copy=True))
        for number, planned in enumerate(plan.steps):
            if progress is not None:
                progress(number, len(plan.steps))
            start = time.perf_counter()
            values.append(_next_value(running, planned, prepared))
            seconds.append(time.perf_counter() - start if waits else None)
    return plan.steps, values, seconds


def _next_value(
    running: Iterator[tuple[PlannedStep, Any]], planned: PlannedStep, prepared: Tensor
) -> Any:
    try:
        return next(running)[1]
    except RuntimeError as error:
        height, width = prepared.shape[-2:]
        if "too small" in str(error) or "greater than actual input size" in str(error):
            raise ImageTooSmall(
                f"A picture of {width} x {height} pixels vanishes at step '{planned.name}': there "
                "is nothing left to move the window over. Give a larger one."
            ) from error
        if "cannot be multiplied" in str(error):
            raise Ali5Error(
                f"A picture of {width} x {height} pixels does not fit step '{planned.name}', whose "
                "weights are for another size. Use network.prepare(image)."
            ) from error
        raise


@dataclass(frozen=True, eq=False)
class _Facts:
    """What is the same for every picture of one size."""

    operation: Operation
    settings: Settings
    inputs: tuple[str, ...]
    weight: Tensor | None
    bias: Tensor | None
    parameters: int
    multiply_adds: int
    receptive_field: ReceptiveField
    buffers: Mapping[str, Tensor]
    shape: torch.Size


def _known_facts(
    network: Network, steps: Sequence[PlannedStep], values: Sequence[Any]
) -> tuple[_Facts | None, ...]:
    """Return the facts of each planned step, worked out once for each shape of the picture."""
    if not network.readable:  # its steps may be others for another picture
        return _facts(network.module, steps, values)
    known, shape = network.plan.facts, tuple(values[0].shape)
    if shape not in known:
        known[shape] = _facts(network.module, steps, values)
    facts: tuple[_Facts | None, ...] = known[shape]
    return facts


def _facts(
    module: nn.Module, steps: Sequence[PlannedStep], values: Sequence[Any]
) -> tuple[_Facts | None, ...]:
    """Work out the facts of each planned step; None for those that cannot be shown.

    That is what gives no tensor of its own, or none that is maps [1, C, H, W] or a vector [1, F].
    """
    facts: dict[str, _Facts | None] = {}
    # Steps behind each node, for nodes that are no steps themselves, such as x.size(0).
    behind: dict[str, tuple[str, ...]] = {}
    counted: set[str] = set()
    given = {planned.name: value for planned, value in zip(steps, values, strict=True)}
    for planned, value in zip(steps, values, strict=True):
        inputs = tuple(dict.fromkeys(name for parent in planned.inputs for name in behind[parent]))
        behind[planned.name] = inputs
        facts[planned.name] = None
        first = planned.operation is Operation.INPUT
        if planned.operation is None or not _can_be_shown(value) or not (inputs or first):
            continue
        behind[planned.name] = (planned.name,)
        constants = [given[name] for name in planned.inputs if name in given and not behind[name]]
        weight, bias = _weight_and_bias(module, planned, constants, value.shape[1])
        settings = planned.settings
        if planned.operation is Operation.CONVOLUTION and weight is not None:
            settings = {"kernel_size": tuple(weight.shape[2:]), **settings}
        sources = [known for name in inputs if (known := facts[name]) is not None]
        facts[planned.name] = _Facts(
            operation=planned.operation,
            settings=settings,
            inputs=inputs,
            weight=weight,
            bias=bias,
            parameters=sum(
                module.get_parameter(path).numel()
                for path in planned.parameters
                if path not in counted
            ),
            multiply_adds=multiply_adds(
                planned.operation, None if weight is None else weight.shape, value.shape
            ),
            receptive_field=field_after(
                planned.operation,
                settings,
                [(source.receptive_field, source.shape) for source in sources],
                value.shape,
                values[0].shape,
            ),
            buffers={path.rpartition(".")[2]: module.get_buffer(path) for path in planned.buffers},
            shape=value.shape,
        )
        counted.update(planned.parameters)
    return tuple(facts.values())


def _can_be_shown(value: Any) -> bool:
    return isinstance(value, Tensor) and value.ndim in (2, 4) and value.shape[0] == 1


def _weight_and_bias(
    module: nn.Module, planned: PlannedStep, constants: Sequence[Any], channels: int
) -> tuple[Tensor | None, Tensor | None]:
    """Return the weight and the bias of a step: among its parameters, or what was made of some."""
    found = {path: module.get_parameter(path).detach() for path in planned.parameters}
    if planned.operation is Operation.ADDITION:  # of a constant of the network's own
        added = [*found.values(), *(module.get_buffer(path) for path in planned.buffers)]
        if len(added) == 1 and added[0].numel() in (1, channels):
            return None, added[0].flatten().expand(channels)
        return None, None
    named = {path.rpartition(".")[2]: value for path, value in found.items()}
    weight, bias = named.get("weight"), named.get("bias")
    if weight is None and planned.operation and WEIGHTS[planned.operation] == "filters":
        # A function was called with parameters that have names of their own.
        tensors = [*found.values(), *(value for value in constants if isinstance(value, Tensor))]
        weight = next((value for value in tensors if value.ndim > 1), None)
        bias = next((value for value in tensors if value.ndim == 1), None)
    return weight, bias
