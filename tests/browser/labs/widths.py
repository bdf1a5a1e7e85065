"""Whether a page fits every window."""

from playwright.sync_api import Page

from tests.browser.conftest import WINDOWS

OVERFLOW = "part => part.scrollWidth - part.clientWidth"
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Until everything is laid out anew."""


def assert_fits_every_width(page: Page, *parts: str) -> None:
    """Fail if the page or one of these parts is wider than its place in one of the windows."""
    for width, theme in WINDOWS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=theme)
        page.evaluate(TWO_FRAMES)
        for part in ('[data-testid="stMain"]', *parts):
            assert page.locator(part).evaluate(OVERFLOW) <= 0, (part, width)
