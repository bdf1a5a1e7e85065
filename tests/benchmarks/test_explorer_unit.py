"""How soon the sum behind a pixel is painted: `pytest tests/benchmarks/test_explorer_unit.py -s`.

Nothing here fails for being slow: the figures depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

_LISTEN = """unit => {
  window.latencies = [];
  let from = 0;
  unit.addEventListener("click", () => { from = performance.now(); }, true);
  const title = unit.querySelector("h3");
  new MutationObserver(() => {
    if (!from) return;
    const since = from;
    from = 0;
    const painted = () => latencies.push(performance.now() - since);
    requestAnimationFrame(() => requestAnimationFrame(painted));
  }).observe(title, { childList: true, characterData: true, subtree: true });
}"""


@pytest.mark.parametrize(
    ("title", "address"),
    [
        ("VGG-16, conv3_3", "/?network=vgg16&picture=cat&step=conv3_3&channel=5"),
        ("VGG-16, conv5_3", "/?network=vgg16&picture=cat&step=conv5_3&channel=5"),
        ("ResNet-50, last block", "/?network=resnet50&picture=cat&step=layer4.2.conv1&channel=5"),
        ("LeNet-5, C3", "/?network=lenet5&picture=digit-3&step=C3&channel=5"),
    ],
)
def test_from_click_to_the_painted_sum(
    visit: Callable[..., Page], title: str, address: str
) -> None:
    page = visit(address)
    unit = page.locator(".unit")
    unit.locator(".total").wait_for()
    page.wait_for_timeout(5000)
    unit.evaluate(_LISTEN)
    canvas = unit.get_by_role("application").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    random = np.random.default_rng(5)
    for right, down in random.uniform(0.03, 0.97, (40, 2)):
        x, y = box["x"] + right * box["width"], box["y"] + down * box["height"]
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        page.wait_for_timeout(400)
    found = np.array(page.evaluate("latencies"))
    assert len(found) > 5
    middle, most = np.percentile(found, [50, 95])
    print(f"\n{title}: {len(found)} clicks, median {middle:.0f} ms, p95 {most:.0f} ms")
