"""The page "Teach it yours", used as a visitor does: take out, teach, give up, a phone, a file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

import ali5
from ali5.classifying.teach.examples import example_groups
from ali5.pictures.samples import open_sample
from tests.browser.themes import CONTRASTS, LEAST, THEMES

Visit = Callable[..., Page]


def teach(page: Page) -> Locator:
    page.get_by_role("button", name="Teach these groups").click()
    result = page.locator(".taught")
    expect(result).to_be_visible()
    return result


def test_a_head_is_taught_used_taken_along_and_brought_back(visit: Visit, tmp_path: Path) -> None:
    page = visit("/teach?picture=circle")
    result = teach(page)
    groups = example_groups("shapes")
    taught = ali5.teach(ali5.load("resnet18", device="cpu"), groups)
    right, count = taught.check.right, taught.check.count
    expect(result.locator("li .number").first).to_contain_text(f"{right} of {count}")
    rows = result.locator("tbody tr")
    assert [
        [int(cell) for cell in rows.nth(place).locator("td").all_inner_texts()]
        for place in range(3)
    ] == [list(row) for row in taught.check.confusion]
    best = ali5.trace(taught.network, open_sample("circle")).predictions()[0].label
    expect(page.locator(".bars .class").first).to_have_text(best)
    curves = page.locator(".curves canvas.base")
    curves.first.focus()
    page.keyboard.press("End")
    expect(page.locator(".curves .read")).to_contain_text(re.compile(r"^Step \d+\. Loss: learned"))
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download this head").click()
    path = tmp_path / saved.value.suggested_filename
    saved.value.save_as(path)
    assert ali5.load_taught(path).network.labels == tuple(groups)
    page.get_by_test_id("stMain").get_by_role("link", name="Explore", exact=True).click()
    expect(page.get_by_text("Taught by you.")).to_be_visible()
    expect(page.locator(".bars .class").first).to_have_text(best)
    address = page.url.partition("/?")[2]

    other = visit(f"/?{address}")
    expect(other.get_by_text("It stays in their session")).to_be_visible()
    other.goto(other.url.partition("/?")[0] + "/teach?bring-head=open")
    uploader = other.get_by_test_id("stFileUploader").filter(has_text="A file that")
    uploader.locator('input[type="file"]').set_input_files(path)
    expect(other.locator(".taught li .number").first).to_contain_text(f"{right} of {count}")


def test_pictures_are_taken_out_by_keys_and_the_focus_stays(revisit: Visit) -> None:
    page = revisit("/teach")
    group = page.locator(".group").first
    base, said = group.locator("canvas.base"), group.locator(".said")
    expect(said).to_have_text("Choose a picture to take it out.")
    base.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text("hearts, number 2")
    page.keyboard.press("Delete")
    expect(page.get_by_label("Name, 11 pictures")).to_have_value("hearts")
    expect(page).to_have_url(re.compile("groups=own"))
    page.go_back()
    expect(page.get_by_label("Name, 12 pictures")).to_have_count(3)


def assert_it_can_be_read(page: Page, button: Locator) -> None:
    """Fail if the words of a button that cannot be pressed yet are not to be seen in a theme."""
    expect(button).to_be_disabled()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(
            "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme",
            arg=theme,
        )
        # Less than of what can be pressed, for which there are rules.
        assert 1.8 < min(button.locator("p").evaluate_all(CONTRASTS)) < LEAST, theme


def test_a_lesson_is_given_up_in_the_middle(visit: Visit, tmp_path: Path) -> None:
    page = visit("/teach?groups=own&backbone=vgg11-compact")
    button = page.get_by_role("button", name="Teach these groups")
    assert_it_can_be_read(page, button)
    random = np.random.default_rng(1)
    for place in range(2):
        files = []
        for number in range(60):
            content = io.BytesIO()
            pixels = random.integers(0, 256, (24, 24, 3), np.uint8)
            Image.fromarray(pixels).save(content, "PNG")
            files.append(
                {"name": f"{number}.png", "mimeType": "image/png", "buffer": content.getvalue()}
            )
        page.locator('input[type="file"]').nth(place).set_input_files(files)
        expect(page.get_by_label("Name, 60 pictures")).to_have_count(place + 1)
    button.click()
    page.get_by_role("button", name="Cancel").click()
    expect(button).to_be_visible()
    expect(page.locator(".taught")).to_have_count(0)
    button.click()
    expect(page.locator(".taught li .number").first).to_contain_text("of 120")


def test_on_a_phone_everything_fits_and_works_by_touch(visit: Visit) -> None:
    page = visit("/teach", width=390, height=844, theme="dark", has_touch=True, is_mobile=True)
    group = page.locator(".group").first
    group.locator("canvas.base").tap(position={"x": 20, "y": 20})
    expect(group.locator(".said")).to_have_text("hearts, number 1")
    group.get_by_role("button", name="Take out").tap()
    expect(page.get_by_label("Name, 11 pictures")).to_have_value("hearts")
    page.get_by_role("button", name="Teach these groups").tap()
    expect(page.locator(".taught li .number").first).to_contain_text("of 35")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
