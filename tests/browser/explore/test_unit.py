"""One unit in a real browser: the sum on the screen is the number in the trace."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Download, Locator, Page, expect

import ali5
from ali5.explain import unit
from ali5.pictures.samples import open_sample
from ali5.tracing.trace import Trace

Visit = Callable[..., Page]
Bare = Callable[..., Callable[..., Any]]

RESNET = "/?network=resnet18&picture=cat"


@functools.cache
def trace_of(name: str, picture: str = "cat") -> Trace:
    return ali5.trace(ali5.load(name, device="cpu"), open_sample(picture))


def unit_of(page: Page, step: str, channel: int) -> Locator:
    """The unit, once its sum is shown."""
    root = page.locator(f'.unit[data-step="{step}"][data-channel="{channel}"]')
    expect(root).not_to_have_class(re.compile("waiting"))
    root.locator(".total:visible").wait_for()
    return root


def total_of(root: Locator) -> float:
    return float(str(root.locator(".total:visible").get_attribute("data-total")))


def point(root: Locator, row: int, column: int, shape: tuple[int, ...], click: bool = True) -> None:
    canvas = root.get_by_role("application").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    place = {
        "x": (column + 0.5) * box["width"] / shape[3],
        "y": (row + 0.5) * box["height"] / shape[2],
    }
    (canvas.click if click else canvas.hover)(position=place)


def numbers(root: Locator) -> list[float]:
    return [
        float(str(e.get_attribute("data-contribution")))
        for e in root.locator(".term-scroller .term").all()
    ]


def test_the_sum_on_the_screen_is_the_number_in_the_map(revisit: Visit) -> None:
    page = revisit(f"{RESNET}&step=layer2.1.conv2&channel=5")
    root = unit_of(page, "layer2.1.conv2", 5)
    trace = trace_of("resnet18")
    step = trace["layer2.1.conv2"]
    point(root, 3, 11, step.shape)
    expect(page).to_have_url(re.compile(r"&at=3\.11$"))
    expect(root.get_by_role("heading", name="row 3, column 11")).to_be_visible()
    found = unit(trace, step.name, 5, 3, 11)
    assert total_of(root) == pytest.approx(found.total, rel=1e-9)
    assert float(str(root.locator(".total:visible").get_attribute("data-value"))) == found.value
    expect(root.locator(".total:visible")).to_contain_text("in the map.")
    # Largest first; what is not shown is added up in one line.
    ranked = [term.contribution for term in found.ranked()]
    shown = numbers(root)
    assert shown == pytest.approx(ranked[: len(shown)])
    rest = float(str(root.locator(".rest").get_attribute("data-value")))
    assert rest == pytest.approx(sum(ranked[12:]), abs=1e-9)
    root.get_by_role("button", name="By input channel").click()
    expect(page).to_have_url(re.compile("order=index"))
    expect(root.locator(".term").first).to_have_attribute("data-channel", "0")
    assert numbers(root)[:3] == pytest.approx([term.contribution for term in found.terms[:3]])
    # All of them can be reached, and the last one stands at the end.
    root.get_by_role("button", name=f"All {len(ranked)}").click()
    expect(root.locator(".rest")).to_have_count(0)
    root.locator(".go").first.focus()
    page.keyboard.press("End")
    last = root.locator(f'.term[data-channel="{len(ranked) - 1}"]')
    expect(last).to_be_visible()
    expect(last).to_have_class(re.compile("selected"))
    last.locator(".go").press("Enter")
    expect(page).to_have_url(
        re.compile(rf"step=layer2\.1\.relu&channel={len(ranked) - 1}&at=3\.11")
    )
    unit_of(page, "layer2.1.relu", len(ranked) - 1)


def test_a_link_restores_the_view_and_back_undoes_it(revisit: Visit) -> None:
    link = f"{RESNET}&step=layer2.1.bn2&channel=3&at=2.9&fold=yes&order=index"
    page = revisit(link, sent=True)
    root = unit_of(page, "layer2.1.bn2", 3)
    trace = trace_of("resnet18")
    found = unit(trace, "layer2.1.bn2", 3, 2, 9, fold=True)
    expect(root.get_by_role("button", name="Fold into layer2.1.conv2")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert total_of(root) == pytest.approx(found.total, rel=1e-9)
    expect(root.locator(".bias")).to_have_attribute("data-value", re.compile(r"^-?\d"))
    expect(root.locator(".term").first).to_have_attribute("data-channel", "0")
    root.get_by_role("button", name="Fold into layer2.1.conv2").click()
    expect(root.locator(".bar-line")).to_have_count(5)
    last = float(str(root.locator(".bar-line").last.get_attribute("data-value")))
    assert last == pytest.approx(found.value, rel=1e-4)
    expect(page).not_to_have_url(re.compile("fold"))
    page.go_back()
    expect(page).to_have_url(re.compile("fold=yes"))
    expect(root.locator(".bias")).to_be_visible()


def test_resting_shows_another_sum_and_leaving_brings_the_chosen_one_back(revisit: Visit) -> None:
    page = revisit("/?network=lenet5&picture=digit-3&step=C3&channel=4&at=5.5")
    root = unit_of(page, "C3", 4)
    trace = trace_of("lenet5", "digit-3")
    step = trace["C3"]
    url = page.url
    point(root, 2, 7, step.shape, click=False)
    expect(root.locator(".said")).to_contain_text("row 2, column 7 = ")
    expect(root.get_by_role("heading", name="row 2, column 7")).to_be_visible()
    assert total_of(root) == pytest.approx(unit(trace, "C3", 4, 2, 7).total, rel=1e-9)
    assert page.url == url
    page.mouse.move(5, 5)
    expect(root.get_by_role("heading", name="row 5, column 5")).to_be_visible()


def test_max_pooling_shows_its_winner_and_the_way_back(revisit: Visit) -> None:
    page = revisit("/?network=alexnet&picture=cat&step=pool2&channel=8&at=3.4")
    root = unit_of(page, "pool2", 8)
    found = unit(trace_of("alexnet"), "pool2", 8, 3, 4)
    assert found.winner is not None
    row, column = found.winner
    expect(root.locator(".total:visible")).to_have_attribute("data-winner", f"{row}.{column}")
    root.get_by_role("button", name=f"{found.sources[0]} at row {row}, column {column}").click()
    expect(page).to_have_url(re.compile(rf"channel=8&at={row}\.{column}"))
    root = unit_of(page, found.sources[0], 8)
    assert total_of(root) == pytest.approx(found.total, rel=1e-6)


def test_an_addition_and_a_concatenation_lead_to_what_they_join(revisit: Visit) -> None:
    page = revisit(f"{RESNET}&step=layer2.1.add&channel=7")
    root = unit_of(page, "layer2.1.add", 7)
    lines = [float(str(e.get_attribute("data-value"))) for e in root.locator(".bar-line").all()]
    assert lines[0] + lines[1] == pytest.approx(lines[2])
    expect(root.get_by_role("button", name="F(x): layer2.1.bn2")).to_be_visible()
    page = revisit("/?network=googlenet&picture=cat&step=inception4c.cat&channel=100")
    root = unit_of(page, "inception4c.cat", 100)
    here = root.locator(".branch.here")
    expect(here).to_contain_text("inception4c")
    name = str(here.get_attribute("data-name"))
    here.click()
    expect(page).to_have_url(re.compile(rf"step={re.escape(name)}&channel=\d+"))


def test_escape_closes_what_is_open_before_it_leads_up(revisit: Visit) -> None:
    page = revisit("/?network=lenet5&picture=digit-3&step=C3&channel=4", reduced_motion="reduce")
    root = unit_of(page, "C3", 4)
    canvas = root.get_by_role("application").first
    canvas.focus()
    page.keyboard.press("ArrowRight")
    start = root.locator(".said").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(root.locator(".said")).not_to_have_text(start)
    page.keyboard.press("Escape")
    expect(root.locator(".said")).to_contain_text("Point at a pixel of the map")
    assert "channel=4" in page.url
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("channel"))


def test_the_field_grows_and_the_sum_is_added_step_by_step(revisit: Visit) -> None:
    page = revisit("/?network=vgg11&picture=cat&step=conv3_1&channel=4", reduced_motion="reduce")
    root = unit_of(page, "conv3_1", 4)
    words, reach = root.locator(".growth-words"), root.get_by_role("slider").first
    expect(words).to_have_text("One unit of conv3_1 sees 18 × 18 pixels of the picture.")
    reach.press("Home")
    expect(words).to_have_text("One unit of input sees 1 × 1 pixel of the picture.")
    reach.press("ArrowRight")
    expect(words).to_have_text("One unit of conv1_1 sees 3 × 3 pixels of the picture.")
    root.get_by_role("button", name="One step on").click()
    expect(root.locator(".term").first).to_have_class(re.compile("selected"))
    assert root.locator(".term.still").count() > 3
    root.get_by_role("button", name="Show all").click()
    expect(root.locator(".still")).to_have_count(0)
    root.get_by_role("button", name="Effective field").click()
    expect(page).to_have_url(re.compile("field=gradient"))
    expect(root.get_by_text("90 % of the gradient")).to_be_visible()


def test_the_numbers_and_the_picture_can_be_taken_away(revisit: Visit) -> None:
    page = revisit("/?network=lenet5&picture=digit-3&step=F6&channel=7")
    root = unit_of(page, "F6", 7)
    found = unit(trace_of("lenet5", "digit-3"), "F6", 7)

    def saved(name: str) -> Download:
        with page.expect_download() as download:
            root.get_by_role("button", name=name).click()
        return download.value

    text = saved("Save numbers").path().read_text("utf-8-sig")
    lines = [line.split(",") for line in text.splitlines()]
    added = {int(line[1]): float(line[4]) for line in lines if len(line) == 6 and line[1].isdigit()}
    assert added == pytest.approx(
        dict(zip(found.channels, found.contributions.tolist(), strict=True))
    )
    (held,) = [float(line[5]) for line in lines if line[0] == "in the map"]
    assert held == found.value
    picture = saved("Save picture")
    assert picture.suggested_filename == "F6-7.png"
    assert picture.path().read_bytes().startswith(b"\x89PNG")
    root.locator("summary").click()
    expect(root.locator("table tr")).to_have_count(len(found.channels) + 4)


def test_every_number_can_be_written_into_a_cell(bare: Bare) -> None:
    text = bare("explore/unit/painting.js", "textFor")

    @settings(max_examples=500, deadline=None)
    @given(st.floats(width=32, allow_nan=False), st.sampled_from([25, 44, 54]))
    def holds(value: float, cell: int) -> None:
        written = text(value, cell, 12).replace("−", "-").replace("∞", "inf")
        assert float(written) == pytest.approx(value, rel=0.51)

    holds()


def test_nothing_overflows(revisit: Visit) -> None:
    page = revisit(f"{RESNET}&step=layer3.0.conv2&channel=1", width=1024, theme="dark")
    root = unit_of(page, "layer3.0.conv2", 1)
    overflow = "e => e.scrollWidth - e.clientWidth"
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 1000})
        expect(root.locator(".terms.narrow")).to_have_count(int(width < 560))
        assert root.evaluate(overflow) <= 0
        assert root.locator(".term-scroller").evaluate(overflow) <= 0
        assert page.locator('[data-testid="stMain"]').evaluate(overflow) <= 0


def test_another_unit_brings_its_own_numbers(revisit: Visit) -> None:
    page = revisit("/?network=vgg11&picture=cat&step=conv3_1&channel=4&field=gradient")
    root = unit_of(page, "conv3_1", 4)
    expect(root.get_by_text("90 % of the gradient")).to_be_visible()
    page.get_by_role("button", name="channel 5", exact=True).click()
    root = unit_of(page, "conv3_1", 5)
    trace = trace_of("vgg11")
    values = trace["conv3_1"].output[0, 5]
    row, column = divmod(int(values.argmax()), values.shape[1])
    expect(root.get_by_role("heading", name=f"row {row}, column {column}")).to_be_visible()
    assert total_of(root) == pytest.approx(unit(trace, "conv3_1", 5, row, column).total, rel=1e-9)
    # The same page again, in other colours: what is pointed at and focused stays.
    root.get_by_role("application").first.focus()
    page.keyboard.press("ArrowDown")
    said = root.locator(".said").inner_text()
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    expect(root.get_by_role("application").first).to_be_focused()
    expect(root.locator(".said")).to_have_text(said)
