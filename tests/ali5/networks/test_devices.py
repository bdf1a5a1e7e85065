"""Full memory is noticed on every device; what can be made again goes before anything else does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import torch

import ali5
from ali5.errors import TooLarge
from ali5.networks import devices
from ali5.networks.devices import ask_for_room, is_out_of_memory, meets_full_memory
from ali5.networks.networks import Network, run_or_fall_back
from ali5.pictures.samples import open_sample

LINUX = (
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: "
    "you tried to allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)"
)
WINDOWS = "DefaultCPUAllocator: not enough memory: you tried to allocate 400000 bytes."


@pytest.fixture
def room() -> Iterator[list[str]]:
    """What was let go of in a test."""
    before = devices._makers_of_room[:]
    made: list[str] = []
    devices._made_room_at = -math.inf
    devices._makers_of_room[:] = [lambda: made.append("room")]
    yield made
    devices._makers_of_room[:] = before


def run_that_fails(times: int, message: str = LINUX) -> Callable[[Network], str]:
    left = [times]

    def run(network: Network) -> str:
        if left[0]:
            left[0] -= 1
            raise RuntimeError(message)
        return f"done on {network.device.type}"

    return run


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError(LINUX),
        RuntimeError(WINDOWS),
    ],
)
def test_full_memory_is_noticed(error: Exception) -> None:
    assert is_out_of_memory(error)


def test_what_pytorch_says_here_is_noticed() -> None:
    with pytest.raises(RuntimeError) as failed:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(failed.value)


def test_other_errors_are_others() -> None:
    assert not is_out_of_memory(RuntimeError("sizes do not match"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_when_memory_is_full_room_is_made_and_it_is_tried_again(room: list[str]) -> None:
    network = ali5.load("lenet5", device="cpu")
    assert run_or_fall_back(network, run_that_fails(1), "It failed") == "done on cpu"
    assert room == ["room"]
    with pytest.raises(TooLarge, match="The memory of this computer is full"):
        run_or_fall_back(network, run_that_fails(9), "It failed")
    with pytest.raises(RuntimeError, match="sizes"):
        run_or_fall_back(network, run_that_fails(1, "sizes"), "It failed")


def test_without_anything_to_let_go_of_it_is_said_at_once(room: list[str]) -> None:
    devices._makers_of_room.clear()
    with pytest.raises(TooLarge):
        run_or_fall_back(ali5.load("lenet5", device="cpu"), run_that_fails(1), "It failed")


def test_each_is_asked_once(room: list[str]) -> None:
    def make() -> None:
        room.append("once")

    ask_for_room(make)
    ask_for_room(make)
    assert devices.make_room()
    assert room == ["room", "once"]


def test_so_soon_after_it_nothing_is_looked_for_again(
    room: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(devices.time, "monotonic", lambda: now[0])
    assert devices.make_room()
    now[0] += devices.AGAIN_S - 1
    assert not devices.make_room()
    now[0] += 2
    assert devices.make_room()
    assert room == ["room", "room"]


CUDA = torch.device("cuda")


@dataclass(frozen=True)
class Thing:
    """Something on a device, which has room for two numbers."""

    device: torch.device

    @property
    def on_cpu(self) -> Thing:
        return Thing(torch.device("cpu"))


@meets_full_memory
def counted(thing: Thing, last: int) -> Iterator[tuple[str, int]]:
    for number in range(last):
        if thing.device.type == "cuda" and number == 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        yield thing.device.type, number


def test_what_comes_one_by_one_goes_on_where_it_was(room: list[str]) -> None:
    with pytest.warns(RuntimeWarning, match="The memory of CUDA is full"):
        found = list(counted(Thing(CUDA), last=4))
    assert found == [("cuda", 0), ("cuda", 1), ("cpu", 2), ("cpu", 3)]
    assert room == ["room"]


@meets_full_memory
def added(one: Thing, *, other: Thing) -> str:
    if "cuda" in (one.device.type, other.device.type):
        raise torch.OutOfMemoryError("CUDA out of memory.")
    return f"{one.device.type} and {other.device.type}"


def test_all_that_is_given_goes_to_the_cpu(room: list[str]) -> None:
    assert added.__name__ == "added"
    with pytest.warns(RuntimeWarning, match="The memory of CUDA is full"):
        assert added(Thing(CUDA).on_cpu, other=Thing(CUDA)) == "cpu and cpu"


def test_a_map_of_why_is_tried_again_too(room: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from ali5.explain.attributions import attribution

    trace = ali5.trace(ali5.load("lenet5", device="cpu"), open_sample("digit-3"))
    explain, failed = attribution._explain, []

    def fail_once(*given: object) -> object:
        if not failed:
            failed.append(1)
            raise RuntimeError(LINUX)
        return explain(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(attribution, "_explain", fail_once)
    assert attribution.attribution(trace, "saliency").map.shape == (32, 32)
    assert room == ["room"]
