"""What tests of Explore, and of what it shares, do on its page."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

LENET = "/?network=lenet5&picture=digit-3"

COLOURS = """canvas => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set(new Uint32Array(data.buffer));
    return seen.size;
}"""


def wall_of(page: Page, step: str) -> Locator:
    """The wall of a step, once it is shown."""
    wall = page.locator(f'.wall[data-name="{step}"]')
    wall.wait_for()
    return wall


def range_of(wall: Locator) -> tuple[float, float]:
    legend = wall.locator(".legend").first
    low, high = (legend.get_attribute(f"data-{end}") for end in ("minimum", "maximum"))
    return float(str(low)), float(str(high))


def assert_painted(wall: Locator) -> None:
    assert wall.locator("canvas.base").evaluate(COLOURS) > 20


def node_of(page: Page, step: str) -> Locator:
    """A step on the map of the network."""
    return page.locator(f'.network-map .card[data-name="{step}"]')


def choose_step(page: Page, step: str) -> Locator:
    node_of(page, step).press("Enter")
    return wall_of(page, step)


def choose_network(page: Page, title: str) -> None:
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name=title, exact=True).click()
