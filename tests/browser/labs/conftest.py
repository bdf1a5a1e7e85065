"""The labs, at other settings without being loaded anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import NARROW_PX, Guest
from tests.browser.widths import TWO_FRAMES

LAB = "[data-waiting]"
WATCH = """(labs) => {
  window.frames_left = 60;
  window.watched = labs.map((lab) => {
    const at = { lab, told: false };
    const tell = () => { at.told = true; };
    new MutationObserver(tell).observe(lab, { attributeFilter: ["data-waiting"] });
    return at;
  });
}"""
"""A lab says how many answers it waits for, whenever Python has sent it something."""

ALL_TOLD = """() =>
  frames_left-- === 0 || watched.every(({ lab, told }) => told || !lab.isConnected)
"""
"""Or nothing that it was sent is new: for a second nothing has come."""


def unfold(root: Locator) -> None:
    """Open what a lab has folded away, its numbers as tables."""
    details = root.locator("details")
    if details.get_attribute("open") is None:
        details.locator("summary").click()


@pytest.fixture
def revisit(revisit: Callable[..., Page], guests: list[Guest]) -> Callable[..., Page]:
    """Go to another address as `revisit` does, until the labs there show what it says.

    They are not made anew: what is unfolded stays so, and only other settings rewind what plays.
    """

    def open_(address: str, **how: Any) -> Page:
        if how.get("has_touch") or how.get("width", NARROW_PX) < NARROW_PX:
            return revisit(address, **how)  # a visitor of its own, and all is new
        path = address.partition("?")[0]
        if not guests or path not in guests[0].page.url:
            page = revisit(path, **how)  # what was chosen on the other page comes along at first
            page.locator(LAB).first.wait_for()
            page.evaluate(TWO_FRAMES)
        guests[0].page.locator(LAB).evaluate_all(WATCH)
        page = revisit(address, **how)
        page.wait_for_function(ALL_TOLD)
        page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
        return page

    return open_
