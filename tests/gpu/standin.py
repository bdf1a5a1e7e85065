"""A stand-in for a GPU on a machine without one: tensors that say "cuda" and compute on the CPU.

It is made like PyTorch's own fake tensors, but with numbers inside: so what depends on the numbers
runs as it would, gradients too, and gives what the CPU gives. PyTorch's C++ sees the meta device,
whose gradients need no driver; Python sees "cuda". As on a GPU, tensors of two devices in one
operation are refused, but for single numbers and indices, and so is NumPy; as on Apple's, so are 64
bits. Whatever makes Python wait for the GPU, a copy to the CPU or a number, is written down with
the place that asked for it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._mode_utils import no_dispatch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

CUDA, META, CPU = torch.device("cuda"), torch.device("meta"), torch.device("cpu")

_aten = torch.ops.aten

_TAKES_INDICES = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_"}
"""They take their indices from the CPU, too: what is indexed comes first."""

_WAITS = {
    "aten::_local_scalar_dense": "reads a number",
    "aten::equal": "reads a number",
    "aten::nonzero": "asks how many there are",
    "aten::masked_select": "asks how many there are",
    "aten::_unique2": "asks how many there are",
    "aten::unique_dim": "asks how many there are",
    "aten::unique_consecutive": "asks how many there are",
}
"""What Python waits for, by the name of the operation."""


class OnCuda(Tensor):
    """A tensor that says that it is on the GPU; its numbers are in the CPU's memory."""

    device = torch.device("cuda", 0)  # type: ignore[assignment]
    is_cuda = True  # type: ignore[assignment]
    is_cpu = False  # type: ignore[assignment]
    is_meta = False  # type: ignore[assignment]
    inside: Tensor

    @staticmethod
    def __new__(cls, inside: Tensor) -> OnCuda:
        made: OnCuda = torch.Tensor._make_subclass(  # type: ignore[attr-defined]
            cls, inside, inside.requires_grad, dispatch_device=True, device_for_backend_keys=META
        )
        made.inside = inside
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"{self.inside!r} on the stand-in"

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if id(self) not in memo:
            made: Tensor = OnCuda(self.inside.detach().clone())
            if isinstance(self, nn.Parameter):
                made = nn.Parameter(made, self.requires_grad)
            memo[id(self)] = made
        found: Tensor = memo[id(self)]
        return found

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func is torch.ops.prim.device.default:
            return META
        raise AssertionError(f"{func} on a tensor of the stand-in, outside of it")


class StandIn:
    """What happened on the stand-in.

    Attributes:
        on_meta: Whether Python has asked for the meta device itself.
        full: Whether there is no memory left on it.
        waits: How often a place of the engine waited for it, by "module:function" and what for.
    """

    def __init__(self) -> None:
        self.on_meta = False
        self.full = False
        self.waits: Counter[tuple[str, str]] = Counter()

    def note(self, what: str) -> None:
        """Write down that the innermost function of the engine waited."""
        self.waits[_place(), what] += 1


_COUNTS = ("torch.nn.modules.batchnorm",)
"""PyTorch's own that read numbers: a normalisation that counts its batches."""


def _place() -> str:
    """Return the innermost place in `ali5` that is on the way here."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        # What a user's module does passes through the recorder.
        if name in _COUNTS or (name.startswith("ali5.") and name != "ali5.graph.capture"):
            return f"{name.removeprefix('ali5.')}:{_whole_function(frame.f_code.co_qualname)}"
        frame = frame.f_back  # type: ignore[assignment]
    return "outside the engine"


def _whole_function(name: str) -> str:
    """Return the name of the function, or method, that others are defined in."""
    return name.partition(".<locals>")[0]


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Let "cuda" be a device as long as the block lasts."""
    standin = StandIn()
    with (
        mock.patch.object(torch, "Generator", _Generator),
        mock.patch.object(torch.cuda, "is_available", _asked_by_the_engine),
        _Operations(standin),
        _Calls(standin),
    ):
        yield standin


_generator = torch.Generator


class _Generator:
    """Draws on the CPU for the stand-in, too."""

    def __new__(cls, device: str | torch.device = "cpu") -> torch.Generator:  # type: ignore[misc]
        return _generator()


