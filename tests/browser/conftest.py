"""A real server and a real Chromium."""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from ali5.site.app import address as choices
from ali5.site.app.canvas.scripts import join_scripts, parts_of
from tests.conftest import ROOT

expect.set_options(timeout=30_000)  # two busy cores can take a while

WINDOWS = [(390, "dark"), (1024, "light"), (1440, "dark")]
"""Widths in pixels that nothing may overflow, each in one theme: these differ in colours only."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
OPTIONS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    # Two pages of its address field's own are made for every stranger, and never looked at.
    "--disable-features=BackgroundResourceFetch,WebUIOmniboxPopup,WebUIOmniboxAimPopup",
]
"""How Chromium is started here."""


def _find_chromium(own: str) -> str | None:
    found = [path for name in _NAMES if (path := shutil.which(name))]
    return next((path for path in (*found, _MAC, own) if Path(path).exists()), None)


def go_to(page: Page, section: str, title: str) -> None:
    """Go to another page by the menu of its section."""
    page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title).click()


def wait_until_still(page: Page) -> None:
    """Wait until the page has answered all that it was asked."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def go_on(page: Page, address: str) -> None:
    """Go to another address of the site in a page that is there: it answers without a new load."""
    wait_until_still(page)
    page.evaluate(GO_ON, address)


GO_ON = """(address) => new Promise((answered) => {
  const app = document.querySelector('[data-testid="stApp"]');
  let asked = false;
  const look = new MutationObserver(() => {
    asked = true;
    if (app.dataset.testScriptState !== "notRunning") return;
    look.disconnect();
    answered();
  });
  look.observe(app, { attributeFilter: ["data-test-script-state"] });
  setTimeout(() => asked || answered(), 1000);
  setTimeout(answered, 60_000);
  history.pushState(null, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
})"""
"""As the browser's own buttons do it; until it is answered, or nothing was asked."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let those who stay go from page to page: to be on one anew, they would have to leave it."""
    places = [at for at, item in enumerate(items) if "revisit" in getattr(item, "fixturenames", ())]
    pages: dict[str, list[pytest.Item]] = {}
    for at in places:
        path = items[at].path
        page = "explore" if path.parent.name in ("choose", "explore") else path.stem
        pages.setdefault(page, []).append(items[at])
    spread = [
        ((at + 0.5) / len(found), item) for found in pages.values() for at, item in enumerate(found)
    ]
    for at, (_, item) in zip(places, sorted(spread, key=lambda each: each[0]), strict=True):
        items[at] = item


@pytest.fixture(scope="session")
def player() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def program(player: Playwright) -> str:
    """The file of a Chromium or Chrome."""
    path = _find_chromium(player.chromium.executable_path)
    if path is None:
        words = "There is no Chromium or Chrome here: the browser tests cannot run."
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    return path


@pytest.fixture(scope="session")
def options() -> list[str]:
    """How the browser of the tests is started: few pages live long enough to compile them twice."""
    return [*OPTIONS, "--js-flags=--no-opt --no-maglev"]


@pytest.fixture(scope="session")
def chromium(player: Playwright, program: str, options: list[str]) -> Iterator[Browser]:
    """A browser whose every context is somebody who was never here before."""
    browser = player.chromium.launch(executable_path=program, args=options)
    yield browser
    browser.close()


BARE = r"""
(parts) => {
  const plain = (value) => {
    if (Object.is(value, -0)) return "\u0001-0.0";  // JSON has no word for some numbers
    if (typeof value === "number" && !Number.isFinite(value)) return `\u0001${value}`;
    if (ArrayBuffer.isView(value)) return Array.from(value, plain);
    if (Array.isArray(value)) return value.map(plain);
    if (value instanceof Map || value instanceof Set) return plain([...value]);
    if (value === undefined) return null;
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  };
  const found = new Function(`${parts.script}; return ${parts.name};`)();
  const read = (text) => {
    try { return JSON.parse(text); } catch { return (0, eval)(`(${text})`); }  // NaN, Infinity
  };
  window.bare ??= {};
  window.bare[parts.key] = (text) => {
    const all = read(text).map((given) => plain(found(...given)));
    return JSON.stringify(all).replaceAll(/"\\u0001([^"]+)"/g, "$1");  // as Python writes them
  };
}
"""
"""What goes to and fro is text: Playwright looks at every number of a list by itself, for longer
than the page computes with them."""


@pytest.fixture(scope="session")
def bare(chromium: Browser) -> Iterator[Callable[[str, str], Callable[..., Any]]]:
    """A function of the site's scripts in an empty page, to be called from here.

    `bare("labs/convolution/sums.js", "axisOf")(5, 3, 1)`: what it is given and returns is JSON;
    typed arrays come back as lists. With `each`, one call takes many: lists of what it is given.
    """
    page = chromium.new_page()

    @functools.cache
    def find(script: str, name: str, each: bool = False) -> Callable[..., Any]:
        path = ROOT / "app" / script
        key = f"{script} {name}"
        joined = join_scripts(parts_of(path)).replace("export default ", "")
        page.evaluate(BARE, {"script": joined, "name": name, "key": key})

        def call(rows: Any) -> Any:
            text = json.dumps(list(rows))
            return json.loads(page.evaluate("([key, text]) => window.bare[key](text)", [key, text]))

        return call if each else lambda *given: call([given])[0]

    yield find
    page.close()


