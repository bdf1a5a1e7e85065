"""The lab of the final layer, used as a learner does: pointing, dragging, typing, links, keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote_plus

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

import ali5
from ali5.labs.contributions import contributions
from ali5.labs.softmax import softmax
from ali5.pictures.samples import open_sample
from ali5.site.app.labs.final_layer.settings import Settings
from ali5.site.app.labs.final_layer.tasks import logits_of
from ali5.site.app.labs.final_layer.toy import toy_of
from tests.browser.conftest import WINDOWS, go_on
from tests.browser.labs.twins import unfold
from tests.browser.widths import assert_fits_every_width

Visit = Callable[..., Page]


def open_lab(page: Page) -> Locator:
    root = page.locator(".final-layer")
    root.wait_for()
    expect(root.locator(".sum-line")).not_to_be_empty()
    return root


def numbers_of(root: Locator, caption: str) -> np.ndarray:
    """The numbers of a table of the text twin."""
    unfold(root)
    table = root.locator("table").filter(has_text=re.compile(f"^{re.escape(caption)}")).first
    rows = table.locator("tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => Number(cell.dataset.value)))"
    )
    return np.array(rows)


def trace_of(name: str, picture: str) -> ali5.Trace:
    return ali5.trace(ali5.load(name, "compact", device="cpu"), open_sample(picture))


@pytest.mark.parametrize(
    ("settings", "query"),
    [
        (Settings(), ""),
        (
            Settings(
                channels=3,
                classes=4,
                seed=7,
                cells={"2,0,1": -2.5},
                weights={"3,0,0,0": 1.25, "1,bias": 2.0},
                temperature="0.4",
                constant=2.5,
                moved={"0": -1.5, "2": 0.7},
            ),
            "channels=3&classes=4&seed=7&cells=2.0.1:-2.5&weights=3.0.0.0:1.25,1.bias:2"
            "&temperature=0.4&constant=2.5&moved=toy~0:-1.5,2:0.7",
        ),
        (
            Settings(size=2, channels=1, classes=2, temperature="10"),
            "size=2&channels=1&classes=2&temperature=10",
        ),
    ],
)
def test_the_browser_computes_what_pytorch_does(
    revisit: Visit, settings: Settings, query: str
) -> None:
    root = open_lab(revisit(f"/final-layer?{query}"))
    toy = toy_of(settings)
    assert numbers_of(root, "Vector")[0] == pytest.approx(toy.maps.flatten().numpy())
    weights = numbers_of(root, "Weights")
    assert weights == pytest.approx(toy.weight.flatten()[None].numpy().reshape(weights.shape))
    assert numbers_of(root, "Logits")[0] == pytest.approx(toy.logits.numpy(), abs=1e-5)
    terms = softmax(logits_of(settings, toy, None), float(settings.temperature))
    columns = (terms.logits, terms.divided, terms.shifted, terms.exponentials, terms.shares)
    expected = torch.stack(columns, 1).numpy()
    assert numbers_of(root, "Softmax") == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("name", "picture"), [("resnet18", "coffee"), ("lenet5", "digit-3")])
def test_the_real_network_is_taken_apart_as_pytorch_does(
    revisit: Visit, name: str, picture: str
) -> None:
    page = revisit(f"/final-layer?network={name}&picture={picture}&source=network&temperature=2.5")
    root = open_lab(page)
    trace = trace_of(name, picture)
    found = contributions(trace)
    logits = trace[trace.steps[-1].inputs[0]].output[0].double()
    shares = torch.softmax(logits / 2.5, 0)
    best = logits.topk(5).indices
    terms = numbers_of(root, "Softmax")
    rest = 1 - float(shares[best].sum())
    assert terms[:, 4] == pytest.approx([*shares[best].tolist(), rest], abs=1e-6)
    assert terms[5, 0] == pytest.approx(
        2.5 * float(torch.logsumexp(logits[logits < logits[best].min()] / 2.5, 0)), abs=1e-5
    )
    rows = root.locator("button.term.row")
    listed = rows.evaluate_all("rows => rows.map(row => Number(row.dataset.product))")
    ranked = found.by_channel.sort(descending=True).values
    assert listed[:4] == pytest.approx(ranked[:4].tolist(), abs=1e-5)
    assert listed[4:] == pytest.approx(ranked.flip(0)[:4].tolist(), abs=1e-5)
    why = numbers_of(root, "Why")
    assert why[:, 1] == pytest.approx(np.cumsum(why[:, 0]), abs=1e-6)
    assert why[-1, 1] == pytest.approx(found.total, abs=1e-5)
    if found.regions is None:
        expect(root.get_by_text("have no place in the picture")).to_be_visible()
        expect(root.get_by_text("What each of")).to_be_hidden()
        return
    regions = numbers_of(root, "Regions")
    assert regions == pytest.approx(found.regions.numpy(), abs=1e-5)
    assert regions.sum() + found.bias == pytest.approx(found.total, abs=1e-5)


def test_pointing_links_pixels_cells_and_classes(revisit: Visit) -> None:
    root = open_lab(revisit("/final-layer"))
    said = root.locator(".said").first
    second = root.locator(".maps canvas.base").nth(1)
    box = second.bounding_box()
    assert box is not None
    second.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(said).to_contain_text("Channel 1, row 1, column 1 is cell 1 × 9 + 1 × 3 + 1 = 13")
    toy = toy_of(Settings())
    product = float(toy.maps[1, 1, 1] * toy.weight[0, 13])
    expect(said).to_contain_text(f"= {product:.4g}; class 1")
    vector = root.get_by_label("Vector", exact=True)
    tall = vector.bounding_box()
    assert tall is not None
    vector.hover(position={"x": 5, "y": tall["height"] / 18 * 4.5})
    expect(said).to_contain_text("Channel 0, row 1, column 1 is cell 0 × 9 + 1 × 3 + 1 = 4")
    root.get_by_role("button", name="class 2, logit").hover()
    expect(said).to_contain_text("Class 2: ")
    total = f"= {float(toy.logits[2]):.4g}.".replace("-", "−")
    expect(said).to_contain_text(total)
    root.get_by_role("button", name="class 2, logit").click()
    expect(root.get_by_role("heading", name="The sum behind class 2")).to_be_visible()
    term = root.locator("button.term.row").first
    term.hover()
    expect(root.get_by_text(re.compile("What channel .* adds, place by place"))).to_be_visible()
    region = root.get_by_label("Regions of the picture")
    region.hover(position={"x": 10, "y": 10})
    expect(root.locator(".said").nth(2)).to_contain_text("Row 0, column 0 adds")


def test_the_vector_fills_step_by_step_and_by_itself(revisit: Visit) -> None:
    root = open_lab(revisit("/final-layer?size=2&channels=1&classes=2"))
    said = root.locator(".said").first
    toy = toy_of(Settings(size=2, channels=1, classes=2))
    node = root.get_by_role("button", name="class 0, logit")
    products = toy.weight[0] * toy.maps.flatten()
    for step in range(4):
        root.get_by_role("button", name="One step on").click()
        expect(said).to_contain_text(f"= {step} of the vector")
        so_far = round(float(products[: step + 1].sum()), 6) + 0.0
        expect(node.locator(".number")).to_have_text(f"{so_far:.4g}".replace("-", "−"))
    root.get_by_role("button", name="One step on").click()
    expect(said).to_contain_text("The biases are added")
    root.get_by_role("button", name="Start again").click()
    expect(root.get_by_text("Flatten: 2 × 3 × 3 = 18 cells")).to_be_visible()
    root.get_by_label("Speed").fill("30")
    root.get_by_role("button", name="Play", exact=True).click()
    expect(said).to_contain_text("The biases are added", timeout=20_000)


def test_logits_are_dragged_live_and_the_link_restores_them(revisit: Visit) -> None:
    page = revisit("/final-layer?source=network")
    root = open_lab(page)
    lever = root.get_by_role("slider", name="Logit of teapot")
    lever.scroll_into_view_if_needed()
    box = lever.bounding_box()
    assert box is not None
    before = float(str(lever.get_attribute("aria-valuenow")))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    page.mouse.down()
    seen = []
    for y in (80, 60, 40):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + y)
        seen.append(float(str(lever.get_attribute("aria-valuenow"))))
    assert before < seen[0] < seen[1] < seen[2]
    assert "moved" not in page.url  # the address waits until it is let go
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"moved=resnet18\.compact\.coffee(~|%7E)160(:|%3A)"))
    shares = numbers_of(root, "Softmax")[:, 4]
    assert shares.sum() == pytest.approx(1)
    link = "/final-layer" + page.url.partition("/final-layer")[2]
    others = revisit(link, sent=True)
    other = open_lab(others)
    assert numbers_of(other, "Softmax")[:, 4] == pytest.approx(shares)
    expect(other.locator(".ghost:visible")).not_to_have_count(0)
    # For another picture the same link shows what was computed.
    go_on(others, link + "&picture=cat")
    expect(other.locator(".ghost:visible")).to_have_count(0)
    page.go_back()
    expect(lever).to_have_attribute("aria-valuenow", f"{before:g}")


def test_dragging_the_temperature_and_the_constant_repaints_at_once(revisit: Visit) -> None:
    page = revisit("/final-layer")
    root = open_lab(page)
    first = root.locator(".share-track + .share-track + .share-track + .number")
    toy = toy_of(Settings())
    handle = root.get_by_role("slider", name="Temperature")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=8)
    share = float(softmax(toy.logits, 10).shares[0])
    expect(first).to_have_text(f"{100 * share:.1f} %")
    assert "temperature" not in page.url
    page.mouse.up()
    expect(page).to_have_url(re.compile("temperature=10"))
    expect(page.get_by_text("If the temperature falls from 10 to 5")).to_be_visible()
    constant = root.get_by_label("Add to all logits")
    constant.focus()
    for _ in range(6):
        constant.press("ArrowRight")
    expect(page).to_have_url(re.compile("constant=3"))
    expect(first).to_have_text(f"{100 * share:.1f} %")
    expect(root.get_by_text("No share changed")).to_be_visible()
    root.get_by_role("button", name="Put all logits back").click()
    expect(page).not_to_have_url(re.compile("constant|temperature"))


def test_numbers_can_be_typed_and_live_in_the_address(revisit: Visit) -> None:
    page = revisit("/final-layer")
    root = open_lab(page)
    field = root.locator("input.cell")
    root.locator(".maps canvas.base").first.dblclick(position={"x": 10, "y": 10})
    field.fill("-3")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"cells=0\.0\.0(:|%3A)-3"))
    root.get_by_label("Weights, channel 1").dblclick(position={"x": 10, "y": 10})
    field.fill("1.5")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"weights=0\.1\.0\.0(:|%3A)1\.5"))
    expected = toy_of(Settings(cells={"0,0,0": -3.0}, weights={"0,1,0,0": 1.5})).logits.numpy()
    assert numbers_of(root, "Logits")[0] == pytest.approx(expected, abs=1e-6)
    link = "/final-layer" + page.url.partition("/final-layer")[2]
    assert numbers_of(open_lab(revisit(link, sent=True)), "Logits")[0] == pytest.approx(
        expected, abs=1e-6
    )


def test_classes_and_networks_are_chosen_and_swapped(revisit: Visit) -> None:
    page = revisit("/final-layer")
    root = open_lab(page)
    line = root.locator(".sum-line")
    root.get_by_role("button", name="Swap A and B").click()
    coffee = ali5.trace(ali5.load("resnet18", device="cpu"), open_sample("coffee"))
    first, second = coffee.predictions(2)
    expect(line).to_contain_text(f"Logit of {second.label}")
    found = re.search(r"(−?[\d.]+) − logit of (.+) (−?[\d.]+) = (−?[\d.]+)", line.inner_text())
    assert found is not None
    assert found[2] == first.label
    assert [float(found[k].replace("−", "-")) for k in (1, 3, 4)] == pytest.approx(
        [second.logit, first.logit, second.logit - first.logit], abs=5e-3
    )
    expect(page).to_have_url(re.compile(f"a={quote_plus(second.label)}"))
    chosen = root.get_by_label("… and not B?")
    expect(chosen).to_have_value(first.label)
    assert second.label not in chosen.locator("option").evaluate_all("all => all.map(o => o.value)")
    chosen.select_option("goldfish")
    expect(line).to_contain_text("logit of goldfish")
    root.get_by_label("Network").select_option("lenet5.compact")
    expect(root.get_by_text("units of tanh6 have no place")).to_be_visible()
    expect(page).to_have_url(re.compile("network=lenet5"))
    page.go_back()
    expect(line).to_contain_text("logit of goldfish")


def test_the_lab_is_usable_by_keyboard_alone(revisit: Visit) -> None:
    page = revisit("/final-layer")
    root = open_lab(page)
    root.get_by_label("Classes").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("classes=4"))
    root.locator(".maps canvas.base").first.focus()
    for key in ("ArrowRight", "ArrowDown", "8", "Enter"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"cells=0\.1\.0(:|%3A)8"))
    root.get_by_role("button", name="class 3, logit").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("unit=3"))
    lever = root.get_by_role("slider", name="Logit of class 1")
    lever.focus()
    for key in ("PageUp", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"moved=toy(~|%7E)1(:|%3A)1\.2"))
    expect(root.locator(".said").nth(1)).to_contain_text("was moved by +1.2")
    page.keyboard.press("Delete")
    expect(page).not_to_have_url(re.compile("moved"))
    root.locator("button.term").first.focus()
    page.keyboard.press("ArrowDown")
    said = root.locator(".said").nth(2)
    expect(said).to_contain_text("The running total goes from")
    page.go_back()  # an answer takes nothing away that is pointed at
    expect(page).to_have_url(re.compile("moved"))
    expect(root.locator(".ghost:not([hidden])")).to_have_count(1)
    expect(said).to_contain_text("The running total goes from")
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("The running total goes from")
    root.get_by_label("Regions of the picture").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(root.locator(".said").nth(2)).to_contain_text("Row 0, column 1 adds")


def test_the_lab_does_not_overflow(revisit: Visit) -> None:
    width, theme = WINDOWS[0]
    query = "channels=3&classes=4&source=network&listed=10&temperature=0.1&constant=-4.5"
    page = revisit(f"/final-layer?{query}", width=width, theme=theme)
    open_lab(page)
    expect(page.get_by_text("One way, and no memory")).to_be_visible()
    assert_fits_every_width(page, ".final-layer", ".final-layer .stand")
