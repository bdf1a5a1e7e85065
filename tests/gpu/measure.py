"""What `python -m tests.gpu` measures: each function gives rows of its table."""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

import ali5
from ali5.networks.networks import Network
from ali5.pictures.samples import open_sample
from ali5.tracing.trace import trace
from ali5.tracing.walls import draw_wall
from tests.filled import filled_quickly
from tests.gpu.functions import (
    FUNCTIONS,
    KINDS,
    PICTURES,
    Function,
    Scene,
    known,
    moved,
    numbers_of,
)

ROUNDED = 2e-2
"""How far a GPU may be that rounds products to ten bits (TF32), as it does by itself."""

AIM_MS = 10
"""From a picture to all walls of ResNet-50, on a card such as an H200."""

CLOSE = 2
"""Levels, of 252, that a pixel of a wall may be off."""


@dataclass(frozen=True)
class Row:
    """One line of the table; what was not measured is None.

    Attributes:
        what: Was done.
        on: Which networks.
        cpu_ms: Median on the CPU.
        device_ms: On the device.
        difference: As a share of the numbers' root mean square.
        tolerance: The largest difference that may be.
        note: What else is to be said.
        holds: Whether it is as it should be.
    """

    what: str
    on: str
    cpu_ms: float | None = None
    device_ms: float | None = None
    difference: float | None = None
    tolerance: float | None = None
    note: str = ""
    holds: bool = True


def difference(found: Sequence[NDArray], expected: Sequence[NDArray]) -> float:
    """Return how far numbers are from what they should be; infinite if they cannot be compared.

    Whole numbers, places of a maximum for example, may turn at a tie: they are not compared.
    """
    if [each.shape for each in found] != [each.shape for each in expected]:
        return np.inf
    pairs = list(zip(found, expected, strict=True))
    single = [pair for pair in pairs if pair[1].dtype.kind == "f" and pair[1].ndim == 0]
    many = [pair for pair in pairs if pair[1].dtype.kind == "f" and pair[1].size > 1]
    if single:
        many.append((np.array([a for a, _ in single]), np.array([b for _, b in single])))
    off = [_share(a.astype(np.float64), b.astype(np.float64)) for a, b in many]
    for a, b in pairs:  # pixels of walls
        if b.dtype == np.uint8 and (abs(a.astype(int) - b) > CLOSE).mean() > 1e-3:
            off.append(np.inf)
    return max(off, default=0.0)