@pytest.fixture(scope="session")
def profile(
    player: Playwright,
    program: str,
    options: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[BrowserContext]:
    """A browser that keeps the site's files and compiled code: pages open in half the time."""
    context = player.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"), executable_path=program, args=options
    )
    yield context
    context.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site, started from an empty folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("elsewhere")
    log = (folder / "log").open("w+")
    command = [sys.executable, "-m", "ali5", "--no-browser", "--port", str(port)]
    command += ["--device", "cpu"]
    # Nothing was downloaded before, and nothing can be.
    offline = {"TORCH_HOME": str(folder), "https_proxy": "http://127.0.0.1:9"}
    server = subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=os.environ | offline
    )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health").close()
                break
            except OSError:
                assert server.poll() is None, Path(log.name).read_text("utf-8")
                time.sleep(0.1)
        yield address
        text = Path(log.name).read_text("utf-8")
        # Streamlit 1.67 may close a socket twice when a browser leaves at that very moment.
        twice = 'starlette.websockets.WebSocketDisconnected: Cannot call "send" once a close'
        assert all(twice in each for each in text.split("Traceback (most")[1:]), text
    finally:
        server.terminate()
        server.wait(10)
        log.close()


@pytest.fixture
def visit(
    site: str, profile: BrowserContext, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open an address of the site as a new visitor; nothing may go wrong or leave the machine.

    The first visitor of a test has the site's files already, but nothing that another visitor has
    left; whoever comes besides, or with a browser of their own kind, shares nothing with them.
    """
    pages: list[Page] = []
    strangers: list[BrowserContext] = []
    faults: list[str] = []

    def open_(
        address: str = "",
        width: int = 1440,
        height: int = 1000,
        theme: Literal["light", "dark"] = "light",
        **more: Any,
    ) -> Page:
        context = profile
        if more or pages:
            context = request.getfixturevalue("chromium").new_context(**more)
            strangers.append(context)
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        _watch(page, site, faults)
        page.goto(site + address)
        return page

    yield open_
    for context in strangers:
        context.close()
    for page in profile.pages[1:]:  # without its last page the browser would end
        page.close()
    _forget(profile, site)
    assert not faults


@dataclass
class Guest:
    """Somebody who stays on the site from test to test, with a page and what went wrong in it."""

    page: Page
    faults: list[str]


NARROW_PX = 768
"""Below this width it is a phone: used by touch, its side panel over the page."""


@pytest.fixture(scope="session")
def guests() -> dict[tuple[bool, bool], Guest]:
    """Who is there already, by whether links are sent to them and whether they are on a phone."""
    return {}


@pytest.fixture
def revisit(
    site: str,
    chromium: Browser,
    guests: dict[tuple[bool, bool], Guest],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Page]]:
    """Go to an address of the site as somebody who is there already: nothing is loaded anew.

    This takes a third of what `visit` takes, and tests about one view do not differ by it: all of
    the view is built anew, as if they came from another page. What is about coming, or about having
    brought nothing, takes `visit`, and so does who leaves in the session what other tests would
    see. Tests that have failed leave nobody behind. A link that was `sent` is opened by somebody
    else, who has done nothing but open links.
    """
    failed = request.session.testsfailed

    def open_(
        address: str,
        width: int = 1440,
        height: int = 1000,
        theme: Literal["light", "dark"] = "light",
        reduced_motion: Literal["reduce", "no-preference"] = "no-preference",
        sent: bool = False,
    ) -> Page:
        phone = width < NARROW_PX
        who = sent, phone
        new = who not in guests
        if new:
            guests[who] = Guest(chromium.new_context(has_touch=phone).new_page(), [])
            _watch(guests[who].page, site, guests[who].faults)
        page = guests[who].page
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme, reduced_motion=reduced_motion)
        if new:
            page.goto(site + address)
            return page
        page.mouse.move(0, 0)
        panel = page.get_by_test_id("stSidebar")
        if phone and panel.get_attribute("data-collapsed") == "false":
            panel.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        here, there = (urlsplit(each) for each in (page.url, address))
        left_out = parse_qs(here.query).keys() - parse_qs(there.query).keys()
        if left_out.intersection(choices._KEPT):  # they go along to another page
            go_on(page, here.path)
        if here.path == there.path:
            go_on(page, "/convolution" if address.startswith("/pooling") else "/pooling")
        go_on(page, address)
        page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
        return page

    yield open_
    faults = [fault for guest in guests.values() for fault in guest.faults]
    if faults or request.session.testsfailed > failed:
        for guest in guests.values():
            guest.page.context.close()
        guests.clear()
    assert not faults


def _watch(page: Page, site: str, faults: list[str]) -> None:
    """Note what goes wrong in a page, and what it asks for elsewhere."""
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if _is_fault(said) else None)
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((site, site.replace("http", "ws"), "blob:", "data:"))
            else faults.append(f"asked for {request.url}")
        ),
    )


def _is_fault(said: ConsoleMessage) -> bool:
    """Whether the console says more than that a file was not there, which Streamlit tries out."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def _forget(profile: BrowserContext, site: str) -> None:
    """Take away what a visitor has left in the browser, but the site's files."""
    devtools = profile.new_cdp_session(profile.pages[0])
    what = {"origin": site, "storageTypes": "cookies,local_storage,indexeddb,cache_storage"}
    devtools.send("Storage.clearDataForOrigin", what)
    devtools.detach()