class _Operations(TorchDispatchMode):
    """Sees every operation: refuses mixtures, computes, and says where the result is."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # to ask it would load PyTorch's compiler, which takes seconds

    def __init__(self, standin: StandIn) -> None:
        super().__init__()
        self._standin = standin

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.ops.prim.device.default:
            return META
        given = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
        here = any(isinstance(each, OnCuda) for each in given)
        name = func._schema.name
        if self._standin.on_meta:
            return func(*args, **kwargs)
        wanted, args, kwargs = _take_device(func, args, kwargs)
        stays = here if wanted is None else torch.device(wanted) == META
        if name == "aten::copy_":
            if isinstance(args[1], OnCuda) and not isinstance(args[0], OnCuda):
                self._standin.note("copies to the CPU")
            stays = isinstance(args[0], OnCuda)
        elif here:
            _refuse_mixtures(func, name, args, given)
            if not stays:
                self._standin.note("copies to the CPU")
            elif name in _WAITS:
                self._standin.note(_WAITS[name])
            elif name in _TAKES_INDICES and any(
                isinstance(each, OnCuda) and each.dtype == torch.bool
                for each in tree_leaves(args[1])
            ):
                self._standin.note("asks how many there are")
        result = func(*tree_map(_inside, args), **tree_map(_inside, kwargs))
        if torch.Tag.inplace_view in func.tags and here:
            with no_dispatch():  # of what stands for it, too
                func(*args, **kwargs)
        for each in given:
            if _inside(each) is result:  # it was changed in place, or nothing had to be done
                if isinstance(each, OnCuda) == stays:
                    return each
                result = result.clone()  # on the other device it is another one
        if stays and self._standin.full and _takes_memory(result, given):
            raise torch.OutOfMemoryError(f"CUDA out of memory. ({name})")
        if stays and isinstance(result, Tensor) and result.dtype == torch.float64:
            raise TypeError(f"There are no 64 bits here, as on Apple's accelerators ({name})")
        return tree_map(_on_cuda, result) if stays else result


def _takes_memory(result: Any, given: list[Tensor]) -> bool:
    """Tell whether a result is more than another look at what was given."""
    there = {each.untyped_storage().data_ptr() for each in map(_inside, given)}
    made = [each for each in tree_leaves(result) if isinstance(each, Tensor)]
    return any(each.untyped_storage().data_ptr() not in there for each in made)


def _take_device(
    func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """Return the device that an operation is told, and its arguments with what is inside."""
    without_numbers = any(isinstance(each, OnCuda) and each.inside.is_meta for each in args)
    home = META if without_numbers else CPU
    if kwargs.get("device") is not None:
        return kwargs["device"], args, kwargs | {"device": home}
    names = [each.name for each in func._schema.arguments[: len(args)]]
    place = names.index("device") if "device" in names else -1
    if place < 0 or args[place] is None:
        return None, args, kwargs
    return args[place], (*args[:place], home, *args[place + 1 :]), kwargs


def _asked_by_the_engine() -> bool:
    """Say that there is CUDA, but not to PyTorch itself, which would look for its driver."""
    return str(sys._getframe(1).f_globals.get("__name__", "")).startswith("ali5.")


def _refuse_mixtures(func: Any, name: str, args: tuple[Any, ...], given: list[Tensor]) -> None:
    if name in _TAKES_INDICES:
        given = [args[0], *args[2:3]]
    others = [each for each in given if isinstance(each, Tensor) and not isinstance(each, OnCuda)]
    if any(each.ndim or torch.Tag.pointwise not in func.tags for each in others):
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, cuda "
            f"and cpu! ({name})"
        )


def _inside(value: Any) -> Any:
    return value.inside if isinstance(value, OnCuda) else value


def _on_cuda(value: Any) -> Any:
    return OnCuda(value) if isinstance(value, Tensor) and not isinstance(value, OnCuda) else value


class _Calls(TorchFunctionMode):
    """Sees what Python calls: tells PyTorch "meta" where "cuda" is said."""

    def __init__(self, standin: StandIn) -> None:
        super().__init__()
        self._standin = standin

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.device:
            return func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        self_ = args[0] if args and isinstance(args[0], OnCuda) else None
        if self_ is not None and name in ("numpy", "__array__"):
            raise TypeError(
                "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the "
                "tensor to host memory first."
            )
        if self_ is not None and name == "tolist":
            self._standin.note("reads numbers")
            return self_.inside.tolist()
        if name in ("tensor", "as_tensor", "new_tensor"):
            return self._from_data(func, self_, args, kwargs)
        if self_ is not None and name in ("__getitem__", "__setitem__"):
            args = (self_, _with_tensors(args[1]), *args[2:])
        if str(kwargs.get("device")) == "meta":
            self._standin.on_meta = True
            try:
                return func(*args, **kwargs)
            finally:
                self._standin.on_meta = False
        args = tuple(_as_meta(each) for each in args)
        return func(*args, **{key: _as_meta(value) for key, value in kwargs.items()})

    def _from_data(self, func: Any, self_: Tensor | None, args: Any, kwargs: Any) -> Any:
        """Make a tensor of Python's numbers, which C++ would not do on the meta device."""
        device = kwargs.pop("device", None)
        on_cuda = self_ is not None if device is None else torch.device(device).type == "cuda"
        if self_ is not None:
            kwargs.setdefault("dtype", self_.dtype)
            func, args = torch.tensor, args[1:]
        made = func(*args, **kwargs)
        return made.to(META) if on_cuda and not isinstance(made, OnCuda) else made


def _with_tensors(index: Any) -> Any:
    """Return an index whose lists and arrays are tensors, which C++ would not make of them here."""
    if isinstance(index, tuple):
        return tuple(_with_tensors(each) for each in index)
    return torch.as_tensor(index) if isinstance(index, list | np.ndarray) else index


def _as_meta(value: Any) -> Any:
    said = isinstance(value, torch.device) and value.type == "cuda"
    return META if said or (isinstance(value, str) and value.startswith("cuda")) else value
