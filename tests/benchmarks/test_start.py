"""How soon the first visitor sees the site, beside a bare page: `pytest tests/benchmarks -s`.

Every round starts each server anew and opens it in a browser that was never there. Nothing here
fails for being slow: the figures depend on the machine.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Error

from tests.conftest import ROOT

ROUNDS = 5

_BARE = """import streamlit as st

st.title("A title")
"""

_APP = """from streamlit import App

app = App("title.py")
"""

_WATCH = """(() => {
  const seen = window.seen = {};
  const painted = (name) => {  // called in the frame that will show it
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { seen[name] = performance.timeOrigin + performance.now(); };
    port2.postMessage(0);
  };
  const once = (name) => {
    if (name in seen) return;
    seen[name] = 0;
    requestAnimationFrame(() => painted(name));
  };
  const look = () => {
    if (document.querySelector("h1")?.textContent) painted("title");
    else requestAnimationFrame(look);
  };
  look();
  const context = CanvasRenderingContext2D.prototype;
  const clear = context.clearRect;  // the map clears a canvas before it draws it
  context.clearRect = function (...given) {
    if (this.canvas.className === "base" && this.canvas.closest(".network-map")) once("maps");
    return clear.apply(this, given);
  };
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...given) {
    const root = attach.apply(this, given);
    new MutationObserver(() => { if (root.querySelector(".bars li")) once("bars"); })
      .observe(root, { childList: true, subtree: true });
    return root;
  };
})();"""
"""Notes when the title, the bars and the map were painted first, in milliseconds of the clock."""


@contextmanager
def _serving(command: list[str], port: int, folder: Path) -> Iterator[float]:
    """Start a server in a folder; gives when, in seconds of the clock, once it answers."""
    log = (folder / f"log-{port}").open("w+")
    began = time.time()
    server = subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=dict(os.environ)
    )
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health").close()
                break
            except OSError:
                assert server.poll() is None, Path(log.name).read_text("utf-8")
                time.sleep(0.02)
        yield began
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _commands(folder: Path) -> dict[str, list[str]]:
    """Write a bare page, and return how each of the two is started; the port is to be appended."""
    (folder / "title.py").write_text(_BARE, "utf-8")
    (folder / "bare.py").write_text(_APP, "utf-8")
    (folder / ".streamlit").mkdir()
    settings = (ROOT / "app" / ".streamlit" / "config.toml").read_text("utf-8")
    (folder / ".streamlit" / "config.toml").write_text(settings, "utf-8")
    quiet = ["--log-level", "warning", "--host", "127.0.0.1"]
    return {
        "bare": [sys.executable, "-m", "uvicorn", "bare:app", *quiet, "--port"],
        "ALI5": [sys.executable, "-m", "ali5", "--no-browser", "--port"],
    }


def _visit(chromium: Browser, port: int, parts: tuple[str, ...]) -> dict[str, float]:
    """Open the first page; return when it was asked for and its parts were painted, in seconds."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.add_init_script(_WATCH)
    page.goto(f"http://127.0.0.1:{port}/", wait_until="commit")
    asked = page.evaluate("performance.timeOrigin")
    for _ in range(600):
        try:
            seen = page.evaluate("window.seen")
        except Error:  # the page has just changed
            seen = {}
        if all(seen.get(part) for part in parts):
            break
        time.sleep(0.1)
    context.close()
    return {"asked": asked / 1e3} | {part: seen[part] / 1e3 for part in parts}


@pytest.mark.parametrize("wait_s", [0, 20], ids=["at once", "when the engine is there"])
def test_from_the_start_to_the_first_maps(chromium: Browser, tmp_path: Path, wait_s: float) -> None:
    commands = _commands(tmp_path)
    parts = {"bare": ("title",), "ALI5": ("title", "bars", "maps")}
    found: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        order = list(commands) if number % 2 else list(commands)[::-1]
        for name in order:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            with _serving([*commands[name], str(port)], port, tmp_path) as began:
                time.sleep(wait_s if name == "ALI5" else 0)
                seen = _visit(chromium, port, parts[name])
            if not wait_s:
                found.setdefault(f"{name} answers after its start", []).append(
                    seen["asked"] - began
                )
            for part in parts[name]:
                found.setdefault(f"{name} {part}", []).append(seen[part] - seen["asked"])
                if not wait_s:
                    found.setdefault(f"{name} {part} after its start", []).append(
                        seen[part] - began
                    )
    middle = {what: float(np.median(values)) for what, values in found.items()}
    print()
    for what, values in found.items():
        print(f"{what}: {middle[what]:.2f} s ({min(values):.2f} to {max(values):.2f})")
    print(f"title ÷ a bare page's: {middle['ALI5 title'] / middle['bare title']:.2f}")
    print(f"maps ÷ a bare page's title: {middle['ALI5 maps'] / middle['bare title']:.2f}")
