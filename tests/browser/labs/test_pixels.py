"""The lab "A picture is numbers", used as a learner does."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from ali5.known.catalog import catalog
from ali5.labs.weighing import convolution_cost, fully_connected_cost
from ali5.pictures.preparation import prepare_pixels
from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.pixels.numbers import patch_of, photo_of, start_of
from ali5.site.app.labs.pixels.settings import Settings, made_possible
from tests.browser.conftest import WINDOWS
from tests.browser.labs.twins import unfold
from tests.browser.widths import assert_fits_every_width

Visit = Callable[..., Page]

PHOTO = photo_of(Picture("coffee", open_sample("coffee"), "", ""))
COLOURS = catalog()["resnet18"].edition().preprocessing


def numbers_of(root: Locator) -> np.ndarray:
    """The three planes as the text twin has them."""
    unfold(root)
    tables = root.locator("table").evaluate_all(
        "tables => tables.map(t => [...t.rows].map(r => [...r.cells].map(c => +c.dataset.value)))"
    )
    return np.array(tables)


def test_a_link_shows_the_numbers_of_the_picture(revisit: Visit) -> None:
    chosen = Settings(row=3, column=250, patch=9, units="normalised", cells=(("4,252,1", 7),))
    query = "row=3&column=250&patch=9&units=normalised&cells=4.252.1:7"
    root = revisit(f"/pixels?{query}").locator(".pixels")
    expected = patch_of(made_possible(chosen, PHOTO.shape), PHOTO, COLOURS)
    assert numbers_of(root) == pytest.approx(expected, abs=1e-5)


def test_the_square_is_dragged_and_its_numbers_change_meanwhile(revisit: Visit) -> None:
    page = revisit("/pixels")
    root = page.locator(".pixels")
    before = numbers_of(root)
    picture = root.locator(".pictures canvas.base").first
    picture.hover(position={"x": 20, "y": 20})
    page.mouse.down()
    picture.hover(position={"x": 60, "y": 50})
    during = numbers_of(root)
    assert (during != before).any()
    assert "row" not in page.url  # the address waits until it is let go
    page.mouse.up()
    expect(page).to_have_url(re.compile("row=.*column=|column=.*row="))
    link = page.url.partition("/pixels")[2]
    assert (numbers_of(revisit("/pixels" + link, sent=True).locator(".pixels")) == during).all()
    page.go_back()
    page.wait_for_url(lambda url: "row" not in url)
    expect(root.get_by_label("From row")).to_have_value(str(start_of(PHOTO)[0]))


def test_a_pixel_is_changed_by_keyboard_alone(revisit: Visit) -> None:
    page = revisit("/pixels?row=10&column=20")
    root = page.locator(".pixels")
    root.locator(".pictures canvas.base").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("row=11"))
    root.locator(".planes canvas.base").nth(1).focus()
    for key in ("ArrowRight", "ArrowRight", "9", "9", "Enter"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"cells=11\.21\.1(:|%3A)99"))
    red, _, blue = PHOTO[11, 21]
    expect(root.locator(".said")).to_contain_text(
        f"Row 11, column 21: red {red}, green 99, blue {blue}"
    )
    root.get_by_role("button", name="Start again").press("Enter")
    expect(page).not_to_have_url(re.compile("cells"))


@pytest.mark.parametrize("into", ["resnet18-compact", "lenet5-compact", "vgg16-paper"])
def test_every_step_into_a_network_is_linked_and_worked_out(revisit: Visit, into: str) -> None:
    page = revisit(f"/pixels?into={into}")
    root = page.locator(".rungs")
    name, edition = into.split("-")
    preprocessing = catalog()[name].edition(edition).preprocessing
    tensor = prepare_pixels(open_sample("coffee"), preprocessing)
    last = root.locator(".rung").last
    expect(last).to_contain_text("Normalised")
    canvas = last.locator("canvas.base").first
    box = canvas.bounding_box()
    assert box is not None
    canvas.scroll_into_view_if_needed()
    canvas.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(root.locator(".said")).to_contain_text("Row ")
    said = root.locator(".said").inner_text().replace("−", "-")
    row, column = (int(each) for each in re.findall(r"\d+", said)[:2])
    assert (row, column) == pytest.approx((preprocessing.size / 2,) * 2, abs=2)
    found = [float(part.rsplit(" = ", 1)[1].rstrip(".")) for part in said.split("; ")]
    assert len(found) == preprocessing.channels
    assert found == pytest.approx(tensor[:, row, column], abs=2e-3)
    low, high = (
        float(str(root.locator(".legend").get_attribute(f"data-{end}")))
        for end in ("minimum", "maximum")
    )
    assert (low, high) == pytest.approx((tensor.min(), tensor.max()), abs=1e-5)
    root.get_by_role("button", name="One step on").click()
    page.mouse.move(0, 0)
    expect(root.locator(".said")).to_contain_text("1. Upright")


def test_the_costs_grow_while_the_slider_is_dragged(revisit: Visit) -> None:
    page = revisit("/pixels?edge=32&maps=3")
    root = page.locator(".weighing")
    cells = root.locator("td[data-value]")

    def shown() -> list[float]:
        values = cells.evaluate_all("all => all.map(cell => cell.dataset.value)")
        return [float(value) for value in values if value]

    def expected(edge: int, maps: int) -> list[float]:
        layers = [layer(edge, edge, 3, maps) for layer in (fully_connected_cost, convolution_cost)]
        kinds = ("weights", "biases", "parameter_bytes", "multiply_adds")
        return [getattr(layer, kind) for kind in kinds for layer in layers]

    expect(cells.last).to_be_visible()
    assert shown() == expected(32, 3)
    root.get_by_label("Picture").focus()
    page.keyboard.press("ArrowRight")
    assert shown() == expected(33, 3)
    expect(page).to_have_url(re.compile("edge=33"))


def test_the_lab_fits_every_width(revisit: Visit) -> None:
    width, theme = WINDOWS[0]
    page = revisit("/pixels?patch=12", width=width, theme=theme)
    page.locator(".weighing td[data-value]").last.wait_for()
    assert_fits_every_width(page, ".pixels", ".rungs", ".weighing")
