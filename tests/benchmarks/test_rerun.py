"""What another picture costs beside an empty rerun of a bare page: `pytest tests/benchmarks -s`.

Both pages stand in one Chromium and take turns, so that what else the machine does falls on both.
Nothing here fails for being slow: the figures depend on the machine.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

_WATCH = """() => {
  const seen = window.seen = { from: 0, last: {}, messages: 0, bytes: 0 };
  const note = (name) => {
    const { from } = seen;
    if (!from) return;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {  // after the frame has been painted
        if (seen.from === from) seen.last[name] = performance.now() - from;
      };
      port2.postMessage(0);
    });
  };
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        note("run");  // the last one says that the run has ended
        seen.messages += 1;
        seen.bytes += data.byteLength ?? data.size ?? data.length;
      });
    }
  };
  const context = CanvasRenderingContext2D.prototype;
  for (const name of ["clearRect", "drawImage", "putImageData"]) {
    const plain = context[name];
    context[name] = function (...given) {
      if (this.canvas.className === "base" && this.canvas.closest(".network-map")) note("map");
      else if (this.canvas.closest(".wall")) note("wall");
      return plain.apply(this, given);
    };
  }
  window.watchParts = () => {
    const watched = { childList: true, characterData: true, attributes: true, subtree: true };
    for (const host of document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')) {
      if (host.shadowRoot?.querySelector(".bars"))
        new MutationObserver(() => note("bars")).observe(host.shadowRoot, watched);
    }
  };
  addEventListener("click", () => {
    Object.assign(seen, { from: performance.now(), last: {}, messages: 0, bytes: 0 });
  }, true);
}"""

_COUNTED = ("RecalcStyleCount", "LayoutCount", "ScriptDuration", "TaskDuration")

_PICTURES = [
    *("astronaut", "barn", "coffee", "goldfish", "photographer", "rocket"),
    *("stripes", "checkerboard", "circle", "gradient", "text", "noise"),
    *(f"digit-{digit}" for digit in range(10)),
]


@dataclass
class Watched:
    """A page that somebody clicks on, and what each click took.

    Attributes:
        page: It has been opened and is still.
        parts: What is painted after every click.
        times: Milliseconds from a click to the last paint of each part, click by click.
        counts: What went over the wire, and what the browser did, likewise.
    """

    page: Page
    parts: set[str]
    times: dict[str, list[float]] = field(default_factory=dict)
    counts: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Get ready to watch."""
        self.page.evaluate("watchParts()")
        self._devtools = self.page.context.new_cdp_session(self.page)
        self._devtools.send("Performance.enable")

    def click(self, target: str) -> None:
        """Click, wait until nothing happens any more, and note it."""
        self.page.bring_to_front()
        before = self._metrics()
        self.page.locator(target).click()
        for _ in range(100):
            self.page.wait_for_timeout(400)
            seen = self.page.evaluate("({ ...seen, now: performance.now() - seen.from })")
            if self.parts <= seen["last"].keys() and seen["now"] - max(seen["last"].values()) > 400:
                break
        assert seen["last"].keys() == self.parts
        after = self._metrics()
        for name, value in seen["last"].items():
            self.times.setdefault(name, []).append(value)
        found = {name: after[name] - before[name] for name in _COUNTED}
        found |= {"messages": seen["messages"], "bytes": seen["bytes"]}
        for name, value in found.items():
            self.counts.setdefault(name, []).append(value)

    def _metrics(self) -> dict[str, float]:
        found = self._devtools.send("Performance.getMetrics")["metrics"]
        return {each["name"]: each["value"] for each in found}

    def report(self, title: str, empty: Watched) -> None:
        """Print medians and p95, and their ratio to those of the bare page."""
        bare = np.percentile(empty.times["run"], [50, 95])
        for name, values in self.times.items():
            middle, most = found = np.percentile(values, [50, 95])
            ratio, ratio_most = found / bare
            print(
                f"{title}, {name}: {len(values)} times, p50 {middle:.0f} ms, p95 {most:.0f} ms; "
                f"{ratio:.1f} and {ratio_most:.1f} empty reruns"
            )
        middle = {name: float(np.median(values)) for name, values in self.counts.items()}
        print(
            f"{title}: {middle['messages']:.0f} messages, {middle['bytes'] / 1e3:.1f} KB, "
            f"{middle['RecalcStyleCount']:.0f} recalculations of style, "
            f"{middle['LayoutCount']:.0f} layouts, "
            f"{1e3 * middle['ScriptDuration']:.0f} ms of scripts, "
            f"{1e3 * middle['TaskDuration']:.0f} ms of the page's thread"
        )


@pytest.fixture(scope="module")
def bare_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a bare page, served by a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(__file__).with_name("bare_page.py")
    folder = tmp_path_factory.mktemp("bare")
    server = subprocess.Popen([sys.executable, script, str(port)], cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health").close()
                break
            except OSError:
                assert server.poll() is None
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _open(chromium: Browser, address: str, ready: str, parts: set[str]) -> Watched:
    page = chromium.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(f"({_WATCH})()")
    page.goto(address)
    page.locator(ready).first.wait_for()
    page.wait_for_timeout(3000)
    return Watched(page, parts)


@pytest.mark.parametrize("depth", ["", "&step=layer2.0.conv1"])
def test_another_picture_beside_an_empty_rerun(
    chromium: Browser, site: str, bare_site: str, depth: str
) -> None:
    painted = "wall" if depth else "bars"
    empty = _open(chromium, bare_site, "button:has-text('Again')", {"run"})
    explore = _open(chromium, f"{site}/?picture=cat{depth}", f".{painted}", {"run", "map", painted})
    for picture in _PICTURES:
        empty.click("button:has-text('Again')")
        explore.click(f'.picker button[data-id="{picture}"]')
    print()
    empty.report("A bare page", empty)
    explore.report(f"Explore{' at a step' if depth else ''}, another picture", empty)
    for each in (empty, explore):
        each.page.context.close()
