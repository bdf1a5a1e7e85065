"""The learning lab, used as a learner does: by steps, while it learns, by keyboard and by link."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from ali5.labs.learning.lesson import Lesson, confusion_of
from ali5.labs.learning.material import as_input
from ali5.site.app.labs.learning.settings import Settings, plan_of
from ali5.site.app.words import number_in_words
from tests.browser.conftest import WINDOWS, go_on, go_to
from tests.browser.labs.twins import unfold
from tests.browser.themes import assert_both_themes_can_be_read
from tests.browser.widths import assert_fits_every_width

Visit = Callable[..., Page]


def open_lab(page: Page) -> Locator:
    root = page.locator(".learning")
    expect(root.locator(".answer")).not_to_be_empty()
    expect(page.get_by_text("Predict, then reveal")).to_be_visible()  # all of the page is there
    return root


def begin(revisit: Visit, address: str, **how: Any) -> Page:
    """Go to the lab, and begin anew what was learned by others."""
    page = revisit(address, **how)
    if pictures_seen(open_lab(page)):
        page.get_by_role("button", name="Reset").click()
        expect(page.locator(".learning")).to_have_attribute("data-seen", "0")
        go_on(page, address)  # what was begun had brought its settings along
    return page


def pictures_seen(root: Locator) -> int:
    return int(str(root.get_attribute("data-seen")))


def test_a_step_on_the_page_is_a_step_of_the_engine(revisit: Visit) -> None:
    settings = Settings(difficulty=20, stages=1, pooling="max", batch="8", data="shapes")
    page = begin(revisit, "/learning?difficulty=20&stages=1&pooling=max&batch=8&data=shapes")
    root = open_lab(page)
    page.get_by_role("button", name="Step one batch").click()
    expect(root).to_have_attribute("data-seen", "8")
    lesson = Lesson(plan_of(settings))
    done = lesson.step()
    lesson.validate()
    said = page.get_by_text("Backward:").locator("..")
    expect(said).to_contain_text(f"was {number_in_words(done.loss)} ")
    expect(said).to_contain_text(f"size of {number_in_words(done.gradient)},")
    unfold(root)
    found = root.locator("table").evaluate_all(
        "all => all.map(t => [...t.rows].map(r => [...r.cells].map(c => Number(c.dataset.value))))"
    )
    assert np.array(found) == pytest.approx(lesson.network.C1.weight[:, 0].detach().numpy())
    counts = json.loads(str(page.locator(".mistakes").get_attribute("data-counts")))
    expected = confusion_of(lesson.shares, lesson.material.validation.labels)
    assert counts == expected.ravel().tolist()
    letters = '[data-testid="stCaptionContainer"] p, [data-testid="stBaseButton-primary"] p'
    assert_both_themes_can_be_read(page, letters, ".curves canvas.base")


def test_it_learns_before_ones_eyes_on_another_page_and_until_it_is_paused(visit: Visit) -> None:
    page = visit("/learning?difficulty=10&rate=0.1")
    root = open_lab(page)
    page.get_by_role("button", name="Start").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(root).not_to_have_attribute("data-seen", "0")
    kernels = root.locator(".kernels canvas").first
    kernels.evaluate("canvas => { canvas.dataset.mine = 'yes'; }")
    seen = pictures_seen(root)
    expect(root).not_to_have_attribute("data-seen", str(seen))
    assert kernels.get_attribute("data-mine") == "yes"  # drawn anew, not made anew
    go_to(page, "Labs", "Pooling")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pooling")
    go_to(page, "Labs", "Learning")
    root = open_lab(page)
    expect(page).to_have_url(re.compile("rate=0.1"))
    assert pictures_seen(root) > seen
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    page.wait_for_timeout(1500)  # until all of the page shows it
    seen = pictures_seen(root)
    page.wait_for_timeout(1500)
    assert pictures_seen(root) == seen


def test_settings_answer_while_dragged_and_say_when_they_take_effect(revisit: Visit) -> None:
    page = begin(revisit, "/learning")
    open_lab(page)
    controls = page.locator(".training")
    rate = controls.get_by_label("Learning rate")
    handle = rate.bounding_box()
    assert handle is not None
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(handle["x"] + handle["width"] - 2, handle["y"] + handle["height"] / 2)
    expect(controls.locator("output").nth(1)).to_have_text("5")
    assert "rate" not in page.url  # the address waits until it is let go
    page.mouse.up()
    expect(page).to_have_url(re.compile("rate=5"))
    page.get_by_role("button", name="Step one batch").click()
    expect(page.get_by_text("5 × ")).to_be_visible()
    controls.get_by_label("Pooling").select_option("max")
    expect(page).to_have_url(re.compile("pooling=max"))
    expect(page.get_by_text("You have changed the pooling")).to_be_visible()
    expect(controls.get_by_text("Takes effect with Reset.")).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("You have changed the pooling")).to_have_count(0)
    expect(page.locator(".learning")).to_have_attribute("data-seen", "0")


def test_the_matrix_leads_to_the_mistaken_pictures_by_keys_and_by_link(revisit: Visit) -> None:
    page = begin(revisit, "/learning")
    open_lab(page)
    mistakes = page.locator(".mistakes")
    counts = np.array(json.loads(str(mistakes.get_attribute("data-counts")))).reshape(10, 10)
    row, column = divmod(int((counts * (1 - np.eye(10))).argmax()), 10)
    mistakes.locator("canvas.base").focus()
    for key in ["ArrowRight"] + ["ArrowDown"] * row + ["ArrowRight"] * column:
        page.keyboard.press(key)
    expect(mistakes.locator(".said")).to_contain_text(
        f"{counts[row, column]} of {counts[row].sum()} pictures of “{row}” were taken for"
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"truth={row}&taken={column}"))
    chosen = f'.gallery figure[data-truth="{row}"][data-taken="{column}"]'
    expect(mistakes.locator(chosen)).to_have_count(min(24, counts[row, column]))
    expect(mistakes.locator(".gallery figure")).to_have_count(min(24, counts[row, column]))
    link = "/learning" + page.url.partition("/learning")[2]
    other = revisit(link, sent=True)
    open_lab(other)
    expect(other.locator(chosen)).to_have_count(min(24, counts[row, column]))
    mistakes.get_by_role("button", name="All mistakes").click()
    expect(page).not_to_have_url(re.compile("truth"))


def test_a_drawing_is_answered_and_curves_and_maps_are_read(visit: Visit) -> None:
    page = visit("/learning")
    root = open_lab(page)
    field = page.locator(".pad canvas").first
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 110, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 110, box["y"] + 190, steps=5)
    page.mouse.up()
    expect(page.locator(".bars li")).to_have_count(5)
    before = page.locator(".bars").inner_text()
    for number in (1, 2):
        page.get_by_role("button", name="Step one batch").click()
        expect(root).to_have_attribute("data-seen", str(32 * number))
    expect(page.locator(".bars")).not_to_have_text(before)
    page.locator(".curves canvas.base").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".curves .read")).to_contain_text(re.compile("Epoch .* Loss: training"))
    root.locator(".seen-maps canvas.base").nth(2).focus()
    page.keyboard.press("ArrowRight")
    expect(root.locator(".said")).to_contain_text("Map 2, row 0, column 0")
    images, labels = Lesson(plan_of(Settings())).material.validation
    first = images[int((labels == Settings().watch).int().argmax())]
    root.locator(".seen canvas.base").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    value = number_in_words(float(as_input(first[None])[0, 0, 1, 1]))
    expect(root.locator(".said")).to_contain_text(
        f"The picture, row 1, column 1: {value} (normalised)."
    )
    root.get_by_label("Maps of").select_option("2")
    expect(page).to_have_url(re.compile("maps=2"))
    expect(root.locator(".seen-maps canvas.base")).to_have_count(16)


def test_mnist_is_offered_and_its_failure_told(visit: Visit) -> None:
    page = visit("/learning?data=mnist")
    page.get_by_role("button", name="Download MNIST").click()
    expect(page.get_by_text("there is no connection to")).to_be_visible(timeout=60_000)
    page.locator(".training").get_by_label("Learn from").select_option("digits")
    open_lab(page)


def test_the_lab_does_not_overflow(revisit: Visit) -> None:
    width, theme = WINDOWS[0]
    page = begin(
        revisit, "/learning?layers=open&stages=3&maps=3&data=shapes", width=width, theme=theme
    )
    root = open_lab(page)
    page.get_by_role("button", name="Step one batch").click()
    expect(root).to_have_attribute("data-seen", "32")
    assert_fits_every_width(page, ".learning", ".curves", ".mistakes", ".training")
