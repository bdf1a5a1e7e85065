"""How fast a training is, as a ratio measured in one run: `pytest tests/benchmarks -s`."""

from __future__ import annotations

import statistics
import subprocess
import sys

STEPS = """
import sys, time
from pathlib import Path
import torch
from ali5.known.catalog import architecture
from ali5.training.run import Run
from ali5.networks.allocator import keep_freed_memory
from ali5.training.pictures import Pictures
from ali5.training.recipe import recipe_of

if sys.argv[1] == "kept":
    assert keep_freed_memory()
run = Run(
    architecture("googlenet").edition("compact"), recipe_of("googlenet"), torch.device("cpu"),
    Path("x.safetensors"),
)
many = run.recipe.batch * 9
pictures = Pictures(
    torch.randint(0, 256, (many, 3, 64, 64), dtype=torch.uint8), torch.randint(0, 200, (many,))
)
run.prepare(pictures)
run.epoch = run.recipe.epochs - 1  # at full size
start = time.perf_counter()
for step, _ in enumerate(run.steps(pictures)):
    if step:  # the first one warms up
        print(time.perf_counter() - start)
    start = time.perf_counter()
"""
"""Prints how many seconds each step took, with freed memory "kept" or "given" back."""


def test_memory_that_is_kept_beside_memory_that_is_given_back() -> None:
    """In a process each, since there is no way back; in turn, so that both see the same machine."""
    seconds: dict[str, list[float]] = {"given": [], "kept": []}
    for _ in range(3):
        for kind, found in seconds.items():
            command = [sys.executable, "-c", STEPS, kind]
            result = subprocess.run(command, check=True, capture_output=True, text=True)
            found += map(float, result.stdout.split())
    given, kept = (statistics.median(found) for found in seconds.values())
    print(
        f"\na step of GoogLeNet {given:.2f} s; with its memory kept: {given / kept:.2f} × as fast"
    )
