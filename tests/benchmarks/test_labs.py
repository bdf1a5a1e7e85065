"""How soon the labs answer the hand, and how smoothly they move: `pytest tests/benchmarks -s`.

Nothing here fails for being slow: the figures depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

_LISTEN = """() => {
  window.latencies = [];
  let moved = 0;
  addEventListener("pointermove", (event) => { moved = event.timeStamp; }, true);
  addEventListener("input", () => {
    const from = moved;
    const painted = () => latencies.push(performance.now() - from);
    requestAnimationFrame(() => requestAnimationFrame(painted));
  }, true);
}"""

_FRAMES = """seconds => new Promise((done) => {
  const times = [];
  const frame = (now) => {
    times.push(now);
    if (now - times[0] < seconds * 1000) requestAnimationFrame(frame);
    else done(times);
  };
  requestAnimationFrame(frame);
})"""


@pytest.mark.parametrize(
    ("title", "address", "label"),
    [
        ("convolution, 16 x 16 cells", "/convolution?size=16", "Stride"),
        (
            "convolution, photo of 512 x 512",
            "/convolution?picture=astronaut&input=photo&padding=same",
            "Stride",
        ),
        ("pooling, 16 x 16 cells", "/pooling?size=16", "Window"),
        ("pooling, photo", "/pooling?picture=coffee&input=photo", "Window"),
        ("pixels, patch", "/pixels", "Patch"),
    ],
)
def test_from_pointer_to_paint(
    visit: Callable[..., Page], title: str, address: str, label: str
) -> None:
    page = visit(address)
    handle = page.locator(".lab").first.get_by_role("slider", name=label).first
    handle.wait_for()
    page.wait_for_timeout(2000)
    page.evaluate(_LISTEN)
    box = handle.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 8, middle)
    page.mouse.down()
    for turn in range(6):
        for share in np.linspace(0.02, 0.98, 20)[:: 1 if turn % 2 == 0 else -1]:
            page.mouse.move(box["x"] + share * box["width"], middle)
            page.wait_for_timeout(25)
    page.mouse.up()
    found = np.array(page.evaluate("latencies"))
    assert len(found) > 5
    middle_, most = np.percentile(found, [50, 95])
    print(f"\n{title}: {len(found)} changes, median {middle_:.0f} ms, p95 {most:.0f} ms")


@pytest.mark.parametrize("lab", ["convolution", "pooling"])
def test_frames_while_a_window_slides(visit: Callable[..., Page], lab: str) -> None:
    page = visit(f"/{lab}?size=16")
    page.locator(".lab").get_by_role("button", name="Play").click()
    times = np.array(page.evaluate(_FRAMES, 5))
    gaps = np.diff(times)
    rate = 1000 * len(gaps) / (times[-1] - times[0])
    print(f"\n{lab}: {rate:.1f} frames a second, p95 {np.percentile(gaps, 95):.1f} ms a frame")
    assert len(gaps) > 10
