"""Is the engine on a GPU what it is on the CPU, and how much sooner? One table says it.

    python -m tests.gpu

It takes at most four minutes on a machine with one GPU and with what ALI5 needs to be installed; a
row that lacks a package names it. `--device cpu` runs the same with the CPU in the place of the
card, to try it; `--networks lenet5` takes these networks only.

Ends with 0 if all holds, with 1 if something does not, and with 2 if there is no GPU.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

import torch

import ali5
from tests.gpu import measure
from tests.gpu.measure import Row

PARTS = (
    measure.equalities,
    measure.rounded,
    measure.threads,
    measure.full,
    measure.walls,
    measure.times,
)
"""In this order: what has to hold first."""

TITLES = ("what", "network", "CPU", "device", "times as fast", "difference", "at most", "")


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return how to end."""
    known = list(ali5.catalog())
    parser = argparse.ArgumentParser("python -m tests.gpu", description=__doc__.split("\n")[0])
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--networks", nargs="+", choices=known, default=known)
    asked = parser.parse_args(given)
    if asked.device == "cuda" and not torch.cuda.is_available():
        print("There is no GPU that PyTorch can use here: nothing was measured.")
        return 2
    device, began, holds = torch.device(asked.device), time.monotonic(), True
    print(f"# {in_words(device)}\n")
    print(line(TITLES))
    print(line(["---"] * 2 + ["---:"] * 5 + ["---"]))
    for row in rows(device, asked.networks):
        print(line(cells(row)), flush=True)
        holds = holds and row.holds
    words = "all holds" if holds else "NOT all holds"
    print(f"\n{time.monotonic() - began:.0f} s in all; {words}.")
    return 0 if holds else 1


def rows(device: torch.device, networks: Sequence[str]) -> Iterator[Row]:
    """Yield the table row by row."""
    for part in PARTS:
        yield from part(device, networks)


def cells(row: Row) -> list[str]:
    """Return what is printed of a row."""
    faster = row.cpu_ms / row.device_ms if row.cpu_ms and row.device_ms else None
    word = "" if row.holds else "**DOES NOT HOLD**"
    return [
        row.what,
        row.on,
        "" if row.cpu_ms is None else f"{row.cpu_ms:.2f} ms",
        "" if row.device_ms is None else f"{row.device_ms:.2f} ms",
        "" if faster is None else f"{faster:.1f}",
        "" if row.difference is None else f"{row.difference:.1e}",
        "" if row.tolerance is None else f"{row.tolerance:.0e}",
        " ".join(filter(None, (word, row.note))),
    ]


def line(texts: Sequence[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(texts)} |"


def in_words(device: torch.device) -> str:
    """Name the card, its driver, PyTorch and what the CPU is."""
    cpu = f"CPU with {torch.get_num_threads()} threads"
    if device.type == "cpu":
        return f"{cpu} in the place of a GPU, torch {torch.__version__}"
    card = torch.cuda.get_device_name(device)
    return f"{card}, driver {driver()}, torch {torch.__version__}, beside a {cpu}"


def driver() -> str:
    """Return the version of the driver, as far as it can be known."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return next(iter(told.stdout.split()), "unknown")


if __name__ == "__main__":
    sys.exit(main())
