"""The first visitor, in a browser: all is there before torch is, and nothing moves then."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import wait_until_still

HELD = """
import pathlib, sys, time
from ali5.site.app.engine import loading

load = loading._load

def held(after_s):
    while not pathlib.Path(sys.argv[1]).exists():
        time.sleep(0.05)
    load(after_s)

loading._load = held

from ali5.__main__ import main

main(["--no-browser", "--device", "cpu", "--port", sys.argv[2]])
"""


@dataclass
class Early:
    """A site that has only just been started.

    Attributes:
        address: Where.
        sign: Once this file is there, torch is loaded.
    """

    address: str
    sign: Path


@pytest.fixture
def early(tmp_path: Path) -> Iterator[Early]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Early(f"http://127.0.0.1:{port}", tmp_path / "sign")
    command = [sys.executable, "-c", HELD, str(found.sign), str(port)]
    log = (tmp_path / "log").open("w+")
    server = subprocess.Popen(
        command, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT, env=dict(os.environ)
    )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{found.address}/_stcore/health").close()
                break
            except OSError:
                assert server.poll() is None, (tmp_path / "log").read_text("utf-8")
                time.sleep(0.1)
        yield found
        assert "Traceback" not in (tmp_path / "log").read_text("utf-8")
    finally:
        server.terminate()
        server.wait(10)
        log.close()


PARTS = ("h1", ".trail", ".bars", ".network-map", ".picker", '[data-testid="stExpander"]')

PLACES = """(parts) => parts.map((part) => {
  const find = (root) => {
    const found = root.querySelector(part);
    if (found) return found;
    for (const each of root.querySelectorAll("*")) {
      const inner = each.shadowRoot && find(each.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const found = find(document);
  const { x, y, width, height } = found.getBoundingClientRect();
  found.here = (found.here ?? 0) + 1;
  return [part, found.here, x, y, width, height];
})"""
"""Where parts of the page are, and how often each was looked at: anew if it was made anew."""


def open_early(chromium: Browser, early: Early, width: int) -> Page:
    context = chromium.new_context(viewport={"width": width, "height": 1000})
    page = context.new_page()
    page.goto(early.address)
    expect(page.locator(".bars li")).to_have_count(5)
    expect(page.locator(".network-map .view")).to_be_visible()
    expect(page.get_by_text("Loading PyTorch")).to_be_visible()
    page.wait_for_timeout(1500)
    return page


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_when_the_engine_comes(early: Early, chromium: Browser, width: int) -> None:
    page = open_early(chromium, early, width)
    before = page.evaluate(PLACES, PARTS)
    lenses = page.locator(".network-map select option")
    expect(lenses).to_have_count(4)
    early.sign.touch()
    expect(lenses).to_have_count(5)  # the engine knows how long each step took
    wait_until_still(page)
    page.wait_for_timeout(1500)
    after = page.evaluate(PLACES, PARTS)
    assert after == [[part, 2, *place] for part, _, *place in before]
    page.context.close()


def test_who_clicks_before_it_is_there_gets_what_they_asked_for(
    early: Early, chromium: Browser
) -> None:
    page = open_early(chromium, early, 1440)
    page.locator('.picker button[data-id="cat"]').click()
    page.wait_for_url("**/?picture=cat")
    early.sign.touch()
    expect(page.get_by_text("looks at the photograph “Cat”")).to_be_visible()
    wait_until_still(page)
    expect(page.locator(".network-map select option")).to_have_count(5)
    page.context.close()
