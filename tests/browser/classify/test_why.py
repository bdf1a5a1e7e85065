"""The Why page, used as a visitor does: pointing, keys, search, saving, a phone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

import ali5
from ali5.explain import Attribution, attribution
from ali5.explain.attributions.methods import METHODS
from ali5.pictures.samples import open_sample
from tests.browser.conftest import wait_until_still

Visit = Callable[..., Page]


def open_map(page: Page, caption: str) -> Locator:
    root = page.locator(".overlay")
    expect(root.locator("figcaption")).to_contain_text(caption)
    return root


def answer_of(name: str, picture: str, method: str, label: str = "") -> Attribution:
    trace = ali5.trace(ali5.load(name, "compact", device="cpu"), open_sample(picture))
    target = trace.network.labels.index(label) if label else None
    return attribution(trace, method, target)


def written(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}g}".replace("-", "−")


def test_pointing_and_keys_read_the_map_and_settings_go_to_the_address(revisit: Visit) -> None:
    page = revisit("/why?picture=cat&method=occlusion")
    root = open_map(page, "Occlusion of “Egyptian cat”")
    found = answer_of("resnet18", "cat", "occlusion")
    base, said = root.locator("canvas.base"), root.locator(".said")
    box = base.bounding_box()
    assert box is not None
    cell = box["width"] / 64
    base.hover(position={"x": 50.5 * cell, "y": 20.5 * cell})
    drop = float(found.map[20, 50])
    expect(said).to_contain_text(f"Row 20, column 50: {written(drop)}")
    verb = "raises" if drop < 0 else "lowers"
    expect(said).to_contain_text(f"{verb} the logit of “Egyptian cat” by {written(abs(drop), 3)}")
    base.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text(f"Row 21, column 51: {written(float(found.map[21, 51]))}")
    cover = root.get_by_role("slider", name="Cover")
    cover.focus()
    page.keyboard.press("ArrowRight")
    assert base.evaluate("canvas => canvas.style.opacity") == "0.65"
    expect(page).to_have_url(re.compile("opacity=65"))
    # The answer has come: going back in the moment before it can be overtaken by it.
    wait_until_still(page)
    page.go_back()
    expect(root.locator("output").first).to_have_text("60 %")
    assert base.evaluate("canvas => canvas.style.opacity") == "0.6"


def test_any_class_is_found_by_search_and_both_files_hold_the_map(revisit: Visit) -> None:
    page = revisit("/why?picture=cat&method=saliency")
    open_map(page, "Saliency of “Egyptian cat”")
    expect(page.locator(".targets .classes").first.get_by_role("button")).to_have_count(5)
    page.get_by_label("Or one of all 200:").fill("goldf")
    expect(page.get_by_text("1 found.")).to_be_visible()
    page.keyboard.press("Enter")
    root = open_map(page, "Saliency of “goldfish”")
    chosen = page.locator('.targets button[aria-pressed="true"]')
    expect(chosen).to_have_attribute("data-name", "goldfish")
    with page.expect_download() as csv:
        root.get_by_role("button", name="Save numbers as CSV").click()
    values = np.loadtxt(csv.value.path(), delimiter=",")
    expected = answer_of("resnet18", "cat", "saliency", "goldfish").map.numpy()
    assert values == pytest.approx(expected, rel=1e-3, abs=1e-6)
    with page.expect_download() as png:
        root.get_by_role("button", name="Save as PNG").click()
    assert png.value.suggested_filename == "why-resnet18-saliency.png"
    picture = Image.open(io.BytesIO(png.value.path().read_bytes()))
    assert picture.width == 848
    assert picture.height > 900  # the caption is under it
    assert len(picture.crop((24, 24, 824, 824)).convert("RGB").getcolors(800 * 800) or []) > 1000


def test_on_a_phone_all_methods_can_be_compared_and_opened(revisit: Visit) -> None:
    page = revisit("/why?network=lenet5&picture=digit-3&compare=open", 390, 800)
    open_map(page, "Grad-CAM of “3”")
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(len(METHODS))
    tile = {name: tiles.nth(place) for place, name in enumerate(METHODS)}
    expect(tile["grad-cam-plus"]).to_contain_text("needs maps without negative values")
    expect(tile["saliency"]).to_contain_text("rank correlation")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tile["saliency"].tap()
    root = open_map(page, "Saliency of “3”")
    root.locator("canvas.base").tap(position={"x": 100, "y": 150})
    expect(root.locator(".said")).to_contain_text("% of the strongest")
