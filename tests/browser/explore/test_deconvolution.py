"""Back to the picture, and through the training, as a visitor does."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.themes import assert_both_themes_can_be_read

Visit = Callable[..., Page]

UNIT = "/?network=alexnet&picture=cat&step=relu4&channel=9&deconvolution=open"
LAYER = "/?network=lenet5&picture=digit-3&step=C1&learned=open"

COLOURS = """canvas => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


def stages_of(page: Page) -> Locator:
    page.locator(".deconvolution .card").first.wait_for()
    return page.locator(".deconvolution")


def test_a_unit_goes_back_to_the_picture_stage_by_stage(revisit: Visit) -> None:
    page = revisit(UNIT)
    stages = stages_of(page)
    cards, said = stages.locator(".card"), stages.locator(".said")
    expect(cards).to_have_count(13)
    expect(said).to_contain_text("What is left has the size of the unit's receptive field")
    assert stages.locator(".after .base").evaluate(COLOURS) > 200  # painted in colour
    expect(stages.locator(".part")).to_be_visible()
    cards.first.click()
    expect(said).to_contain_text("One unit. Of all units of relu4 only this one is kept")
    expect(stages.locator(".before")).to_be_hidden()
    # By keyboard: to the next stages, and over a map.
    cards.first.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Rectify. relu4 is mirrored")
    stages.get_by_role("slider", name="Stage").fill("6")
    expect(said).to_contain_text("Unpool. pool2 is unpooled")
    assert stages.locator(".after .over").evaluate(COLOURS) > 5  # its switches
    after = stages.locator(".after .base")
    after.press("ArrowRight")
    after.press("ArrowDown")
    expect(stages.locator(".value")).to_contain_text(
        re.compile(r"norm2, channel \d+, row 1, column 0: about .*pixels of the picture")
    )
    stages.get_by_text("All stages as a table").click()
    expect(stages.locator("tr")).to_have_count(14)


def test_it_plays_to_the_picture(revisit: Visit) -> None:
    page = revisit(UNIT)
    stages = stages_of(page)
    stages.get_by_role("slider", name="Speed").fill("8")
    stages.get_by_role("button", name="Play").click()
    expect(stages.locator(".card").last).not_to_have_class(re.compile("chosen"))
    expect(stages.locator(".card").last).to_have_class(re.compile("chosen"))
    expect(stages.get_by_role("button", name="Play")).to_be_visible()


def test_the_training_is_scrubbed_without_asking_and_the_address_says_where(revisit: Visit) -> None:
    page = revisit(LAYER)
    learned = page.locator(".snapshots")
    expect(learned.locator(".ticks button")).to_have_count(9)
    expect(learned).to_have_attribute("data-moment", "trained")
    expect(learned.locator(".classes li").first).to_contain_text("3")
    legend = learned.locator(".maps .legend")
    low = legend.get_attribute("data-minimum")
    slider = learned.get_by_role("slider", name="Moment")
    for _ in range(4):
        slider.press("ArrowLeft")
    expect(learned).to_have_attribute("data-moment", "step-469")
    assert legend.get_attribute("data-minimum") == low  # one range
    expect(learned.locator(".said")).to_contain_text("After 469 steps, 1 pass over its pictures.")
    page.wait_for_url("**snapshot=step-469*")
    expect(learned).to_have_attribute("data-waiting", "0")
    slider.press("ArrowLeft")
    expect(learned).to_have_attribute("data-moment", "step-150")
    page.wait_for_url("**snapshot=step-150*")
    expect(learned).to_have_attribute("data-waiting", "0")
    page.go_back()
    expect(learned).to_have_attribute("data-moment", "step-469")
    learned.get_by_label("Colours span").select_option("own")
    page.wait_for_url("**span=own*")
    assert legend.get_attribute("data-minimum") != low
    credit = '[data-testid="stCaptionContainer"] p'
    assert_both_themes_can_be_read(page, credit, ".snapshots canvas.curve")


def test_both_fit_a_phone(revisit: Visit) -> None:
    for address, place in (
        (UNIT, ".deconvolution .after .base"),
        (LAYER, ".snapshots .maps .base"),
    ):
        page = revisit(address, width=390, height=800, theme="dark")
        canvas = page.locator(place)
        canvas.wait_for()
        canvas.tap(position={"x": 40, "y": 40})
        expect(page.locator(".value")).to_contain_text("about")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
