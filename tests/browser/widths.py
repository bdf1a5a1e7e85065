"""Whether a page fits every window."""

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.conftest import WINDOWS

OVERFLOW = "part => part.scrollWidth - part.clientWidth"
LAID_OUT = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const ends = (each) => Number.isFinite(each.effect.getComputedTiming().endTime);
  await frame();
  await Promise.allSettled(document.getAnimations().filter(ends).map((each) => each.finished));
  await frame();
  await frame();
}"""
"""Until everything is laid out anew: the side panel slides to its place."""


def in_every_window(page: Page) -> Iterator[int]:
    """Show a page in one window after the other, each in its theme; gives their widths."""
    for width, theme in WINDOWS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=theme)
        page.evaluate(LAID_OUT)
        yield width


def assert_fits_every_width(page: Page, *parts: str, spill: int = 0) -> None:
    """Fail if the page or one of these parts is wider than its place in one of the windows.

    Args:
        page: It shows all of the parts.
        parts: Selectors; of all that they find, each.
        spill: Pixels that letters of a part may stand out by.
    """
    for width in in_every_window(page):
        assert page.locator('[data-testid="stMain"]').evaluate(OVERFLOW) <= 0, width
        for part in parts:
            found = page.locator(part).evaluate_all(f"all => all.map({OVERFLOW})")
            assert found, f"there is no {part}"
            assert max(found) <= spill, (part, width, found)
