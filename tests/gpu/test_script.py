"""`python -m tests.gpu` can be run, and says so where it cannot."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from tests.gpu import measure
from tests.gpu.__main__ import main
from tests.gpu.functions import FUNCTIONS
from tests.gpu.standin import CUDA, standing_in


def test_it_runs_with_the_cpu_in_the_place_of_a_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--device", "cpu", "--networks", "lenet5"]) == 0
    printed = capsys.readouterr().out
    for name, function in FUNCTIONS.items():
        assert (f"| {name} | lenet5 |" in printed) == ("lenet5" in function.networks)
    for words in (torch.__version__, "two threads", "all walls", "lenet5 colour", "all holds"):
        assert words in printed


@pytest.mark.usefixtures("nothing_kept")
def test_what_only_a_gpu_can_do_runs_on_the_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def no_room_on(device: torch.device) -> Iterator[None]:
        standin.full = True
        yield
        standin.full = False

    monkeypatch.setattr(measure, "no_room_on", no_room_on)
    monkeypatch.setattr(measure, "wait_for", lambda device: None)
    with standing_in() as standin:
        rows = [*measure.full(CUDA, ["lenet5"]), *measure.walls(CUDA, ["lenet5"])]
    assert [row for row in rows if not row.holds] == []
    assert {row.note for row in rows[:-1]} == {"went on on the CPU"}
    assert len(rows) > 10


def test_without_a_gpu_it_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main([]) == 2
    assert capsys.readouterr().out.count("\n") == 1


def test_what_does_not_hold_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = measure.Row("it", "lenet5", difference=0.5, tolerance=0.1, holds=False)
    monkeypatch.setattr("tests.gpu.__main__.PARTS", (lambda device, networks: [wrong],))
    assert main(["--device", "cpu"]) == 1
    assert (
        "| it | lenet5 |  |  |  | 5.0e-01 | 1e-01 | **DOES NOT HOLD** |" in capsys.readouterr().out
    )


def test_one_that_fails_does_not_end_the_others() -> None:
    def fails() -> measure.Row:
        raise RuntimeError("CUDA error: no kernel image\nCompile with TORCH_USE_CUDA_DSA")

    def lacks() -> measure.Row:
        raise ModuleNotFoundError("No module named 'captum'", name="captum")

    row = measure.tried("it", "lenet5", fails)
    assert (row.holds, row.note) == (False, "RuntimeError: CUDA error: no kernel image")
    row = measure.tried("it", "lenet5", lacks)
    assert (row.holds, row.note) == (True, "needs captum, which is not installed")


def test_differences_are_shares_of_the_numbers() -> None:
    one, more = np.array([3.0, -4.0]), np.array([3.0, -4.5])
    assert measure.difference([one], [one]) == 0
    assert measure.difference([more], [one]) == pytest.approx(0.1)
    assert measure.difference([one[:1]], [one]) == np.inf
    assert measure.difference([np.array([np.nan, 1])], [one]) == np.inf
    levels = np.full(4, 100, np.uint8)
    assert measure.difference([levels + np.uint8(2)], [levels]) == 0
    assert measure.difference([levels + np.uint8(3)], [levels]) == np.inf
