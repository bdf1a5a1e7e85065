"""How soon the map follows a new picture and the pointer: `pytest tests/benchmarks -s`.

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

_WATCH = """(bars, map) => {
  const seen = window.seen = { from: 0, last: {}, hovers: [], sent: 0 };
  const shown = (done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;  // after the frame has been painted
    port2.postMessage(0);
  });
  const note = (name) => {
    const { from } = seen;
    if (from) shown(() => { if (seen.from === from) seen.last[name] = performance.now() - from; });
  };
  const context = CanvasRenderingContext2D.prototype;
  const plain = context.clearRect;  // the map clears a canvas before it draws it
  context.clearRect = function (...given) {
    if (this.canvas.closest(".network-map")) {
      if (this.canvas.className === "base") note("map");
      else if (seen.pointed) {
        const from = seen.pointed;
        seen.pointed = 0;
        shown(() => seen.hovers.push(performance.now() - from));
      }
    }
    return plain.apply(this, given);
  };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...given) { seen.sent++; return send.apply(this, given); };
  new MutationObserver(() => note("prediction")).observe(bars.getRootNode(), {
    childList: true, characterData: true, attributes: true, subtree: true,
  });
  addEventListener("click", () => { seen.from = performance.now(); seen.last = {}; }, true);
  map.addEventListener("pointerover", () => { seen.pointed = performance.now(); }, true);
}"""

_PICTURES = [
    *("astronaut", "barn", "coffee", "goldfish", "photographer", "rocket"),
    *(f"digit-{digit}" for digit in (1, 2, 4, 5, 6, 7, 8, 9)),
]


def _watch(page: Page) -> None:
    """Wait until the map is there, and note from then on when what is painted."""
    page.locator(".bars").first.wait_for()
    page.wait_for_timeout(4000)
    view = page.locator(".network-map .view")
    page.locator(".bars").first.evaluate(_WATCH, view.element_handle())


def _plain_forward(network: ali5.Network) -> float:
    """Return the milliseconds of a plain forward pass, the median of nine."""
    picture = network.prepare(open_sample("cat"))
    found = []
    with torch.inference_mode():
        for _ in range(9):
            start = time.perf_counter()
            network.module(picture)
            found.append(time.perf_counter() - start)
    return 1e3 * float(np.median(found))


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "vgg11"])
def test_from_a_picture_to_the_painted_overview(visit: Callable[..., Page], name: str) -> None:
    page = visit(f"/?network={name}&picture=cat")
    _watch(page)
    found = []
    for picture in _PICTURES:
        page.locator(f'.picker button[data-id="{picture}"]').click()
        page.wait_for_timeout(1500)
        last = page.evaluate("seen.last")
        assert set(last) == {"map", "prediction"}
        found.append(max(last.values()))
    middle, most = np.percentile(found, [50, 95])
    plain = _plain_forward(ali5.load(name, device="cpu"))
    print(
        f"\n{name}: {len(found)} pictures never seen before, painted after {middle:.0f} ms "
        f"(p95 {most:.0f} ms), {middle / plain:.1f} plain forward passes of {plain:.1f} ms"
    )


@pytest.mark.parametrize("address", ["/?network=resnet50&picture=cat&open=all", "/?picture=cat"])
def test_from_the_pointer_to_the_highlight(visit: Callable[..., Page], address: str) -> None:
    page = visit(address)
    view = page.locator(".network-map .view")
    _watch(page)
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    assert box is not None
    random = np.random.default_rng(5)
    for right, down in random.uniform(0.05, 0.95, (120, 2)):
        page.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"])
        page.wait_for_timeout(40)
    found = np.array(page.evaluate("seen.hovers"))
    assert len(found) > 20
    assert page.evaluate("seen.sent") == 0  # the server is not asked
    middle, most = np.percentile(found, [50, 95])
    print(f"\n{address}: {len(found)} hovers, median {middle:.1f} ms, p95 {most:.1f} ms")