def _share(found: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    finite = np.isfinite(expected)
    if not np.array_equal(finite, np.isfinite(found)):
        return np.inf
    size = np.sqrt(np.mean(expected[finite] ** 2)) if finite.any() else 0.0
    off = np.sqrt(np.mean((found[finite] - expected[finite]) ** 2)) if finite.any() else 0.0
    return float(off / size) if size else float(off)


@contextmanager
def rounding(allowed: bool) -> Iterator[None]:
    """Let a GPU round products to ten bits, or not."""
    kept = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = allowed
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = kept


def median_ms(run: Callable[[], object], device: torch.device, times: int) -> float:
    """Run it once to warm up, then several times; return the median of these."""
    run()
    taken = []
    for _ in range(times):
        wait_for(device)
        start = time.perf_counter()
        run()
        wait_for(device)
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def wait_for(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def scene_on(name: str, device: torch.device) -> Scene:
    return Scene(moved(known(name), device), open_sample("cat"))


def tried(what: str, on: str, make: Callable[[], Row]) -> Row:
    """Return a row, or one that says why there is none: what fails does not end the others."""
    try:
        return make()
    except ImportError as error:
        return Row(what, on, note=f"needs {error.name}, which is not installed")
    except Exception as error:  # whatever a machine that nobody has tried has to say
        first = str(error).partition("\n")[0].replace("|", "/")
        return Row(what, on, note=f"{type(error).__name__}: {first}", holds=False)


# --- The rows ---------------------------------------------------------------------------------


def equalities(device: torch.device, networks: Sequence[str]) -> Iterator[Row]:
    """Say of all that the engine does how far it is from the CPU."""
    with rounding(False):
        for name, function in FUNCTIONS.items():
            on = [each for each in function.networks if each in networks]
            if on:
                make = partial(_equality, name, function, on, device)
                yield tried(name, ", ".join(on), make)


def _equality(name: str, function: Function, on: Sequence[str], device: torch.device) -> Row:
    off = 0.0
    for network in on:
        expected = list(numbers_of(function.run(Scene(known(network), open_sample("cat")))))
        found = list(numbers_of(function.run(scene_on(network, device))))
        off = max(off, difference(found, expected))
    return Row(
        name,
        ", ".join(on),
        difference=off,
        tolerance=function.tolerance,
        holds=off <= function.tolerance,
    )


def times(device: torch.device, networks: Sequence[str]) -> Iterator[Row]:
    """Trace a picture with every network in every edition, as it is by default."""
    with rounding(True):
        for name, architecture in ali5.catalog().items():
            for edition in architecture.editions if name in networks else ():
                make = partial(_time, name, edition, device)
                yield tried("prepared picture to trace", f"{name} {edition}", make)


def _time(name: str, edition: str, device: torch.device) -> Row:
    network = filled_quickly(name, edition)
    there = moved(network, device)
    prepared = network.prepare(open_sample("cat"))
    rounds = 3 if network.edition.multiply_adds > 1e8 else 10
    return Row(
        "prepared picture to trace",
        f"{name} {edition}",
        cpu_ms=median_ms(lambda: trace(network, prepared), torch.device("cpu"), rounds),
        device_ms=median_ms(lambda: trace(there, prepared), device, 10),
    )


def rounded(device: torch.device, networks: Sequence[str]) -> Iterator[Row]:
    """Say how far a trace is where the GPU rounds as it does by itself."""
    function = replace(FUNCTIONS["the trace"], tolerance=ROUNDED)
    what, on = "the trace, products rounded (TF32)", [each for each in KINDS if each in networks]
    with rounding(True):
        if on:
            yield tried(what, ", ".join(on), partial(_equality, what, function, on, device))


def walls(device: torch.device, networks: Sequence[str]) -> Iterator[Row]:
    """Go from a picture to all walls."""
    name = "resnet50" if "resnet50" in networks else networks[0]
    yield tried("picture to all walls", f"{name} paper", partial(_walls, name, device))


def _walls(name: str, device: torch.device) -> Row:
    network = filled_quickly(name, "paper")
    there, image = moved(network, device), open_sample("cat")

    def draw(on: Network) -> None:
        for step in trace(on, image).steps:
            draw_wall(step)

    return Row(
        "picture to all walls",
        f"{name} paper",
        cpu_ms=median_ms(lambda: draw(network), torch.device("cpu"), 3),
        device_ms=median_ms(lambda: draw(there), device, 10),
        note=f"the aim is {AIM_MS} ms" if name == "resnet50" and device.type != "cpu" else "",
    )


def threads(device: torch.device, networks: Sequence[str]) -> Iterator[Row]:
    """Let two threads trace on one network at once."""
    for name in [each for each in KINDS if each in networks][-1:]:
        yield tried("two threads at once", name, partial(_threads, name, device))


def _threads(name: str, device: torch.device) -> Row:
    there = moved(known(name), device)
    images = [open_sample(each) for each in PICTURES]

    def shares(number: int) -> NDArray:
        return trace(there, images[number % len(images)]).steps[-1].output.cpu().numpy()

    with rounding(False):
        alone = [shares(number) for number in range(len(images))] * 10
        with ThreadPoolExecutor(2) as pool:
            together = list(pool.map(shares, range(len(alone))))
    off = difference(together, alone)
    return Row("two threads at once", name, difference=off, tolerance=1e-5, holds=off <= 1e-5)


def full(device: torch.device, networks: Sequence[str]) -> Iterator[Row]:
    """Leave no memory on the device: all that can goes on on the CPU, and says so."""
    if device.type != "cuda":
        yield Row("a full device", "", note="only a GPU can be filled on purpose")
        return
    for name, function in FUNCTIONS.items():
        on = next((each for each in reversed(function.networks) if each in networks), None)
        if on is not None and function.when_full == "goes on":
            what = f"on a full device: {name}"
            with rounding(False):
                yield tried(what, on, partial(_full, what, name, on, device))


def _full(what: str, name: str, on: str, device: torch.device) -> Row:
    function = FUNCTIONS[name]
    expected = list(numbers_of(function.run(Scene(known(on), open_sample("cat")))))
    scene = scene_on(on, device)
    assert scene.trace
    if name == "the trace":
        scene = Scene(scene.network, scene.image)
    with no_room_on(device), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = list(numbers_of(function.run(scene)))
    fell_back = any("is full" in str(each.message) for each in said)
    off = difference(found, expected)
    return Row(
        what,
        on,
        difference=off,
        tolerance=function.tolerance,
        note="went on on the CPU" if fell_back else "found room",
        holds=off <= function.tolerance,
    )


@contextmanager
def no_room_on(device: torch.device) -> Iterator[None]:
    """Take all memory that PyTorch has, and allow it no more."""
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(torch.cuda.memory_reserved() / total)
    taken, size = [], 2**30
    while size >= 512:
        try:
            taken.append(torch.empty(size, dtype=torch.uint8, device=device))
        except torch.OutOfMemoryError:
            size //= 2
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        taken.clear()
        torch.cuda.empty_cache()
