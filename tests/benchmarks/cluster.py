"""The engine here and on Ray: what replicas add, and what the way to them costs.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.cluster [SECONDS]

Ratios of one run on one machine, of as many visitors at once as there are places for: answers per
second of work that nobody has asked for before, VGG-16's paper edition on new pictures; and how
long an answer takes that is kept.
"""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from ali5.pictures.samples import open_sample
from ali5.site.app import engine
from ali5.site.app.engine import Chosen, Picture, Subject, asking
from ali5.site.app.engine.far import DRIVER, Far
from ali5.site.app.engine.far.line import Line
from ali5.site.app.explore.wall.measures import rows_of
from ali5.site.app.explore.wall.sent import pack_wall
from ali5.site.app.explore.wall.settings import Look

VGG = Chosen("vgg16", "paper", "untrained")
RESNET = Chosen("resnet18", "compact", "bundled")
VISITORS, ASKED = 6, 200

Ask = Callable[..., object]

_new = itertools.count()


def new_picture() -> Picture:
    """A picture that nobody has asked about yet."""
    number = next(_new)
    image = open_sample("cat").rotate(number % 360).resize((224, 224), Image.Resampling.BILINEAR)
    return Picture("own", image, f"new-{number}", "a picture")


def uncached(look: Callable[[Subject], object], seconds: float, chosen: Chosen = VGG) -> float:
    """Answers per second, each about a picture of its own."""
    for _ in range(VISITORS):  # weights are loaded, wherever they are needed
        look(Subject(chosen, new_picture()))
    until = time.monotonic() + seconds

    def visit() -> int:
        count = 0
        while time.monotonic() < until:
            look(Subject(chosen, new_picture()))
            count += 1
        return count

    with ThreadPoolExecutor(VISITORS) as pool:
        began = time.monotonic()
        counts = [each.result() for each in [pool.submit(visit) for _ in range(VISITORS)]]
        return sum(counts) / (time.monotonic() - began)


def kept(ask: Ask, count: int = ASKED) -> dict[str, tuple[float, float, int]]:
    """Of answers that are kept, by name: p50 and p95 in ms, and bytes."""
    subject = Subject(RESNET, Picture("cat", open_sample("cat"), "cat", "cat"))
    found = {}
    for name, request, given in (
        ("a table of 71 rows", rows_of, ("relu",)),
        ("a wall", pack_wall, ("relu", Look())),
    ):
        times = []
        for _ in range(count):
            began = time.perf_counter()
            answer = ask(request, subject, *given)
            times.append((time.perf_counter() - began) * 1000)
        size = len(answer) if isinstance(answer, bytes) else 0
        times.sort()
        found[name] = statistics.median(times), times[int(0.95 * count)], size
    return found


def main(seconds: float) -> None:
    """Measure, and print one Markdown table."""
    print(f"{os.cpu_count()} cores, {VISITORS} visitors at once, {seconds:.0f} s each\n")
    print("| engine | answers/s, VGG-16 paper, new pictures | kept: p50 / p95 |\n|---|---|---|")
    rates = {}
    for name in ("here", "ray:1", "ray:2"):
        if name == "here":
            engine.wait_until_loaded(60)  # with the site's ways to hold and give back memory
            rates[name] = uncached(asking.look, seconds)
            times = kept(asking.ask)
        else:
            far = Far(Line(name, DRIVER))
            while not far.line.wait(60):
                pass
            rates[name] = uncached(lambda subject, far=far: far.look(subject, None), seconds)
            times = kept(lambda request, about, *given, far=far: far.ask(request, about, given, {}))
            far.line.end()
        said = ", ".join(
            f"{what} ({size:,} B) {p50:.1f} / {p95:.1f} ms"
            for what, (p50, p95, size) in times.items()
        )
        print(f"| {name} | {rates[name]:.2f} | {said} |", flush=True)
    print(f"\nray:2 ÷ ray:1 = {rates['ray:2'] / rates['ray:1']:.2f}")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 40)
