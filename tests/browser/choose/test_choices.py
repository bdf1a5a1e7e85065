"""What a visitor brings and chooses beside the page: pictures, weights, what is said of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import torch
from playwright.sync_api import Page, expect
from safetensors.torch import save_file

import ali5
from ali5.door import tidied
from ali5.known.cards import read_card
from ali5.paths import ASSETS
from tests.browser.conftest import wait_until_still
from tests.browser.explore.steps import LENET, node_of

Visit = Callable[..., Page]


def test_only_some_of_many_samples_are_shown_at_first(visit: Visit) -> None:
    page = visit()
    digits = page.locator('.picker button[data-id^="digit-"]')
    expect(digits).to_have_count(10)
    page.get_by_role("button", name="20 more: Digits").press("Enter")
    expect(digits).to_have_count(30)
    expect(digits.nth(10)).to_be_focused()
    digits.nth(12).click()
    expect(page).to_have_url(re.compile("picture=digit-2b"))
    expect(digits).to_have_count(30)
    page.goto(page.url)
    expect(page.locator(".picker button.chosen")).to_be_visible()


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_lost(revisit: Visit) -> None:
    page = revisit(f"{LENET}&from=file")
    node_of(page, "C1").wait_for()
    forged = {"name": "forged.png", "mimeType": "image/png", "buffer": b"%PDF-1.7 forged"}
    page.locator('input[type="file"]').set_input_files(files=[forged])
    expect(page.get_by_text("This is a PDF document")).to_be_visible()
    expect(page.locator(".bars li").first).to_contain_text("3")


NAMES = (
    "www.evil.example.png",
    "me@evil.example.png",
    "http:__a.b -> _c_ -- d.png",
    "*x* <b> $y$ :smile: [a](b) ~~c~~.png",
    "gnp.\u202egpj.png",
)


def test_a_file_name_is_shown_as_text_whatever_it_says(revisit: Visit) -> None:
    content = (ASSETS / "icon.png").read_bytes()
    page = revisit(f"{LENET}&from=file")
    node_of(page, "C1").wait_for()
    for name in NAMES:
        file = {"name": name, "mimeType": "image/png", "buffer": content}
        page.locator('input[type="file"]').set_input_files(files=[file])
        shown = tidied(name)
        seen = re.compile("\u2060?".join(map(re.escape, shown)))
        caption = page.locator("p", has_text="looks at").filter(has_text=seen)
        expect(caption).to_have_count(1)
        assert caption.locator("a, em, del, b, img, .katex").count() == 0, name


def test_a_drawn_digit_is_read(revisit: Visit) -> None:
    page = revisit(f"{LENET}&from=draw")
    node_of(page, "C1").wait_for()
    pad = page.get_by_role("application", name="Drawing field")
    box = pad.bounding_box()
    assert box is not None
    x, y = box["x"] + 112, box["y"] + 40
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 140, steps=8)
    page.mouse.up()
    expect(page.get_by_text("looks at your drawing")).to_be_visible()
    expect(page.locator(".bars li").first).to_contain_text("1")
    page.get_by_role("button", name="Clear").click()
    pad.focus()
    page.keyboard.press(" ")
    for _ in range(18):
        page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.locator(".bars li").first).to_contain_text("1")


def test_a_photo_is_taken_with_the_camera(revisit: Visit) -> None:
    page = revisit("/?from=samples&network=alexnet")
    page.context.grant_permissions(["camera"])
    page.get_by_role("radio", name="Camera").click()
    node_of(page, "conv1").wait_for()
    page.locator("video").wait_for()
    page.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    page.get_by_role("button", name="Take photo").click()
    expect(page.get_by_text("looks at your photo")).to_be_visible()
    expect(page).to_have_url(re.compile("picture=own"))


def test_a_phone_reaches_the_choices(revisit: Visit) -> None:
    page = revisit(LENET, width=390, height=800)
    node_of(page, "C1").wait_for()
    expect(page.get_by_text("Tap » at the top left")).to_be_visible()
    page.get_by_test_id("stExpandSidebarButton").click()
    page.locator('.picker button[data-id="digit-7"]').tap()
    expect(page.locator(".bars li").first).to_contain_text("7")


def test_two_visitors_do_not_see_each_others_pictures(visit: Visit) -> None:
    one, two = visit(f"{LENET}&from=file"), visit(f"{LENET}&from=file")
    for page, name in ((one, "cat"), (two, "coffee")):
        node_of(page, "C1").wait_for()
        page.locator('input[type="file"]').set_input_files(ASSETS / "photographs" / f"{name}.jpg")
    for page, name, other in ((one, "cat", "coffee"), (two, "coffee", "cat")):
        expect(page.get_by_text(f"“{name}.jpg”")).to_be_visible()
        expect(page.get_by_text(f"“{other}.jpg”")).to_have_count(0)


def test_without_a_network_the_download_says_what_to_do(revisit: Visit) -> None:
    page = revisit("/?network=resnet18&edition=torchvision&picture=cat")
    node_of(page, "conv1").wait_for()
    expect(page.get_by_text("Untrained.")).to_be_visible()
    page.get_by_role("button", name="Download the ImageNet weights (45 MB)").click()
    expect(page.get_by_text("there is no connection to download.pytorch.org")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    node_of(page, "conv1").wait_for()


def test_own_weights_come_by_upload_and_the_wrong_ones_are_refused(
    visit: Visit, tmp_path: Path
) -> None:
    state = {
        name: value.clone()
        for name, value in ali5.load("lenet5", weights="untrained").module.state_dict().items()
    }
    state["output.bias"][4] += 50
    save_file(state, tmp_path / "mine.safetensors")
    save_file(state | {"C1.bias": torch.zeros(7)}, tmp_path / "wrong.safetensors")
    page = visit(f"{LENET}&weights=own")
    node_of(page, "C1").wait_for()
    field = page.locator('input[type="file"]')
    field.set_input_files(tmp_path / "mine.safetensors")
    expect(page.get_by_text("Your weights.")).to_be_visible()
    expect(page.locator(".bars li").first).to_contain_text("4")
    field.set_input_files(tmp_path / "wrong.safetensors")
    expect(page.get_by_text("Of another shape: C1.bias")).to_be_visible()
    expect(page.locator(".bars li").first).to_contain_text("4")


def test_the_card_says_what_the_weights_learned_from(revisit: Visit) -> None:
    page = revisit(f"{LENET}&about=open")
    node_of(page, "C1").wait_for()
    card = read_card(ASSETS / "weights" / "lenet5-compact.safetensors")
    expect(
        page.get_by_text(f"{card.accuracy['top1'] * 100:.1f} % at the first guess")
    ).to_be_visible()
    expect(page.get_by_text(card.sha256[:16])).to_be_visible()
    expect(page.get_by_text("Gradient-based learning applied to document")).to_be_visible()


def test_another_picture_sends_and_builds_nothing_that_has_not_changed(visit: Visit) -> None:
    page = visit("/?picture=cat")
    expect(page.locator(".picker button.chosen")).to_have_attribute("data-id", "cat")
    expect(page.locator(".bars li").first).to_be_visible()
    wait_until_still(page)
    page.locator(".picker button").evaluate_all(
        "(buttons) => { for (const each of buttons) each.before = true; }"
    )
    known = page.evaluate("performance.getEntriesByType('resource').length")
    barn = page.locator('.picker button[data-id="barn"]')
    barn.click()
    expect(page.locator(".picker button.chosen")).to_have_attribute("data-id", "barn")
    expect(page.get_by_text("looks at the photograph")).to_be_visible()
    expect(page.locator('.picker [aria-pressed="true"]')).to_have_count(1)
    wait_until_still(page)
    assert barn.evaluate("(each) => each.before")
    fetched = page.evaluate(
        "(known) => performance.getEntriesByType('resource').slice(known).map((e) => e.name)", known
    )
    assert not [name for name in fetched if "ali5-files" in name]
