"""Memory that is freed is kept for the next step."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
from ali5.training.memory import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(4):
        bytearray(64 * 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults(), keep_freed_memory(), faults() and faults())
"""
"""Prints how many pages had to be fetched for blocks that come and go, and go on coming."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_memory_that_is_freed_is_kept_for_the_next_step() -> None:
    run = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True)
    before, kept, after = run.stdout.split()
    assert kept == "True"
    assert int(after) * 20 < int(before)
