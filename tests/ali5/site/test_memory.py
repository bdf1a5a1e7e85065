"""What is there is found on every system, and what is given is read or refused in a sentence."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

from ali5.errors import Ali5Error
from ali5.site import memory
from ali5.site.memory import budget_bytes, in_words, machine_bytes

G = 2**30


def test_the_environment_decides_and_else_it_is_a_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALI5_MEMORY", "1G")
    assert budget_bytes() == G
    monkeypatch.setenv("ALI5_MEMORY", "much")
    with pytest.raises(Ali5Error, match="ALI5_MEMORY has to be a size"):
        budget_bytes()
    monkeypatch.delenv("ALI5_MEMORY")
    monkeypatch.setattr(memory, "machine_bytes", lambda: 8 * G)
    assert budget_bytes() == 2 * G
    monkeypatch.setattr(memory, "machine_bytes", lambda: None)
    assert budget_bytes() == G


def test_this_machine_tells() -> None:
    size = machine_bytes()
    assert size is not None
    assert 2**27 < size < 2**50


@pytest.fixture
def linux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of 16 GB without any group."""
    monkeypatch.setattr(memory, "_physical_bytes", lambda: 16 * G)
    (tmp_path / "proc/self").mkdir(parents=True)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_a_container_is_the_machine(linux: Path) -> None:
    assert machine_bytes(linux) == 16 * G
    write(linux / "proc/self/cgroup", "0::/school/class\n")
    groups = linux / "sys/fs/cgroup"
    write(groups / "school/class/memory.max", "max\n")
    assert machine_bytes(linux) == 16 * G
    write(groups / "school/memory.max", f"{3 * G}\n")
    assert machine_bytes(linux) == 3 * G
    write(groups / "memory.max", f"{2 * G}\n")
    assert machine_bytes(linux) == 2 * G


def test_an_older_container_is_the_machine_too(linux: Path) -> None:
    write(linux / "proc/self/cgroup", "9:cpu,cpuacct:/x\n4:memory:/docker/abc\n")
    write(linux / "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{G}\n")
    assert machine_bytes(linux) == G
    write(linux / "sys/fs/cgroup/memory/memory.limit_in_bytes", f"{2**63 - 4096}\n")
    assert machine_bytes(linux) == 16 * G


def test_windows_is_asked_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kernel:
        @staticmethod
        def GlobalMemoryStatusEx(status: object) -> int:
            there = ctypes.cast(status, ctypes.POINTER(memory._MemoryStatus)).contents
            assert there.length == 64
            there.physical = 4 * G
            return 1

    class Windows:
        kernel32 = Kernel

    monkeypatch.delattr(os, "sysconf", raising=False)
    monkeypatch.setattr(ctypes, "windll", Windows, raising=False)
    assert machine_bytes(Path("nowhere")) == 4 * G
    monkeypatch.setattr(ctypes, "windll", None, raising=False)
    assert machine_bytes(Path("nowhere")) is None


def test_sizes_are_said_in_short_words() -> None:
    assert [in_words(size) for size in (553_430_112, 999_499_999, 999_500_000, 2 * G)] == [
        "553 MB",
        "999 MB",
        "1.0 GB",
        "2.1 GB",
    ]
