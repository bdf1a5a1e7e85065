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
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import wait_until_still
from tests.browser.widths import LAID_OUT

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


def opened_early(context: BrowserContext, early: Early, width: int) -> Page:
    """The first page of a visitor who is there before the engine."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(early.address)
    expect(page.locator(".bars li")).to_have_count(5)
    expect(page.locator(".network-map .view")).to_be_visible()
    expect(page.get_by_text("Loading PyTorch")).to_be_visible()
    return page


def test_who_is_there_before_the_engine(early: Early, chromium: Browser) -> None:
    """Three visitors of one site that has only just been started."""
    with chromium.new_context() as context:
        narrow, wide, hasty = (opened_early(context, early, width) for width in (390, 1440, 1440))
        hasty.locator('.picker button[data-id="cat"]').click()
        hasty.wait_for_url("**/?picture=cat")
        for page in (narrow, wide):
            page.evaluate(LAID_OUT)
        before = [page.evaluate(PLACES, PARTS) for page in (narrow, wide)]
        for page in (narrow, wide):
            expect(lenses_of(page)).to_have_count(4)
        early.sign.touch()
        for page in (narrow, wide):
            expect(lenses_of(page)).to_have_count(5)  # the engine knows how long each step took
            wait_until_still(page)
        wide.wait_for_timeout(1500)
        for page, places in zip((narrow, wide), before, strict=True):
            assert_nothing_has_moved(page, places)
        assert_got_the_cat(hasty)


def lenses_of(page: Page) -> Locator:
    return page.locator(".network-map select option")


def assert_nothing_has_moved(page: Page, before: list[list]) -> None:
    after = page.evaluate(PLACES, PARTS)
    assert after == [[part, 2, *place] for part, _, *place in before], page.viewport_size


def assert_got_the_cat(page: Page) -> None:
    """Fail if who clicked before the engine was there did not get what they asked for."""
    expect(page.get_by_text("looks at the photograph “Cat”")).to_be_visible()
    wait_until_still(page)
    expect(lenses_of(page)).to_have_count(5)
