"""What becomes of memory that is freed: a training keeps it, a site gives it back."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from ali5.networks import allocator

IS_GLIBC = platform.libc_ver()[0] == "glibc"

FAULTS = """
import resource
from ali5.networks.allocator import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        bytearray(64 * 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults(), keep_freed_memory(), faults() and faults())
"""
"""Prints how many pages had to be fetched for blocks that come and go, and go on coming."""


@pytest.mark.skipif(not IS_GLIBC, reason="other C libraries are left alone")
def test_memory_that_is_freed_is_kept_for_the_next_step() -> None:
    run = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True)
    before, kept, after = run.stdout.split()
    assert kept == "True"
    assert int(after) * 20 < int(before)


RESIDENT = """
import threading
from pathlib import Path
from ali5.networks import allocator

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

def work():
    # One large block that is freed raises glibc's own threshold; then many that share its pool.
    blocks = [bytearray(16 * 2**20)]
    blocks.clear()
    blocks += [bytearray(b"x" * 4 * 2**20) for _ in range(40)]
    small = [bytearray(b"y" * 500) for _ in range(1000)]
    blocks.clear()
    return small

print(allocator.return_freed_memory() if GIVE_BACK else False)
before = resident()
small = []
threads = [threading.Thread(target=lambda: small.append(work())) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
if GIVE_BACK: allocator.trim()
print(resident() - before)
"""
"""Prints how much more a process has after threads have freed what they had, in KB."""


@pytest.mark.skipif(not IS_GLIBC, reason="other C libraries are left alone")
def test_a_site_gives_back_what_was_freed() -> None:
    code = f"GIVE_BACK = True\n{RESIDENT}"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    done, more = run.stdout.split()
    assert done == "True"
    assert int(more) < 20_000


def test_where_there_is_no_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(_: object) -> object:
        return object()  # another C library, without these functions

    def windows(_: object) -> object:
        raise TypeError("argument of type 'NoneType' is not iterable")

    for load in (without, windows):
        monkeypatch.setattr(ctypes, "CDLL", load)
        assert not allocator.keep_freed_memory()
        assert not allocator.return_freed_memory()
        assert not allocator.trim()
