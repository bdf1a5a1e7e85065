"""The convolution lab, used as a learner does: dragging, pointing, typing, links, the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.convolution.numbers import convolved, photo_of, planes_of, weights_of
from ali5.site.app.labs.convolution.settings import Settings, made_possible
from tests.browser.conftest import WINDOWS, go_to
from tests.browser.labs.twins import unfold
from tests.browser.widths import assert_fits_every_width

Visit = Callable[..., Page]

ADDRESS = [
    *("input", "size", "channels", "preset", "filter", "kernel", "stride"),
    *("padding", "border", "mode", "dilation", "bias"),
]


def open_lab(page: Page) -> Locator:
    root = page.locator(".convolution")
    root.wait_for()
    expect(root.locator(".formula")).not_to_be_empty()
    return root


def output_of(root: Locator) -> np.ndarray:
    """The feature map as the text twin has it."""
    unfold(root)
    table = root.locator("table").last
    expect(table.locator("caption")).to_have_text("Feature map")
    rows = table.locator("tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => Number(cell.dataset.value)))"
    )
    return np.array(rows)


def expected_of(settings: Settings) -> np.ndarray:
    picture = Picture("cat", open_sample("cat"), "", "")
    pixels = planes_of(settings, photo_of(picture))
    return convolved(settings, pixels, weights_of(settings)).output[0].numpy()


def query_of(settings: Settings) -> str:
    default = Settings()
    return "&".join(
        f"{name}={getattr(settings, name)}"
        for name in ADDRESS
        if getattr(settings, name) != getattr(default, name)
    )


@pytest.mark.parametrize(
    "settings",
    [
        Settings(
            size=12, preset="layer0", filter=7, kernel=5, channels=3, padding="same", bias=1.5
        ),
        Settings(input="photo", preset="box", kernel=11, stride=4, dilation=3, channels=3),
    ],
    ids=query_of,
)
def test_a_link_shows_what_pytorch_computes(revisit: Visit, settings: Settings) -> None:
    assert made_possible(settings) == settings
    page = revisit(f"/convolution?picture=cat&{query_of(settings)}")
    root = open_lab(page)
    expected = expected_of(settings)
    rows, columns = expected.shape
    expect(root.get_by_text(f"Feature map, {rows} × {columns}")).to_be_visible()
    if expected.size > 1024:
        low, high = (
            float(str(root.locator(".legend").get_attribute(f"data-{end}")))
            for end in ("minimum", "maximum")
        )
        assert (low, high) == pytest.approx((expected.min(), expected.max()), abs=1e-5)
        return
    assert output_of(root) == pytest.approx(expected, abs=1e-4)


def test_dragging_the_stride_repaints_while_the_pointer_is_down(revisit: Visit) -> None:
    page = revisit("/convolution?size=9")
    root = open_lab(page)
    handle = root.get_by_role("slider", name="Stride").bounding_box()
    assert handle is not None
    caption = root.locator(".stages figcaption").last
    expect(caption).to_have_text("Feature map, 7 × 7")
    page.mouse.move(handle["x"] + 4, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    seen = []
    for share in np.linspace(0, 0.7, 6):
        page.mouse.move(
            handle["x"] + 4 + share * (handle["width"] - 8), handle["y"] + handle["height"] / 2
        )
        seen.append(caption.inner_text())
    assert list(dict.fromkeys(seen)) == [
        "Feature map, 7 × 7",
        "Feature map, 4 × 4",
        "Feature map, 3 × 3",
    ]
    assert "stride" not in page.url  # the address waits until it is let go
    page.mouse.up()
    expect(page).to_have_url(re.compile("stride=3"))
    expect(page.get_by_text("If the stride were 4")).to_be_visible()  # Python has answered
    page.go_back()
    expect(caption).to_have_text("Feature map, 7 × 7")


def test_pointing_shows_the_sum_the_uses_and_the_meetings(revisit: Visit) -> None:
    page = revisit("/convolution")
    root = open_lab(page)
    said = root.locator(".said")
    picture, kernel, result = (root.locator(".grid canvas.base").nth(i) for i in range(3))
    result.hover(position={"x": 10, "y": 10})
    expect(said).to_contain_text("Row 0, column 0: 1·(−1) + 3·(−1) + 3·(−1)")
    expected = expected_of(Settings())
    expect(said).to_contain_text(f"Result: {expected[0, 0]:g}")
    box = picture.bounding_box()
    assert box is not None
    picture.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(said).to_contain_text("Pixel in row 2, column 2 (8): 9 numbers of the result look at it")
    kernel.hover(position={"x": 10, "y": 10})
    expect(said).to_contain_text("it is multiplied with 9 pixels of each channel")


def test_stride_two_is_told_from_stride_one(revisit: Visit) -> None:
    settings = Settings(size=8, channels=3, padding="same", preset="box", bias=2.0)
    page = revisit(f"/convolution?{query_of(settings)}")
    story = open_lab(page).locator(".stride-story")
    dense = expected_of(settings)
    rows, columns = dense.shape
    kept = dense[::2, ::2]
    expect(story).to_contain_text(f"Stride 1, {rows} × {columns}")
    expect(story).to_contain_text(f"Stride 2, {kept.shape[0]} × {kept.shape[1]}")
    assert float(str(story.get_attribute("data-difference"))) < 1e-9
    left, right = dense[::2, 0:-1:2], dense[::2, 1::2]
    change = 100 * np.sqrt(((right - left) ** 2).sum() / (left**2).sum())
    assert float(str(story.get_attribute("data-change"))) == pytest.approx(change, rel=1e-4)
    products = 9 * settings.channels
    expect(story).to_contain_text(
        f"{kept.size * products:,} multiplications instead of {dense.size * products:,}"
    )
    story.locator("canvas.base").first.focus()
    for key in ("ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(story).to_contain_text("column 1 with stride 1")
    expect(story).to_contain_text("With stride 2 it is never computed")
    story.get_by_label("Picture moved to the left").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("moved=1"))
    story.locator("canvas.base").nth(1).focus()
    page.keyboard.press("ArrowRight")
    expect(story).to_contain_text("column 1 with stride 1")
    expect(page.locator(".convolution")).to_have_attribute("data-waiting", "0")
    page.go_back()
    expect(story.locator("output")).to_have_text("0 px")
    expect(story).to_contain_text("column 0 with stride 1")  # what is pointed at stays so


def test_numbers_can_be_typed_and_live_in_the_address(revisit: Visit) -> None:
    page = revisit("/convolution")
    root = open_lab(page)
    root.locator(".grid canvas.base").nth(1).dblclick(position={"x": 10, "y": 10})
    field = root.locator("input.cell")
    field.fill("5")
    field.press("Enter")
    expect(root.get_by_role("combobox", name="Kernel", exact=True)).to_have_value("custom")
    expect(page).to_have_url(re.compile("weights=5"))
    root.locator(".grid canvas.base").first.dblclick(position={"x": 10, "y": 10})
    field.fill("-3")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"cells=0\.0\.0(:|%3A)-3"))
    found = output_of(root)
    weights = [[[5, -1, -1], [-1, 8, -1], [-1, -1, -1]]]
    settings = Settings(preset="custom", weights=weights, cells={"0,0,0": -3.0})
    assert found == pytest.approx(expected_of(settings), abs=1e-4)
    # The link restores it for somebody else.
    link = "/convolution" + page.url.partition("/convolution")[2]
    assert output_of(open_lab(revisit(link, sent=True))) == pytest.approx(found)


def test_what_is_not_possible_cannot_be_chosen_and_says_why(revisit: Visit) -> None:
    page = revisit("/convolution?size=4&dilation=1")
    root = open_lab(page)
    assert root.get_by_label("Kernel size").get_attribute("max") == "4"
    expect(root.get_by_text("1 to 4: the window must fit into the picture")).to_be_visible()
    assert root.get_by_label("Dilation").is_disabled()
    page = revisit("/convolution?kernel=2&preset=box")
    kernels = open_lab(page).get_by_role("combobox", name="Kernel", exact=True)
    options = kernels.locator("option")
    sobel = options.filter(has_text="Sobel, x")
    expect(sobel).to_have_text("Sobel, x (needs 3 × 3)")
    assert sobel.is_disabled()


def test_the_window_moves_by_steps_and_by_itself(revisit: Visit) -> None:
    page = revisit("/convolution?bias=1")
    root = open_lab(page)
    said = root.locator(".said")
    root.get_by_role("button", name="One step on").click()
    expect(said).to_contain_text("Row 0, column 0")
    root.get_by_role("button", name="One step on").click()
    expect(said).to_contain_text("Row 0, column 1")
    root.get_by_role("button", name="One step back").click()
    expect(said).to_contain_text("Row 0, column 0")
    root.get_by_label("Speed").fill("30")
    root.get_by_role("button", name="Play").click()
    expect(said).to_contain_text("Row 2, column 2", timeout=10_000)
    expect(root.get_by_role("button", name="Play")).to_be_visible()


def test_the_lab_is_usable_by_keyboard_alone(revisit: Visit) -> None:
    page = revisit("/convolution")
    root = open_lab(page)
    root.get_by_role("slider", name="Stride").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("stride=2"))
    root.locator(".grid canvas.base").nth(1).focus()
    for key in ("ArrowRight", "ArrowRight", "7", "Enter"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("weights=-1(,|%2C)7"))
    root.locator(".stages canvas.base").last.focus()
    for key in ("ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(root.locator(".said")).to_contain_text("Row 1, column 0")
    page.keyboard.press("Escape")
    expect(root.locator(".said")).to_contain_text("Point at any cell")


def test_the_lab_fits_every_width(revisit: Visit) -> None:
    width, theme = WINDOWS[0]
    page = revisit("/convolution?channels=3&size=8", width=width, theme=theme)
    open_lab(page)
    assert_fits_every_width(page, ".lab")


def test_the_pages_are_reached_from_each_other(revisit: Visit) -> None:
    page = revisit("/convolution")
    open_lab(page)
    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look inside a neural network")
    go_to(page, "Labs", "Convolution")
    open_lab(page)
