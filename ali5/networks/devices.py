"""Where the arithmetic happens: CUDA, then Apple's MPS, then the CPU."""

from __future__ import annotations

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


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that an accelerator's memory is full."""
    # MPS raises a plain RuntimeError: "MPS backend out of memory".
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "out of memory" in str(error)
    )


def out_of_memory_note(device: torch.device) -> str:
    """Say that something ran on the CPU because a device is full."""
    return f"The memory of {device.type.upper()} is full, so this ran on the CPU."
