"""How smoothly the explorer moves and how soon it sorts: `pytest tests/benchmarks -s`.

Nothing here fails for being slow: the figures depend on the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

import ali5
from ali5.pictures.samples import open_sample
from ali5.tracing.channels import (
    channel_contributions,
    count_values,
    describe_channels,
    order_by_similarity,
)

LAST = "/?network=resnet50&edition=paper&picture=cat&step=layer4.2.relu_3"
"""A step of 2,048 channels."""

_SCROLL = """(box, [seconds, painted]) => new Promise((done) => {
  const times = [];
  let way = 1;
  if (!painted) box.onscroll = null;
  const frame = (now) => {
    times.push(now);
    box.scrollTop += way * 40;
    if (box.scrollTop <= 0 || box.scrollTop + box.clientHeight >= box.scrollHeight - 1) way = -way;
    if (now - times[0] < seconds * 1000) requestAnimationFrame(frame);
    else done(times);
  };
  requestAnimationFrame(frame);
})"""


@pytest.mark.parametrize("width", [390, 1440])
def test_frames_while_two_thousand_channels_scroll(visit: Callable[..., Page], width: int) -> None:
    page = visit(LAST, width=width)
    box = page.locator(".wall .scroller").first
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(2000)
    for words, painted in (("painted", True), ("not painted, as the machine allows", False)):
        times = np.array(box.evaluate(_SCROLL, [4, painted]))
        gaps = np.diff(times)
        rate = 1000 * len(gaps) / (times[-1] - times[0])
        most = np.percentile(gaps, 95)
        print(f"\n{width} px, {words}: {rate:.1f} frames a second, p95 {most:.1f} ms a frame")
        assert len(gaps) > 10


@pytest.mark.parametrize(
    ("name", "step"), [("resnet50", "layer4.2.relu_3"), ("vgg16", "conv1_1"), ("vgg16", "conv4_2")]
)
def test_what_is_known_of_channels(name: str, step: str) -> None:
    network = ali5.load(name, "paper", weights="untrained", device="cpu")
    trace = ali5.trace(network, open_sample("cat"))
    shown = trace[step]
    works: dict[str, Callable[[], object]] = {
        "numbers": lambda: describe_channels(trace, shown),
        "histogram": lambda: count_values(shown),
        "similarity": lambda: order_by_similarity(shown),
        "contributions": lambda: channel_contributions(trace, shown),
    }
    found = []
    for words, work in works.items():
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - start)
        found.append(f"{words} {min(seconds) * 1e3:.0f} ms")
    threads = torch.get_num_threads()
    print(f"\n{name} {step}, {list(shown.shape)}, {threads} threads: {', '.join(found)}")
