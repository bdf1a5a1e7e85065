"""The text twin of a lab, its numbers as tables."""

from playwright.sync_api import Locator


def unfold(root: Locator) -> None:
    """Open what a lab has folded away; it is filled once it is open."""
    details = root.locator("details")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    root.locator("details tr").first.wait_for()
