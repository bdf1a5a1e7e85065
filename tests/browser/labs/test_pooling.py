"""The pooling lab, used as a learner does: links, pointing, the keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.pooling.numbers import changed_of, clean_of, errors_of, photo_of, pooled
from ali5.site.app.labs.pooling.settings import Settings
from tests.browser.conftest import WINDOWS
from tests.browser.labs.twins import unfold
from tests.browser.widths import assert_fits_every_width

Visit = Callable[..., Page]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(size=7, kind="l2", kernel=3, padding=1, ceil="ceil", stride=3),
        Settings(input="photo", noise="pepper", amount=20, shift=1),
    ],
    ids=str,
)
def test_a_link_shows_what_pytorch_computes(revisit: Visit, settings: Settings) -> None:
    names = vars(settings)
    page = revisit("/pooling?picture=cat&" + "&".join(f"{name}={names[name]}" for name in names))
    root = page.locator(".pooling")
    photo = photo_of(Picture("cat", open_sample("cat"), "", ""))
    clean = clean_of(settings, photo)
    result = pooled(settings, changed_of(settings, clean)).output[0].numpy()
    title = {"max": "Maxima", "average": "Averages", "l2": "L2 norms"}[settings.kind]
    rows, columns = result.shape
    expect(root.get_by_text(f"{title}, {rows} × {columns}")).to_be_visible()
    errors = json.loads(str(root.locator(".measured").get_attribute("data-errors")))
    assert errors == pytest.approx(errors_of(settings, clean), abs=1e-5)
    if settings.input == "toy":
        unfold(root)
        found = (
            root.locator("table")
            .last.locator("tr")
            .evaluate_all(
                "rows => rows.map(row => [...row.cells].map(cell => Number(cell.dataset.value)))"
            )
        )
        assert np.array(found) == pytest.approx(result, abs=1e-6)


def test_pooling_shows_the_winner_and_is_driven_by_keys_and_links(revisit: Visit) -> None:
    page = revisit("/pooling")
    root = page.locator(".pooling")
    root.locator(".stages canvas.base").last.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    said = root.locator(".said")
    expect(said).to_contain_text("Row 0, column 1: the largest of")
    picture = root.locator(".stages canvas.base").first
    picture.hover(position={"x": 8, "y": 8})
    expect(said).to_contain_text("one window looks at it")
    root.get_by_label("Keep").select_option("average")
    expect(page).to_have_url(re.compile("kind=average"))
    root.get_by_label("Move the picture").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("shift=1"))
    expect(root.locator(".measured")).to_contain_text("Of the shift there is left")
    link = "/pooling" + page.url.partition("/pooling")[2]
    other = revisit(link, sent=True).locator(".pooling")
    expect(other.locator(".measured")).to_have_text(root.locator(".measured").inner_text())
    page.go_back()
    expect(root.locator(".measured")).to_contain_text("Add noise or move the picture")
    root.get_by_label("Speed").fill("30")
    root.get_by_role("button", name="Play").click()
    expect(said).to_contain_text("Row 3, column 3", timeout=20_000)


def test_the_lab_fits_every_width(revisit: Visit) -> None:
    width, theme = WINDOWS[0]
    page = revisit("/pooling?noise=salt", width=width, theme=theme)
    expect(page.locator(".pooling .formula")).not_to_be_empty()
    assert_fits_every_width(page, ".lab")
