"""Write the steps of a network down while it runs, where its graph cannot be read beforehand.

A forward pass that looks at the values of its tensors, or loops as often as they say, has no graph
that holds for every picture. So every call is recorded as it happens (`TorchFunctionMode`), and the
result is copied at once, before a later in-place call can overwrite it. Known layers (`nn.Conv2d`
and so on) are one step each, as in a graph.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)
from torch.overrides import TorchFunctionMode

from ali5.errors import UnreadableNetwork
from ali5.graph.kinds import Operation
from ali5.graph.operations import describe_call, describe_module
from ali5.graph.plan import INPUT, PlannedStep, block_of

_TRANSPARENT = frozenset(
    {"__get__", "contiguous", "to", "float", "detach", "clone", "type_as", "requires_grad_"}
)
"""Calls that hand on what they got: no steps of their own."""


def capture(
    module: nn.Module, image: Tensor, *, gradients: bool = False
) -> tuple[tuple[PlannedStep, ...], list[Any]]:
    """Run a module in evaluation mode on one prepared picture and keep what every step gave.

    Args:
        module: Takes one tensor [1, C, H, W] and returns logits [1, classes]. Not changed.
        image: The prepared picture, on the module's device.
        gradients: Whether the values can be differentiated; they are inference tensors otherwise.

    Returns:
        The steps in the order of execution, the prepared picture first and the softmax last, and
        the value of each.

    Raises:
        UnreadableNetwork: It does not return one tensor of logits, or they cannot be followed back
            to the picture.
    """
    recorder = _Recorder(module)
    recorder.add(INPUT, Operation.INPUT, {}, (), (), image, block=None)
    recorder.known[id(image)] = (INPUT,)
    mode = torch.enable_grad if gradients else torch.inference_mode
    with mode(), recorder.watching(), recorder:
        result = module(image)
    if not isinstance(result, Tensor) or result.ndim != 2 or result.shape[0] != 1:
        raise UnreadableNetwork(
            f"{type(module).__name__} must return one tensor of logits, [1, classes]."
        )
    sources = recorder.known.get(id(result))
    if sources is None:
        raise UnreadableNetwork(
            f"What {type(module).__name__} returns cannot be followed back to the picture. Make it "
            "with PyTorch's functions from the tensor that it gets."
        )
    if recorder.steps[-1].operation is not Operation.SOFTMAX:
        with mode():
            shares = torch.softmax(result, dim=1)
        recorder.add("softmax", Operation.SOFTMAX, {"dim": 1}, sources, (), shares, block=None)
    return tuple(recorder.steps), recorder.values


def captured_logits(module: nn.Module, image: Tensor, *, gradients: bool = False) -> Tensor:
    """Return the logits that `capture` finds: what goes into the softmax at the end, [1, classes].

    Raises:
        UnreadableNetwork: As for `capture`.
    """
    steps, values = capture(module, image, gradients=gradients)
    place = [step.name for step in steps].index(steps[-1].inputs[0])
    logits: Tensor = values[place]
    return logits


class _Recorder(TorchFunctionMode):
    """Lives for one run; only the thread that made it is recorded."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.steps: list[PlannedStep] = []
        self.values: list[Any] = []
        self.known: dict[int, tuple[str, ...]] = {}
        self._names: set[str] = set()
        self._modules = dict(module.named_modules())
        self._path_of = {id(each): path for path, each in self._modules.items()}
        self._parameter_of = {id(each): path for path, each in module.named_parameters()}
        self._buffer_of = {id(each): path for path, each in module.named_buffers()}
        self._alive: list[Any] = []  # an id must not be given to another tensor meanwhile
        self._stack: list[str] = []
        self._inside: str | None = None
        self._thread = threading.get_ident()

    def add(
        self,
        wanted: str,
        operation: Operation | None,
        settings: Mapping[str, Any],
        inputs: tuple[str, ...],
        parameters: tuple[str, ...],
        value: Tensor,
        block: str | None,
        buffers: tuple[str, ...] = (),
    ) -> str:
        """Note a step; return its name."""
        name, count = wanted, 1
        while name in self._names:
            count += 1
            name = f"{wanted}_{count}"
        self._names.add(name)
        copied = value.clone()
        self.steps.append(
            PlannedStep(
                name, operation, settings, inputs, block, parameters, lambda values: copied, buffers
            )
        )
        self.values.append(copied)
        return name

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if self._inside is None:
            self._note(func, args, kwargs or {}, result)
        return result

    def _note(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], result: Any
    ) -> None:
        given = [*_tensors(args), *_tensors(tuple(kwargs.values()))]
        sources = self._sources(given)
        if not sources:  # only weights and constants: nothing of the picture
            return
        name = getattr(func, "__name__", "step")
        if not isinstance(result, Tensor) or name in _TRANSPARENT:
            for part in _tensors((result,)):
                self._remember(part, sources)
            return
        operation, settings = describe_call(func, args, kwargs)
        if name in ("view", "reshape") and result.ndim == 2:
            operation = Operation.FLATTEN
        parameters, buffers = (
            tuple(dict.fromkeys(paths[id(each)] for each in given if id(each) in paths))
            for paths in (self._parameter_of, self._buffer_of)
        )
        scope = self._stack[-1] if self._stack else ""
        verb = name.strip("_")
        step = self.add(
            f"{scope}.{verb}" if scope else verb,
            operation,
            settings,
            sources,
            parameters,
            result,
            block_of(scope, self._modules),
            buffers,
        )
        self._remember(result, (step,))

    def _sources(self, tensors: list[Tensor]) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(name for each in tensors for name in self.known.get(id(each), ()))
        )

    def _remember(self, value: Tensor, steps: tuple[str, ...]) -> None:
        self.known[id(value)] = steps
        self._alive.append(value)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Know which module runs, for as long as the block lasts; nothing is left on the module."""
        handles = (
            register_module_forward_pre_hook(self._enter),
            register_module_forward_hook(self._leave, with_kwargs=True, always_call=True),
        )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, module: nn.Module, args: tuple[Any, ...]) -> None:
        path = self._path_of.get(id(module))
        if path is None or threading.get_ident() != self._thread:
            return
        self._stack.append(path)
        if self._inside is None and describe_module(module)[0] is not Operation.OTHER:
            self._inside = path

    def _leave(
        self,
        module: nn.Module,
        args: tuple[Any, ...],
        kwargs: dict[str, Any] | None,  # after an error there is None here, and no result
        result: Any = None,
    ) -> None:
        path = self._path_of.get(id(module))
        if path is None or threading.get_ident() != self._thread:
            return
        self._stack.pop()
        if self._inside != path:
            return
        self._inside = None
        sources = self._sources(_tensors((*args, *(kwargs or {}).values())))
        if isinstance(result, Tensor) and sources:
            operation, settings = describe_module(module)
            parameters = tuple(f"{path}.{part}" for part, _ in module.named_parameters())
            buffers = tuple(f"{path}.{part}" for part, _ in module.named_buffers())
            block = block_of(path.rpartition(".")[0], self._modules)
            step = self.add(path, operation, settings, sources, parameters, result, block, buffers)
            self._remember(result, (step,))


def _tensors(values: tuple[Any, ...]) -> list[Tensor]:
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found.extend(_tensors(tuple(value)))
    return found
