"""The map of a network in a browser: legible, folding, found by name, by mouse and by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

import ali5
from ali5.pictures.samples import open_sample

Visit = Callable[..., Page]
Layout = dict

RESNET50 = "/?network=resnet50&edition=paper&picture=cat"


def map_of(page: Page) -> Locator:
    found = page.locator(".network-map[data-layout]")
    found.wait_for()
    return found


def layout_of(page: Page, showing: str = "") -> Layout:
    """Where everything is on the screen, once nothing moves any more.

    Args:
        page: With a map.
        showing: A step or folded block that the map before this one did not have.
    """
    if showing:
        named = f'[data-name="{showing}"], [data-block="{showing}"]'
        page.locator(f".network-map .card:is({named})").wait_for(state="attached")
    before = None
    for _ in range(100):
        now = map_of(page).get_attribute("data-layout")
        if now == before:
            return json.loads(str(now))
        before = now
        page.wait_for_timeout(350)
    raise AssertionError("the map does not come to rest")


def step(page: Page, name: str) -> Locator:
    return page.locator(f'.network-map .card.step[data-name="{name}"]')


def block(page: Page, key: str) -> Locator:
    return page.locator(f'.network-map .card.block[data-block="{key}"]')


def said(page: Page) -> Locator:
    return page.locator(".network-map .said")


def nodes_of(layout: Layout) -> list[dict]:
    return [node for node in layout["nodes"] if node["kind"] != "frame"]


def assert_apart(layout: Layout) -> None:
    nodes = nodes_of(layout)
    for i, one in enumerate(nodes):
        for other in nodes[i + 1 :]:
            beside = (
                one["x"] + one["width"] <= other["x"] + 0.01
                or other["x"] + other["width"] <= one["x"] + 0.01
            )
            above = (
                one["y"] + one["height"] <= other["y"] + 0.01
                or other["y"] + other["height"] <= one["y"] + 0.01
            )
            assert beside or above, (one["key"], other["key"])


def assert_in_view(layout: Layout) -> None:
    for node in nodes_of(layout):
        assert node["x"] >= 0, node["key"]
        assert node["x"] + node["width"] <= layout["width"], node["key"]
        assert node["y"] >= 0, node["key"]
        assert node["y"] + node["height"] <= layout["height"], node["key"]


@pytest.mark.parametrize(
    ("address", "nodes", "first"),
    [("/?network=lenet5&picture=digit-3", 10, "C1"), (RESNET50, 23, "layer1.0")],
)
def test_it_fits_and_is_legible(revisit: Visit, address: str, nodes: int, first: str) -> None:
    page = revisit(address)
    layout = layout_of(page, first)
    assert len(nodes_of(layout)) == nodes
    assert_in_view(layout)
    assert_apart(layout)
    assert layout["text"] >= 11
    assert min(node["width"] for node in nodes_of(layout)) >= 48
    expect(page.locator(".network-map .small")).to_be_hidden()


def test_a_block_unfolds_and_folds_by_mouse_and_keyboard_and_back_undoes_it(revisit: Visit) -> None:
    page = revisit(RESNET50)
    layout_of(page, "layer2.1")
    block(page, "layer2.1").click()
    expect(step(page, "layer2.1.conv2")).to_be_visible()
    expect(page).to_have_url(re.compile(r"open=layer2\.1$"))
    layout = layout_of(page)
    assert_apart(layout)
    inside = [node for node in layout["nodes"] if node["key"].startswith("layer2.1.")]
    assert [node["key"] for node in inside] == [
        *("layer2.1.conv1", "layer2.1.conv2", "layer2.1.conv3", "layer2.1.add")
    ]
    frame = next(node for node in layout["nodes"] if node["kind"] == "frame")
    for node in inside:
        assert frame["x"] < node["x"] < node["x"] + node["width"] < frame["x"] + frame["width"]
        assert frame["y"] < node["y"] < node["y"] + node["height"] < frame["y"] + frame["height"]
    block(page, "layer3.0").focus()
    page.keyboard.press(" ")
    expect(step(page, "layer3.0.downsample.0")).to_be_focused()
    expect(page).to_have_url(re.compile(r"open=layer2\.1%2Clayer3\.0$"))
    page.keyboard.press(" ")
    expect(block(page, "layer3.0")).to_be_focused()
    expect(page).to_have_url(re.compile(r"open=layer2\.1$"))
    expect(page.locator(".network-map")).to_have_attribute("data-waiting", "0")
    page.go_back()
    expect(step(page, "layer3.0.conv2")).to_be_attached()
    page.go_back()
    expect(block(page, "layer3.0")).to_be_attached()
    expect(step(page, "layer2.1.conv1")).to_be_attached()
    page.go_back()
    expect(block(page, "layer2.1")).to_be_attached()
    page.get_by_role("button", name="Unfold all blocks").click()
    expect(page).to_have_url(re.compile("open=all"))
    expect(page.locator(".network-map .card.step")).to_have_count(177)
    expect(page.locator(".network-map .small")).to_be_visible()
    assert_apart(layout_of(page))


def test_pointing_at_a_step_lights_exactly_what_it_reads(revisit: Visit) -> None:
    page = revisit("/?network=googlenet&edition=compact&picture=cat&open=inception3a")
    layout_of(page, "inception3a.cat")
    page.get_by_role("button", name="Show the whole map").click()
    layout_of(page)
    lit = page.locator(".network-map .card.source")
    trace = ali5.trace(ali5.load("googlenet", weights="untrained"), open_sample("cat"))
    for name in ("inception3a.cat", "inception3a.conv3x3", "inception3a.reduce5x5", "conv2"):
        step(page, name).hover()
        expect(said(page)).to_contain_text(f"{name}, ")
        assert {one.get_attribute("data-name") for one in lit.all()} == set(trace[name].inputs)
    expect(said(page)).to_have_text(
        re.compile(r"conv2, convolution, 120 × 32 × 32, reads relu2_reduce\. A small window")
    )
    block(page, "inception3b").hover()
    expect(said(page)).to_contain_text("folded block of 14 steps")
    assert [one.get_attribute("data-name") for one in lit.all()] == ["inception3a.cat"]
    page.mouse.move(2, 2)
    expect(lit).to_have_count(0)


def test_the_keyboard_follows_the_edges_and_enter_goes_deeper(revisit: Visit) -> None:
    page = revisit("/?network=googlenet&edition=compact&picture=cat&open=inception3a")
    layout_of(page, "inception3a.cat")
    step(page, "input").focus()
    for name in ("conv1", "relu1", "pool1"):
        page.keyboard.press("ArrowRight")
        expect(step(page, name)).to_be_focused()
    step(page, "pool2").focus()
    page.keyboard.press("ArrowRight")
    expect(step(page, "inception3a.reduce3x3")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(step(page, "inception3a.relu_reduce3x3")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(step(page, "inception3a.reduce5x5")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(step(page, "pool2")).to_be_focused()
    zoom = layout_of(page)["zoom"]
    page.keyboard.press("+")
    assert layout_of(page)["zoom"] > zoom
    page.keyboard.press("0")
    assert_in_view(layout_of(page))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("step=pool2"))
    strip = layout_of(page)
    assert strip["height"] == 150
    here = next(node for node in strip["nodes"] if node["key"] == "pool2")
    assert 0 < here["x"] < strip["width"] - here["width"]
    expect(step(page, "pool2")).to_have_attribute("aria-current", "true")


def test_a_step_is_found_by_its_name(revisit: Visit) -> None:
    page = revisit("/?picture=cat")
    layout_of(page)
    page.locator(".network-map .card[tabindex='0']").focus()
    page.keyboard.press("/")
    page.keyboard.type("3.1.conv")
    expect(said(page)).to_contain_text("2 steps match; number 1 is layer3.1.conv1")
    page.keyboard.press("ArrowDown")
    expect(said(page)).to_contain_text("number 2 is layer3.1.conv2")
    page.keyboard.press("Enter")
    expect(step(page, "layer3.1.conv2")).to_be_focused()
    expect(page).to_have_url(re.compile(r"open=layer3\.1$"))
    expect(step(page, "layer3.1.conv2")).to_be_in_viewport()


def test_bars_compare_the_cost_and_their_choice_is_in_the_address(revisit: Visit) -> None:
    page = revisit("/?network=vgg11&edition=compact&picture=cat")
    layout_of(page, "fc6")
    page.get_by_label("Compare steps by").select_option("parameters")
    expect(page).to_have_url(re.compile("lens=parameters"))
    network = ali5.load("vgg11", weights="untrained")
    total = network.edition.parameters
    expect(page.get_by_text(f"Bars: share of all {total:,} parameters.")).to_be_visible()
    layout_of(page)
    step(page, "fc6").hover()
    trace = ali5.trace(network, open_sample("cat"))
    share = 100 * trace["fc6"].parameters / total
    expect(said(page)).to_contain_text(f"{share:.1f} % of the parameters")
    page.get_by_label("Compare steps by").select_option("time")
    expect(page.get_by_text("that this one run took on this computer")).to_be_visible()


def test_dragging_moves_the_map_and_a_plain_wheel_scrolls_the_page(revisit: Visit) -> None:
    page = revisit("/?picture=cat&open=all")
    before = layout_of(page, "layer4.1.conv2")
    view = page.locator(".network-map .view")
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    assert box is not None
    first = step(page, "conv1").bounding_box()
    assert first is not None
    page.mouse.move(first["x"] + 10, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(first["x"] + 10, first["y"] - 110, steps=5)
    page.mouse.up()
    after = layout_of(page)
    assert before["nodes"][0]["y"] - after["nodes"][0]["y"] == pytest.approx(120, abs=1)
    assert "step=" not in page.url
    main = page.locator('[data-testid="stMain"]')
    scrolled = main.evaluate("e => e.scrollTop")
    page.mouse.move(box["x"] + 40, box["y"] + 100)
    page.mouse.wheel(0, 150)
    page.wait_for_timeout(300)
    assert main.evaluate("e => e.scrollTop") > scrolled
    assert layout_of(page)["zoom"] == after["zoom"]
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    assert layout_of(page)["zoom"] > after["zoom"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_it_runs_downwards(revisit: Visit, theme: str) -> None:
    page = revisit(
        "/?network=googlenet&edition=compact&picture=cat&open=inception3a",
        width=390,
        height=800,
        theme=theme,
    )
    layout = layout_of(page, "inception3a.cat")
    assert layout["vertical"]
    assert layout["text"] >= 11
    assert_apart(layout)
    place = {node["key"]: node for node in layout["nodes"]}
    for above, below in (("input", "conv1"), ("conv1", "pool1"), ("pool2", "inception3a.cat")):
        assert place[above]["y"] + place[above]["height"] <= place[below]["y"]
    for node in layout["nodes"]:
        assert node["x"] >= 0
        assert node["x"] + node["width"] <= layout["width"]
    block(page, "inception3b").tap()
    expect(step(page, "inception3b.cat")).to_be_attached()
    layout_of(page)
    step(page, "inception3b.cat").tap()
    expect(page).to_have_url(re.compile(r"step=inception3b\.cat"))
