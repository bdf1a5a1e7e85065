"""The wall of a step and its kernels, used as a visitor does."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import plotly.colors
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

import ali5
from ali5.pictures.samples import open_sample
from ali5.site.app.canvas.colours import COLOUR_MAPS
from ali5.site.app.canvas.scripts import join_scripts, parts_of
from ali5.site.app.explore.wall.measures import SORTS, rank
from ali5.tracing.channels import describe_channels, order_by
from ali5.tracing.filters import input_contributions
from tests.browser.conftest import go_to
from tests.conftest import ROOT

Visit = Callable[..., Page]

ALEXNET = "/?network=alexnet&picture=cat&step=relu2"

COLOURS = """canvas => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] === 255) seen.add(data.slice(i, i + 3).join());
    }
    return [...seen];
}"""


@pytest.fixture(scope="session")
def trace() -> ali5.Trace:
    return ali5.trace(ali5.load("alexnet"), open_sample("cat"))


def wall_of(page: Page, name: str) -> Locator:
    wall = page.locator(f'.wall[data-name="{name}"]')
    wall.wait_for()
    return wall


def canvas_of(wall: Locator) -> Locator:
    canvas = wall.locator(".tiles canvas.base")
    canvas.scroll_into_view_if_needed()
    return canvas


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def test_channels_are_sorted_as_the_engine_sorts_them(revisit: Visit, trace: ali5.Trace) -> None:
    page = revisit(ALEXNET)
    wall = wall_of(page, "relu2")
    for sort, (title, _) in SORTS.items():
        page.get_by_role("radio", name=title, exact=True).click()
        order = rank(trace, trace["relu2"], sort).order
        expect(wall).to_have_attribute("data-order", " ".join(map(str, order)))
    canvas = canvas_of(wall)
    canvas.hover(position={"x": 12, "y": 12})
    tip = wall.locator(".tiles .tip")
    expect(tip).to_contain_text(f"channel {order[0]} of 192: ")
    expect(tip).to_contain_text("contribution to “golden retriever” +")


def test_dead_channels_are_marked_and_counted(revisit: Visit) -> None:
    page = revisit("/?picture=stripes&step=layer3.0.relu&sort=strength")
    wall = wall_of(page, "layer3.0.relu")
    found = ali5.trace(ali5.load("resnet18"), open_sample("stripes"))
    known = describe_channels(found, found["layer3.0.relu"])
    dead = int(known.dead.sum())
    assert dead > 1
    mark = wall.locator('[data-mark="dead"]')
    expect(mark).to_have_attribute("data-count", str(dead))
    expect(mark).to_contain_text(f"{dead} dead channels: the same value everywhere")
    canvas_of(wall).focus()
    page.keyboard.press("End")
    last = int(order_by(known.strength)[-1])
    expect(wall.locator(".tiles .tip")).to_have_text(
        re.compile(rf"channel {last} of 128: dead, 0 everywhere")
    )


def test_pinned_channels_live_in_the_address_and_are_compared(
    revisit: Visit, trace: ali5.Trace
) -> None:
    page = revisit(f"{ALEXNET}&scope=channel")
    wall = wall_of(page, "relu2")
    canvas_of(wall).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile(r"pins=1$"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile(r"pins=1\.2$"))
    pinned = wall.locator(".pinned")
    expect(pinned).to_have_count(2)
    expect(wall.locator(".pins .legend")).to_contain_text("the whole step")
    pinned.first.locator("canvas.base").hover(position={"x": 30, "y": 50})
    values = []
    for each in pinned.all():
        expect(each.locator(".said")).to_contain_text("at row")
        found = re.fullmatch(
            r"≈ (\S+) at row (\d+), column (\d+)", each.locator(".said").inner_text()
        )
        assert found
        values.append((number(found[1]), int(found[2]), int(found[3])))
    assert values[0][1:] == values[1][1:]
    maps = trace["relu2"].output[0]
    for (value, row, column), channel in zip(values, (1, 2), strict=True):
        largest = float(maps[channel].abs().max())
        assert value == pytest.approx(float(maps[channel, row, column]), abs=largest / 200)
    page.go_back()
    expect(pinned).to_have_count(1)
    page.go_forward()
    expect(pinned).to_have_count(2)
    wall.get_by_role("button", name="Unpin channel 1").first.click()
    expect(page).to_have_url(re.compile(r"pins=2$"))
    page.goto(page.url.replace("pins=2", "pins=5.9"))
    expect(page.locator(".pinned")).to_have_count(2)


def test_a_colour_map_colours_wall_and_legend_alike_and_stays(revisit: Visit) -> None:
    page = revisit(ALEXNET)
    wall = wall_of(page, "relu2")
    before: set[str] = set()
    for name, ends in {
        "Grey": ("0,0,0", "255,255,255"),
        "Cividis": ("0,34,78", "254,232,56"),
        "Light": ("248,248,248", "127,39,4"),
        "Glow": ("10,10,14", "255,243,196"),
    }.items():
        page.get_by_role("radio", name=name, exact=True).click()
        expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()
        bar = wall.locator(".legend-bar").first
        for _ in range(100):
            if ends[1] in (found := set(bar.evaluate(COLOURS))):
                break
            page.wait_for_timeout(50)
        assert set(ends) <= found  # a ReLU: from zero to the largest value
        seen = set(canvas_of(wall).evaluate(COLOURS))
        assert set(ends) <= seen
        assert seen != before
        before = seen
    page.get_by_role("radio", name="Cividis", exact=True).click()
    expect(page).to_have_url(re.compile("colours=cividis"))
    go_to(page, "Labs", "Pixels")
    expect(page).to_have_url(re.compile("/pixels.*colours=cividis"))


def test_the_colours_are_the_published_ones_and_marks_stand_out(chromium: Browser) -> None:
    page = chromium.new_page()
    page.add_script_tag(content=join_scripts(parts_of(ROOT / "app" / "canvas" / "shared.js")))
    assert page.evaluate("Object.keys(PALETTES)") == list(COLOUR_MAPS)
    scales = plotly.colors.sequential
    rgb = plotly.colors.unlabel_rgb
    published = {
        "PALETTES.cividis.rising": [plotly.colors.hex_to_rgb(c) for c in scales.Cividis],
        "PALETTES.light.positive.slice(1)": [rgb(c) for c in scales.Oranges[1:]],
        "PALETTES.light.negative.slice(1)": [rgb(c) for c in scales.Blues[1:]],
    }
    for what, colours in published.items():
        assert page.evaluate(what) == [list(each) for each in colours]
    for name in COLOUR_MAPS:
        found = page.evaluate(
            """name => {
                usePalette(name);
                const scale = makeScale([-2, 2]);
                const row = Array.from({length: 101}, (_, i) => colourOf((i - 50) / 25, scale));
                const marks = [NaN, Infinity, -Infinity].map((value) => colourOf(value, scale));
                const constant = colourOf(0, makeScale([0, 0]));
                return {row, marks, constant, zero: colourOf(0, makeScale([0, 5]))};
            }""",
            name,
        )
        row = np.array(found["row"])
        light = row @ (0.2126, 0.7152, 0.0722)
        one_arm = name in ("cividis", "grey")
        rises = np.diff(light) > 0
        sign = {"glow": (False, True), "light": (True, False)}.get(name, (True, True))
        assert (rises[:50] == sign[0]).all()
        assert (rises[50:] == sign[1]).all()
        marks = np.array(found["marks"])
        assert np.linalg.norm(row[:, None] - marks, axis=2).min() > 70, name
        assert found["constant"] == found["zero"]
        assert not one_arm or (row[0] != row[-1]).any()
    page.close()


def test_kernels_show_their_exact_numbers(revisit: Visit, trace: ali5.Trace) -> None:
    page = revisit("/?network=alexnet&picture=cat&step=conv2&channel=5")
    step = trace["conv2"]
    assert step.weight is not None
    weight = step.weight[5].numpy()
    adds = input_contributions(trace, step, 5).numpy()
    order = np.argsort(-adds, kind="stable")
    wall = wall_of(page, "conv2 kernels")
    expect(wall).to_have_attribute("data-order", " ".join(map(str, order)))
    canvas = canvas_of(wall)
    canvas.hover(position={"x": 20, "y": 20})
    tip = wall.locator(".tiles .tip")
    found = re.match(
        r"row (\d+), column (\d+): (\S+)\n.*channel (\d+); adds (\S+)", tip.inner_text()
    )
    assert found, tip.inner_text()
    assert int(found[4]) == order[0]
    assert np.float32(number(found[3])) == weight[order[0], int(found[1]), int(found[2])]
    assert number(found[5]) == pytest.approx(adds[order[0]], rel=6e-3)
    canvas.focus()
    page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text(f"kernel for input channel {order[1]}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"step=pool1&channel={order[1]}"))


def test_a_first_layer_is_shown_in_colour_and_one_colour_at_a_time(
    revisit: Visit, trace: ali5.Trace
) -> None:
    page = revisit("/?network=alexnet&picture=cat&step=conv1")
    wall = wall_of(page, "conv1 kernels")
    canvas = canvas_of(wall)
    tip = wall.locator(".tiles .tip")
    canvas.hover(position={"x": 20, "y": 20})
    expect(tip).to_contain_text(re.compile(r"red \S+, green \S+, blue \S+"))
    wall.get_by_role("button", name="Only green").click()
    canvas.hover(position={"x": 20, "y": 20})
    found = re.match(r"row (\d+), column (\d+): (\S+)\nfilter 0, only green", tip.inner_text())
    assert found, tip.inner_text()
    weight = trace["conv1"].weight
    assert weight is not None
    assert np.float32(number(found[3])) == weight[0, 1, int(found[1]), int(found[2])].numpy()


def test_two_thousand_channels_are_painted_only_where_they_are_seen(revisit: Visit) -> None:
    page = revisit(
        "/?network=resnet50&edition=paper&picture=cat&step=layer4.2.relu_3",
        width=390,
    )
    wall = wall_of(page, "layer4.2.relu_3")
    canvas = canvas_of(wall)
    heights = "c => [c.clientHeight, c.closest('.scroller').scrollHeight]"
    shown, whole = canvas.evaluate(heights)
    assert shown <= 490
    assert whole > 5000
    wall.locator(".scroller").evaluate("e => { e.scrollTop = 3000; }")
    tip = wall.locator(".tiles .tip")
    canvas.tap(position={"x": 60, "y": 200})  # a first tap says what it is, a second one opens it
    expect(tip).to_contain_text("of 2,048: ")
    channel = re.search(r"channel (\d+) of", tip.inner_text())
    assert channel
    assert int(channel[1]) > 400
    expect(wall.get_by_role("button", name=f"Pin channel {channel[1]}")).to_be_visible()
    assert "channel=" not in page.url
    canvas.tap(position={"x": 60, "y": 200})
    expect(page).to_have_url(re.compile(f"channel={channel[1]}$"))


def test_the_histogram_counts_every_value_and_all_can_be_saved(
    revisit: Visit, trace: ali5.Trace
) -> None:
    page = revisit(f"{ALEXNET}&colours=light&channels=open")
    wall = wall_of(page, "relu2")
    plot = wall.locator(".histogram canvas")
    plot.scroll_into_view_if_needed()
    plot.focus()
    page.keyboard.press("ArrowRight")
    said = wall.locator(".histogram .said")
    values = trace["relu2"].output
    counts, edges = np.histogram(values.double().numpy(), 48)
    expect(said).to_contain_text(f": {counts[0]:,} values, ")
    assert number(said.inner_text().split()[0]) == pytest.approx(edges[0], abs=1e-3)
    canvas_of(wall).hover(position={"x": 12, "y": 12})
    expect(said).to_contain_text("; of channel 0: ")
    expect(wall.locator(".histogram figcaption")).to_contain_text("are exactly zero")
    with page.expect_download() as picture:
        wall.get_by_role("button", name="Save picture").click()
    assert picture.value.suggested_filename == "ali5-alexnet-relu2-wall.png"
    with Image.open(picture.value.path()) as opened:
        saved = opened.copy()
    size = canvas_of(wall).evaluate("c => [c.clientWidth, c.closest('.stage').clientHeight]")
    assert saved.width >= size[0] * 1.5
    assert saved.height >= size[1] * 1.5 + 60  # the caption
    with page.expect_download() as numbers:
        page.get_by_role("button", name="Save numbers (CSV)").click()
    lines = io.StringIO(numbers.value.path().read_text("utf-8-sig")).readlines()
    assert lines[0].startswith("channel,strength,spread,active,sparsity")
    assert len(lines) == 1 + trace["relu2"].shape[1]
