"""Where the arithmetic happens: CUDA, then Apple's MPS, then the CPU; and what if one is full."""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

import torch

from ali5.errors import DeviceError, TooLarge

Result = TypeVar("Result")
Given = ParamSpec("Given")


class OnDevice(Protocol):
    """Something with tensors, all on one device."""

    @property
    def device(self) -> torch.device:
        """Where it is."""

    @property
    def on_cpu(self: Here) -> Here:
        """The same on the CPU; it takes no memory of an accelerator to make it."""


Here = TypeVar("Here", bound=OnDevice)


def pick_device(name: str = "auto") -> torch.device:
    """Return the device of that name, or the fastest one there is for "auto".

    Raises:
        DeviceError: The device does not exist here.
    """
    available = ["cpu"]
    if torch.backends.mps.is_available():
        available.insert(0, "mps")
    if torch.cuda.is_available():
        available.insert(0, "cuda")
    if name == "auto":
        return torch.device(available[0])
    if name not in available:
        raise DeviceError(
            f"There is no device '{name}' here. Choose one of: auto, {', '.join(available)}."
        )
    return torch.device(name)


_FULL = ("out of memory", "can't allocate memory", "not enough memory", "STATUS_ALLOC_FAILED")
"""What a plain RuntimeError says: MPS, the CPU on Linux and macOS, and on Windows, and CUDA's
libraries."""


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that the memory of an accelerator or of the computer is full."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in _FULL)
    )


_makers_of_room: list[Callable[[], object]] = []


def ask_for_room(make_room: Callable[[], object]) -> None:
    """Call `make_room` when memory is full, to let go of what can be made again; each once."""
    if make_room not in _makers_of_room:
        _makers_of_room.append(make_room)


AGAIN_S = 5.0
"""So soon after all was let go of there is nothing more, and to look for it takes long."""

_made_room_at = -math.inf


def make_room() -> bool:
    """Let go of what can be made again; tell whether anybody keeps anything of that kind."""
    global _made_room_at
    if time.monotonic() - _made_room_at < AGAIN_S:
        return False
    for make in _makers_of_room:
        make()
    _made_room_at = time.monotonic()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
    return bool(_makers_of_room)


def with_room(run: Callable[[Here], Result], on: Here) -> Result:
    """Return `run(on)`; if memory runs out, of the same on the CPU, and warn.

    Before that, whatever can be made again is let go of, and `run` has another try.

    Args:
        run: Computes something on the device of what it is given.
        on: Only read.

    Raises:
        TooLarge: The computer's own memory is full.
    """
    for here in _tries(on):
        try:
            return run(here)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
    raise TooLarge(full_in_words())


def _with_room_for_each(run: Callable[[Here], Iterator[Result]], on: Here) -> Iterator[Result]:
    """Yield what `run(on)` does; if memory runs out, go on where it was, as `with_room` does."""
    given = 0
    for here in _tries(on):
        try:
            for each in itertools.islice(run(here), given, None):
                given += 1
                yield each
            return
        except Exception as error:
            if not is_out_of_memory(error):
                raise
    raise TooLarge(full_in_words())


def _tries(on: Here) -> Iterator[Here]:
    """Yield where to compute; a warning says that it is the CPU instead.

    It is asked for the next one outside of the handling of an error: as long as that is handled, it
    holds all that was made.
    """
    yield on
    if make_room():
        yield on
    if on.device.type != "cpu":
        warnings.warn(out_of_memory_note(on.device), RuntimeWarning, stacklevel=2)
        yield on.on_cpu


def meets_full_memory(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Let a function of traces, steps or networks compute `with_room`.

    A generator goes on where it was.
    """
    way: Callable[..., Any] = with_room
    if inspect.isgeneratorfunction(function):
        way = _with_room_for_each

    @functools.wraps(function)
    def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        result: Result = way(_Call.run, _Call(function, args, kwargs))
        return result

    return guarded


@dataclass(frozen=True)
class Place:
    """A device to begin on, where there is nothing yet to move."""

    device: torch.device

    @property
    def on_cpu(self) -> Place:
        """The CPU instead."""
        return Place(torch.device("cpu"))


@dataclass(frozen=True, eq=False)
class _Call(Generic[Result]):
    """A call of a function with what is on a device among its arguments."""

    function: Callable[..., Result]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def run(self) -> Result:
        return self.function(*self.args, **self.kwargs)

    @property
    def device(self) -> torch.device:
        devices = [each.device for each in (*self.args, *self.kwargs.values()) if _can_move(each)]
        return next((each for each in devices if each.type != "cpu"), torch.device("cpu"))

    @property
    def on_cpu(self) -> _Call[Result]:
        kwargs = {name: _on_cpu(each) for name, each in self.kwargs.items()}
        return _Call(self.function, tuple(map(_on_cpu, self.args)), kwargs)


def _can_move(value: object) -> bool:
    return hasattr(type(value), "on_cpu")  # to ask the value itself would move it


def _on_cpu(value: Any) -> Any:
    return value.on_cpu if _can_move(value) else value


def full_in_words() -> str:
    """Say that there is no memory left, and what to do."""
    return (
        "The memory of this computer is full, so this could not be computed. Close other programs, "
        "or choose a smaller network."
    )


def out_of_memory_note(device: torch.device) -> str:
    """Say that something ran on the CPU because a device is full."""
    return f"The memory of {device.type.upper()} is full, so this ran on the CPU."
