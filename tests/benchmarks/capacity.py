"""How many visitors a core and a gigabyte hold, with the engine on Ray: the README's table.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.capacity        (Linux, an idle machine)

Measured, on a site with one replica: the processor time of each process for one answer of a page
whose picture is kept, and their memory; and how many new pictures a replica traces in a second.
The rest is a model: visitors ask every ten seconds, and no core is busy for more than seven tenths
of the time.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from ali5.site.app.engine.far import DRIVER, Far
from ali5.site.app.engine.far.line import Line

from .cluster import RESNET, VGG, uncached
from .test_visitors import line_to, look_around

THINKING_S, BUSY = 10.0, 0.7
PORT, VISITORS, SECONDS = 8655, 10, 30.0
REPLICAS = (1, 4, 16, 64)


def parts_of(site: int) -> dict[str, tuple[float, float]]:
    """Of a site's processes, by what they do: seconds computed so far, and gigabytes."""
    said = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    mine, found = {site}, dict[str, tuple[float, float]]()
    for line in said.splitlines() * 6:  # generations
        pid, parent, words = line.split(None, 2)
        if int(pid) in mine or int(parent) not in mine:
            continue
        mine.add(int(pid))
    for line in said.splitlines():
        pid, _, words = line.split(None, 2)
        if int(pid) not in mine:
            continue
        kind = "Ray's own"
        for name, mark in (("replica", "ServeReplica"), ("way to Ray", "cluster.beginning")):
            kind = name if mark in words else kind
        kind = "site" if int(pid) == site else kind
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            own = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        pss = next(int(each.split()[1]) for each in own.splitlines() if each.startswith("Pss:"))
        computed = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        before = found.get(kind, (0.0, 0.0))
        found[kind] = before[0] + computed, before[1] + pss / 2**20
    return found


def measured() -> tuple[dict[str, float], dict[str, float]]:
    """For each part, milliseconds of a core for one answer, and gigabytes."""
    words = ["--no-browser", "--port", str(PORT), "--engine", "ray:1"]
    site = subprocess.Popen([sys.executable, "-m", "ali5", *words], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{PORT}"

    async def visit(count: int, seconds: float) -> list[float]:
        times: list[float] = []
        until = time.monotonic() + seconds
        look = (look_around(url, "", "network=resnet18", until, times) for _ in range(count))
        await asyncio.gather(*look)
        return times

    async def come() -> None:
        async with line_to(url):
            pass

    try:
        for _ in range(60):
            try:
                asyncio.run(come())
                break
            except OSError:
                time.sleep(1)
        asyncio.run(visit(2, 30))  # the engine is there, and all pictures have been looked at
        before = parts_of(site.pid)
        idle_from = time.monotonic()
        time.sleep(10)
        idle = parts_of(site.pid)
        idle_s = time.monotonic() - idle_from
        began = time.monotonic()
        times = asyncio.run(visit(VISITORS, SECONDS))
        took, after = time.monotonic() - began, parts_of(site.pid)
    finally:
        site.terminate()
        site.wait(60)
    cost = {}
    for name, (computed, _) in after.items():
        resting = (idle[name][0] - before[name][0]) / idle_s
        cost[name] = 1e3 * (computed - idle[name][0] - resting * took) / len(times)
        print(f"| {name} | {cost[name]:.1f} ms | {resting:.2f} | {after[name][1]:.2f} GB |")
    return cost, {name: size for name, (_, size) in after.items()}


def main() -> None:
    """Measure, and print two Markdown tables."""
    print("| part | for one answer | cores at rest | memory |\n|---|---|---|---|")
    cost, _ = measured()
    far = Far(Line("ray:1", DRIVER))
    while not far.line.wait(60):
        pass
    rates = {
        "kept pictures": 1e3 / cost["replica"],
        "own pictures, ResNet-18 compact": uncached(lambda s: far.look(s, None), 15, RESNET),
        "own pictures, VGG-16 paper": uncached(lambda s: far.look(s, None), 25, VGG),
    }
    far.line.end()
    print(f"\n| visitors with | answers/s, one replica | {' | '.join(map(str, REPLICAS))} |")
    print(f"|---|---|{'---|' * len(REPLICAS)}")
    for name, rate in rates.items():
        held = " | ".join(f"{BUSY * THINKING_S * rate * count:,.0f}" for count in REPLICAS)
        print(f"| {name} | {rate:.1f} | {held} |")
    site_ms = cost["site"] + cost["way to Ray"]
    print(f"\nA core of a site holds {BUSY * THINKING_S * 1e3 / site_ms:,.0f} visitors.")


if __name__ == "__main__":
    main()
