"""Where the arithmetic happens: CUDA, then Apple's MPS, then the CPU."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ali5.errors import DeviceError


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


_FULL = ("out of memory", "can't allocate memory", "not enough memory")
"""What a plain RuntimeError says: MPS, and the CPU on Linux and macOS, and on Windows."""


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


def make_room() -> bool:
    """Let go of what can be made again; tell whether anybody keeps anything of that kind."""
    for make in _makers_of_room:
        make()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return bool(_makers_of_room)


def full_in_words() -> str:
    """Say that there is no memory left, and what to do."""
    return (
        "The memory of this computer is full, so this could not be computed. Close other programs, "
        "or choose a smaller network."
    )


def out_of_memory_note(device: torch.device) -> str:
    """Say that something ran on the CPU because a device is full."""
    return f"The memory of {device.type.upper()} is full, so this ran on the CPU."
