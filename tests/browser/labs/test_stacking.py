"""The stacking lab, used as a learner does: dragging, adding, moving, breaking, pointing, keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from ali5.labs.stack.layers import read_stack
from ali5.labs.stack.photo import take_photo
from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.stacking import view
from ali5.site.app.labs.stacking.findings import find, known_networks
from ali5.site.app.labs.stacking.settings import Settings, change_of
from tests.browser.conftest import WINDOWS
from tests.browser.widths import assert_fits_every_width

Visit = Callable[..., Page]

COFFEE = Picture("coffee", open_sample("coffee"), "coffee-browser", "")
CONV8 = "conv8k5p2,relu,max2,conv16k3p1,relu,max2"


def open_lab(page: Page) -> Locator:
    root = page.locator(".stacking")
    root.wait_for()
    expect(root.locator(".formula")).not_to_be_empty()
    return root


def meters_of(root: Locator, name: str) -> list[float | None]:
    found = root.locator(f"[data-{name}]")
    expect(root.locator(f'[data-{name}=""]')).to_have_count(0)  # Python has answered
    texts = found.evaluate_all(f"all => all.map(each => each.dataset.{name})")
    return [None if text == "null" else float(text) for text in texts]


def growth_of(root: Locator, name: str) -> list[int]:
    cells = root.locator(f".growth td[data-{name}]")
    return [int(each) for each in cells.evaluate_all(f"all => all.map(e => e.dataset.{name})")]


def query_of(chosen: Settings) -> str:
    named = {name: value for name, value in view._choices(chosen).items() if value is not None}
    return "&".join(f"{name}={value}" for name, value in named.items())


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(),
        Settings(read_stack("resnet18p2,bnresnet18,relu,max3s2p1")[0], 64, turn=25, layer=4),
        Settings(read_stack("lenet5,tanh,avg2,conv8k3,relu,max4s3p2c")[0], 33, 2, -1, layer=6),
        Settings(read_stack("conv4k1,conv4k11s3p4,relu,lrn")[0], 50, 0, shuffle=8, layer=2),
        Settings(read_stack("max3s2,conv32k2")[0], 128, 0, blur=1.5, grey=True, layer=2),
    ],
    ids=query_of,
)
def test_every_number_is_the_engine_s(revisit: Visit, chosen: Settings) -> None:
    root = open_lab(revisit(f"/stacking?{query_of(chosen)}"))
    findings = find(chosen, COFFEE)
    if not change_of(chosen).is_none:
        for name in ("equivariance", "invariance"):
            expected = [getattr(meter, name) for meter in findings.meters]
            assert meters_of(root, name) == pytest.approx(expected, abs=1e-4)
    steps = findings.steps
    assert growth_of(root, "edge")[1:] == [step.output.shape[2] for step in steps]
    assert growth_of(root, "channels")[1:] == [step.output.shape[1] for step in steps]
    assert growth_of(root, "field")[1:] == [step.receptive_field.size for step in steps]
    assert growth_of(root, "parameters")[1:] == [step.parameters for step in steps]
    assert growth_of(root, "products")[1:] == [step.multiply_adds for step in steps]
    maps = steps[chosen.layer - 1].output
    assert float(str(root.locator(".legend").get_attribute("data-maximum"))) == pytest.approx(
        float(maps.max()), rel=1e-3, abs=1e-4
    )
    expect(root.locator(".tiles canvas.base")).to_have_count(maps.shape[1])


@pytest.mark.parametrize(
    "chosen",
    [
        Settings(right=5, down=-3),
        Settings(size=64, right=0, turn=-35, blur=1.5),
        Settings(size=50, right=-2, shuffle=8, grey=True),
        Settings(size=40, right=0, shuffle=1),
    ],
    ids=query_of,
)
def test_the_browser_changes_the_photo_as_the_engine_does(revisit: Visit, chosen: Settings) -> None:
    root = open_lab(revisit(f"/stacking?{query_of(chosen)}"))
    expected = change_of(chosen)(take_photo(COFFEE.image, chosen.size))
    shown = root.locator(".photo canvas.base").evaluate(
        """(canvas, size) => {
          const { width, height } = canvas;
          const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          const at = (i) => Math.floor(((i + 0.5) * width) / size);
          const rows = [...Array(size).keys()];
          return rows.map((y) => rows.map((x) => {
            const from = 4 * (at(y) * width + at(x));
            return [...pixels.slice(from, from + 3)];
          }));
        }""",
        chosen.size,
    )
    found = np.array(shown).transpose(2, 0, 1)
    assert np.abs(found - 255 * expected.numpy()).max() < 0.6


def test_maps_and_meters_answer_while_a_slider_is_dragged(revisit: Visit) -> None:
    page = revisit("/stacking")
    root = open_lab(page)
    assert meters_of(root, "equivariance")[2] < 0.99
    slider = root.get_by_role("slider", name="Move right")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * (0.5 + 3 / 33), middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (0.5 + 8 / 33), middle, steps=5)
    expect(root.locator(".photo figcaption")).to_contain_text("moved 8 pixels to the right")
    # Eight pixels are a whole number of places everywhere; still held, it is measured.
    expect(root.locator('[data-equivariance="1"]')).to_have_count(6)
    assert "right=" not in page.url  # the address waits until it is let go
    page.mouse.up()
    expect(page).to_have_url(re.compile("right=8"))
    page.go_back()
    expect(root.locator(".photo figcaption")).to_contain_text("moved 3 pixels")


def test_sizes_follow_a_dragged_layer_at_once(revisit: Visit) -> None:
    page = revisit("/stacking")
    root = open_lab(page)
    slider = root.get_by_role("slider", name="Stride")
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=6)
    assert growth_of(root, "edge") == [96, 24, 24, 12, 12, 12, 6]
    expect(root.locator(".formula")).to_contain_text("⌊(96 + 4 − 5) / 4⌋ + 1 = 24")
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"stack=conv8k5s4p2"))
    expect(root.locator(".tiles")).to_have_css("opacity", "1")
    expect(page.get_by_text("how many rows would its maps have")).to_be_visible()


def test_layers_are_added_moved_and_removed_and_a_link_restores_them(revisit: Visit) -> None:
    page = revisit("/stacking")
    root = open_lab(page)
    root.get_by_role("button", name="+ Average pooling").click()
    expect(page).to_have_url(re.compile(r"max2(,|%2C)avg2&layer=7"))
    root.get_by_role("button", name="Move pool3 to the left").click()
    expect(page).to_have_url(re.compile(r"avg2(,|%2C)max2&layer=6"))
    root.get_by_role("button", name="Remove conv1").click()
    expect(root.locator(".card")).to_have_count(6)
    expect(root.locator(".group-name").first).to_have_text("Before the first layer")
    expect(page).to_have_url(re.compile("stack=relu"))
    equivariance = meters_of(root, "equivariance")
    other = open_lab(revisit("/stacking" + page.url.partition("/stacking")[2], sent=True))
    assert meters_of(other, "equivariance") == equivariance
    expect(other.locator(".formula")).to_have_text(root.locator(".formula").inner_text())
    page.go_back()
    expect(root.locator(".card")).to_have_count(7)
    root.get_by_role("button", name="Start again").click()
    expect(root.locator(".card")).to_have_count(6)
    expect(page).not_to_have_url(re.compile("stack="))


def test_a_map_that_vanishes_is_explained_where_it_happens(revisit: Visit) -> None:
    page = revisit("/stacking?stack=conv8k5,relu,max4,conv16k5,relu&size=32")
    root = open_lab(page)
    assert root.locator(".card.broken").count() == 0
    root.locator(".pick").first.click()
    root.get_by_role("slider", name="Stride").focus()
    page.keyboard.press("End")
    broken = root.locator(".card.broken")
    expect(broken).to_contain_text("A window of 5 × 5 does not fit into maps of 1 × 1")
    expect(root.locator(".card.idle")).to_contain_text("Nothing reaches it.")
    expect(root.locator(".stop")).to_contain_text("The map vanishes at conv2")
    expect(root.locator(".stop")).to_contain_text("a window of at most 1, a padding of at least 2")
    expect(root.locator("[data-equivariance]")).to_have_count(3)
    # What is offered helps.
    root.locator(".pick").nth(3).click()
    root.get_by_role("slider", name="Padding").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(root.locator(".stop")).to_be_hidden()
    expect(root.locator("[data-equivariance]")).to_have_count(5)


def test_what_is_not_possible_cannot_be_chosen_and_says_why(revisit: Visit) -> None:
    root = open_lab(revisit("/stacking?stack=max8s8,conv4k3&size=40&layer=2"))
    assert root.get_by_role("slider", name="Window").get_attribute("max") == "5"
    expect(root.get_by_text("1 to 5: the window must fit into the maps")).to_be_visible()
    root = open_lab(revisit("/stacking?stack=vgg11p1,relu,max2&layer=1"))
    assert root.get_by_role("slider", name="Channels").is_disabled()
    expect(root.get_by_text("Fixed by the network’s own kernels.").first).to_be_visible()
    root = open_lab(revisit("/stacking?stack=" + ",".join(["relu"] * 12)))
    assert root.get_by_role("button", name="+ ReLU").is_disabled()
    root = open_lab(revisit("/stacking?stack=max3s1p1&layer=1"))
    assert root.get_by_role("slider", name="Padding").get_attribute("max") == "1"
    expect(root.get_by_text("0 to 1: at most half the window.")).to_be_visible()


def test_pointing_shows_what_belongs_together(revisit: Visit) -> None:
    page = revisit("/stacking?layer=6")
    root = open_lab(page)
    said = root.locator(".said")
    expect(root.locator(".tiles")).to_have_css("opacity", "1")
    root.locator(".pick").nth(3).hover()
    expect(said).to_contain_text("middle of conv2 sees 10 × 10 pixels")
    tile = root.locator(".tiles canvas.base").nth(2)
    tile.scroll_into_view_if_needed()
    box = tile.bounding_box()
    assert box is not None
    tile.hover(position={"x": box["width"] * 10.5 / 24, "y": box["height"] * 7.5 / 24})
    step = find(Settings(), COFFEE).steps[5]
    expect(said).to_contain_text("pool2, map 2, row 7, column 10: about")
    told = float(said.inner_text().partition("about ")[2].partition(". It")[0])
    half_a_level = float(step.output.abs().max()) / 252
    assert told == pytest.approx(float(step.output[0, 2, 7, 10]), abs=half_a_level + 0.005)
    expect(said).to_contain_text("sees 12 × 12 pixels of the photo.")
    photo = root.locator(".photo canvas.base")
    photo.scroll_into_view_if_needed()
    shown = photo.bounding_box()
    assert shown is not None
    photo.hover(position={"x": shown["width"] * 50.5 / 96, "y": shown["height"] * 0.5 / 96})
    field = step.receptive_field
    sees = sum(
        top <= 0 < bottom and left <= 50 < right
        for top, left, bottom, right in (field.box(r, c) for r in range(24) for c in range(24))
    )
    expect(said).to_contain_text(f"Row 0, column 50 of the photo: {sees} numbers")


def test_any_map_can_be_compared_with_its_counterpart(revisit: Visit) -> None:
    page = revisit("/stacking?layer=3&turn=20")
    root = open_lab(page)
    expect(root.get_by_role("heading", name="Map 0 of pool1, compared")).to_be_visible()
    root.locator(".tiles canvas.base").nth(4).click()
    expect(page).to_have_url(re.compile("channel=4"))
    title = root.get_by_role("heading", name="Map 4 of pool1, compared")
    expect(title).to_be_visible()
    expect(root.locator(".tiles .compared")).to_have_count(1)
    assert 0 < float(str(title.get_attribute("data-alike"))) < 1
    root.locator(".trio canvas.base").first.hover()
    expect(root.locator(".said")).to_contain_text(re.compile("about .* and .*, a difference of"))
    root.locator(".tiles canvas.base").nth(1).press("Enter")
    expect(page).to_have_url(re.compile("channel=1"))
    root.get_by_role("button", name="Photo as it was").click()
    expect(root.locator(".trio")).to_be_hidden()


def test_a_network_s_first_stage_is_a_choice_and_says_whether_it_is_trained(revisit: Visit) -> None:
    page = revisit("/stacking")
    root = open_lab(page)
    for name, known in known_networks().items():
        root.get_by_label("Start from").select_option(name)
        expect(page).to_have_url(re.compile(f"stack={name}"))
        words = "with its trained weights" if known["trained"] else "it has not been trained yet"
        expect(root.locator(".start")).to_contain_text(words)
        expect(root.locator(".card")).to_have_count(len(known["stack"]))
        assert growth_of(root, "edge")[0] == known["size"]
        assert len(meters_of(root, "equivariance")) == len(known["stack"])


def test_the_frame_grows_along_the_stack_by_itself(revisit: Visit) -> None:
    page = revisit("/stacking")
    root = open_lab(page)
    root.get_by_role("button", name="One step on").click()
    expect(root.locator(".card.lit .name")).to_have_text("conv1")
    root.get_by_role("button", name="One step on").click()
    root.get_by_role("button", name="One step on").click()
    expect(root.locator(".said")).to_contain_text("middle of pool1 sees 6 × 6")
    root.get_by_role("button", name="Play").click()
    expect(root.locator(".card.lit .name")).to_have_text("pool2", timeout=20_000)
    expect(root.get_by_role("button", name="Play")).to_be_visible()


def test_the_lab_is_usable_by_keyboard_alone(revisit: Visit) -> None:
    page = revisit("/stacking")
    root = open_lab(page)
    root.locator(".pick").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("layer=3"))
    expect(root.locator(".panel > h3")).to_have_text("pool1: max pooling")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the left
    expect(page).to_have_url(re.compile(r"conv8k5p2(,|%2C)max2(,|%2C)relu"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"stack=max2(,|%2C)conv8k5p2(,|%2C)relu"))
    page.keyboard.press("Delete")  # the focus is on the card, which cannot go further
    expect(root.locator(".card")).to_have_count(5)
    expect(page).to_have_url(re.compile(r"stack=conv8k5p2(,|%2C)relu(,|%2C)conv16"))
    expect(root.locator(".tiles")).to_have_css("opacity", "1")
    root.locator(".tiles canvas.base").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(root.locator(".said")).to_contain_text("conv1, map 0 (brighter to the right), row 1")
    page.keyboard.press("PageDown")
    expect(root.locator(".said")).to_contain_text("conv1, map 1 (brighter downwards), row 1")
    page.keyboard.press("Enter")  # compare it; the answer takes nothing away
    expect(root.get_by_text("Map 1 of conv1, compared")).to_be_visible()
    expect(root.locator(".said")).to_contain_text("conv1, map 1 (brighter downwards), row 1")
    page.keyboard.press("ArrowDown")
    expect(root.locator(".said")).to_contain_text("conv1, map 1 (brighter downwards), row 2")
    root.get_by_role("slider", name="Turn").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("turn=1"))


def test_the_text_twin_says_all(revisit: Visit) -> None:
    page = revisit("/stacking")
    root = open_lab(page)
    meters_of(root, "equivariance")
    root.locator("summary").click()
    rows = root.locator("details tr")
    expect(rows).to_have_count(7)
    for text in ("conv1", "convolution", "5 × 5", "8 × 96 × 96", "608", "5,529,600", "100 %"):
        expect(rows.nth(1)).to_contain_text(text)


def test_the_lab_does_not_overflow(revisit: Visit) -> None:
    width, theme = WINDOWS[0]
    stack = f"{CONV8},conv32k3p1,relu,max2,conv32k11"
    page = revisit(f"/stacking?stack={stack}&layer=7", width=width, theme=theme)
    root = open_lab(page)
    expect(root.locator(".tiles canvas.base").first).to_be_visible()
    root.locator("summary").click()
    assert_fits_every_width(page, ".stacking")
    parts = (".card", ".pick", ".growth td", ".meter")
    assert_fits_every_width(page, *(f".stacking {part}" for part in parts), spill=1)
