"""The Explore page, used as a visitor does: mouse, keyboard, phone, links, the back button."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

import ali5
from ali5.paths import ASSETS
from ali5.pictures.samples import open_sample
from ali5.tracing.walls import step_scale
from tests.browser.conftest import WINDOWS, wait_until_still
from tests.browser.explore.steps import (
    LENET,
    assert_painted,
    choose_network,
    choose_step,
    node_of,
    range_of,
    wall_of,
)
from tests.browser.widths import assert_fits_every_width, in_every_window

Visit = Callable[..., Page]

CAT = ASSETS / "photographs" / "cat.jpg"


def test_it_opens_with_a_photograph_already_classified(visit: Visit) -> None:
    page = visit()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look inside a neural network")
    node_of(page, "conv1").wait_for()
    bars = page.locator(".bars li")
    expect(bars).to_have_count(5)
    expect(bars.first).to_contain_text("espresso")
    expect(page.get_by_text("Trained on 100,000 photographs")).to_be_visible()
    expect(
        page.get_by_text("ResNet-18 (2015) looks at the photograph “Coffee cup”")
    ).to_be_visible()


@pytest.mark.parametrize(
    ("photograph", "names"),
    [("cat", "Egyptian cat|tabby cat"), ("goldfish", "goldfish"), ("barn", "barn")],
)
def test_sample_photographs_are_recognised(revisit: Visit, photograph: str, names: str) -> None:
    page = revisit(f"/?picture={photograph}")
    expect(page.locator(".bars li").first).to_contain_text(re.compile(names))


def test_lenet_reads_a_digit(revisit: Visit) -> None:
    page = revisit(LENET)
    expect(page.locator(".bars li").first).to_contain_text("3")
    expect(page.get_by_text("Trained on 60,000 digits")).to_be_visible()
    expect(page.locator(".network-map .card")).to_have_count(14)
    assert_painted(choose_step(page, "C1"))
    expect(page.get_by_text("It says: 3")).to_be_visible()


def test_networks_answer_on_an_uploaded_photograph(visit: Visit) -> None:
    """Two that differ in what the browser does; what all of them are sent is held without it."""
    page = visit(LENET)
    node_of(page, "C1").wait_for()
    page.get_by_role("radio", name="File", exact=True).click()
    page.locator('input[type="file"]').set_input_files(CAT)
    expect(page.get_by_text("“cat.jpg”")).to_be_visible()
    assert_answered(page, "lenet5", "compact")
    choose_network(page, "AlexNet (2012)")
    expect(page.get_by_text("AlexNet (2012) looks")).to_be_visible()
    page.get_by_role("radio", name="Paper").click()  # an edition that must be asked for
    assert_answered(page, "alexnet", "paper")


def assert_answered(page: Page, name: str, edition: str) -> None:
    """Fail if it shows other shares or ranges than the network gives of the photograph."""
    network = ali5.load(name, edition, device="cpu")
    trace = ali5.trace(network, ali5.open_image(CAT))
    known = network.architecture
    expect(page.get_by_text(f"{known.title} ({known.year}) looks")).to_be_visible()
    expect(page.get_by_text("Untrained.")).to_have_count(int(not network.trained))
    bars = page.locator(".bars li")
    expect(bars).to_have_count(5)
    expect(bars.first).to_contain_text(trace.predictions(1)[0].label)
    shares = [float(str(bars.nth(i).get_attribute("data-share"))) for i in range(5)]
    assert shares == pytest.approx([p.probability for p in trace.predictions()], rel=1e-3)
    first = next(step for step in trace.steps if step.operation == "convolution")
    last = [step for step in trace.steps if "pooling" in step.operation][-1]
    for step in (first, last):
        wall = choose_step(page, step.name)
        # A step of the edition shown before may have the same name: wait for this one's range.
        scale = step_scale(step)
        expected = pytest.approx((scale.minimum, scale.maximum), rel=1e-4)
        for _ in range(100):
            if range_of(wall) == expected:
                break
            page.wait_for_timeout(100)
        assert range_of(wall) == expected, step.name
        assert_painted(wall)


def test_pointing_at_the_wall_shows_channel_position_and_value(revisit: Visit) -> None:
    page = revisit("/?network=lenet5&picture=digit-8&step=S2")
    wall = wall_of(page, "S2")
    canvas = wall.locator("canvas.base")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    canvas.hover(position={"x": box["width"] - 20, "y": 20})
    text = wall.locator(".tip").inner_text().splitlines()[0]
    found = re.fullmatch(r"channel 5 · row (\d+), column (\d+) · ≈ (\S+)", text)
    assert found, text
    trace = ali5.trace(ali5.load("lenet5"), open_sample("digit-8"))
    row, column = int(found[1]), int(found[2])
    value = float(found[3].replace("−", "-"))
    scale = step_scale(trace["S2"])
    exact = float(trace["S2"].output[0, 5, row, column])
    assert value == pytest.approx(exact, abs=(scale.high - scale.low) / 252)


def test_pointing_at_a_pooled_map_shows_exact_values_and_the_window(revisit: Visit) -> None:
    page = revisit("/?network=vgg11&edition=compact&picture=cat&step=pool2&channel=3")
    unit = page.locator(".unit")
    canvas = unit.get_by_role("application")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    # 16 x 16 values: the middle of row 4, column 9.
    canvas.hover(position={"x": box["width"] * 9.5 / 16, "y": box["height"] * 4.5 / 16})
    said = unit.locator(".said")
    expect(said).to_contain_text("row 4, column 9 = ")
    trace = ali5.trace(ali5.load("vgg11"), open_sample("cat"))
    exact = float(trace["pool2"].output[0, 3, 4, 9])
    text = said.inner_text().replace("−", "-")
    found = re.search(r"= (\S+); the largest of (.+); sees 10 × 10 pixels", text)
    assert found, text
    assert float(found[1]) == pytest.approx(exact, rel=1e-5, abs=1e-9)
    window = [float(value) for value in found[2].split(", ")]
    assert len(window) == 4
    assert max(window) == pytest.approx(exact, rel=1e-3)


def test_clicks_live_in_the_address_and_back_undoes_them(revisit: Visit) -> None:
    page = revisit(LENET)
    choose_step(page, "C3")
    expect(page).to_have_url(re.compile(r"&step=C3$"))
    page.get_by_role("radio", name="Strength").click()
    expect(page).to_have_url(re.compile("sort=strength"))
    page.locator('.wall[data-name="C3"] canvas.base').click(position={"x": 180, "y": 30})
    expect(page).to_have_url(re.compile(r"channel=\d+$"))
    expect(page.get_by_text(re.compile(r"Channel \d+ of 16: "))).to_be_visible()
    page.get_by_role("button", name="Back to the whole of LeNet-5").click()
    # A choice that overtakes this answer would be one step of the history with it.
    expect(page.get_by_text("LeNet-5 (1998) looks")).to_be_visible()
    choose_network(page, "ResNet-18 (2015)")
    expect(page).to_have_url(re.compile(r"\?picture=digit-3&sort=strength$"))
    expect(page.get_by_text("ResNet-18 (2015) looks")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("LeNet-5 (1998) looks")).to_be_visible()
    page.go_back()
    expect(page.get_by_text(re.compile(r"Channel \d+ of 16: "))).to_be_visible()
    page.go_back()
    wall_of(page, "C3")
    expect(page.get_by_role("radio", name="Strength")).to_be_checked()
    page.go_back()
    expect(page.get_by_role("radio", name="Index")).to_be_checked()
    page.go_back()
    expect(page.get_by_text("LeNet-5 (1998) looks")).to_be_visible()


def test_escape_goes_up_and_the_trail_leads_on(revisit: Visit) -> None:
    page = revisit("/?network=lenet5&picture=digit-3&step=C3&channel=2")
    here = page.locator(".trail .here")
    expect(here).to_have_text("channel 2")
    page.get_by_role("button", name="channel 3", exact=True).click()
    expect(here).to_have_text("channel 3")
    page.keyboard.press("Escape")
    expect(here).to_have_text("C3")
    wall_of(page, "C3")
    page.get_by_role("button", name="The step after: tanh3").click()
    expect(here).to_have_text("tanh3")
    page.keyboard.press("Escape")
    expect(here).to_have_text("LeNet-5")
    page.keyboard.press("Escape")  # there is nothing above
    expect(page.get_by_text("LeNet-5 (1998) looks")).to_be_visible()


def test_a_projector_gets_large_type(revisit: Visit) -> None:
    page = revisit("/?network=lenet5&picture=digit-3&step=C3")
    page.context.grant_permissions(["clipboard-write"])
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    here = page.locator(".trail .here")
    before = here.evaluate(size)
    page.get_by_role("button", name="Large type").click()
    expect(page).to_have_url(re.compile("type=large"))
    expect(page.get_by_test_id("stSidebar")).not_to_be_visible()
    wait_until_still(page)  # what is shown anew meanwhile has no size yet
    assert here.evaluate(size) > 1.3 * before
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copy the link")).to_have_text("Copied")
    page.get_by_role("button", name="Back to normal type").click()
    expect(page.get_by_test_id("stSidebar")).to_be_visible()


@pytest.mark.parametrize(
    ("milliseconds", "picture"), [(0, "cat"), (10, "coffee"), (20, "barn"), (40, "rocket")]
)
def test_a_click_that_overtakes_the_last_ones_answer_loses_nothing(
    revisit: Visit, milliseconds: int, picture: str
) -> None:
    page = revisit(f"/?network=alexnet&picture={picture}")
    node_of(page, "conv1").wait_for()
    expect(page.locator(".bars li")).to_have_count(5)
    # The browser has hardly heard what the first click changed when it sends the second.
    page.evaluate(
        """(milliseconds) => {
            const find = (root, wanted) => [...root.querySelectorAll("*")]
                .flatMap((e) => (e.shadowRoot ? [...e.shadowRoot.querySelectorAll(wanted)] : []));
            const radios = [...document.querySelectorAll("[role=radio]")];
            radios.find((radio) => radio.textContent.includes("Paper")).click();
            const [card] = find(document, '.card[data-name="conv2"]');
            setTimeout(() => card.click(), milliseconds);
        }""",
        milliseconds,
    )
    expect(page).to_have_url(re.compile("edition=paper&step=conv2"))
    expect(node_of(page, "conv2")).to_have_attribute("aria-label", re.compile("256 × 27 × 27"))
    wall = wall_of(page, "conv2")
    expect(wall.locator("canvas.base")).to_have_attribute("aria-label", re.compile("27 × 27"))


def test_a_link_restores_the_view_for_another_visitor(visit: Visit, revisit: Visit) -> None:
    link = "/?network=googlenet&picture=coffee&step=inception4c.cat"
    for page in (visit(f"{link}&scope=channel"), revisit(f"{link}&channel=40")):
        if "channel=40" in page.url:
            expect(page.get_by_text("Channel 40 of 320: ")).to_be_visible()
        else:
            wall_of(page, "inception4c.cat")
            expect(page.get_by_role("radio", name="Channel")).to_be_checked()
        card = node_of(page, "inception4c.cat")
        expect(card).to_have_class(re.compile("chosen"))
        expect(card).to_be_in_viewport()


def test_the_keyboard_reaches_everything(revisit: Visit) -> None:
    page = revisit(LENET)
    node_of(page, "C1").wait_for()
    # A sample, a step, a channel and a pixel, without the mouse.
    page.locator('.picker button[data-id="digit-3"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".bars li").first).to_contain_text("4")
    node_of(page, "input").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wall = wall_of(page, "S2")
    wall.locator("canvas.base").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stMarkdown").get_by_text("Channel 2 of 6: ")).to_be_visible()
    unit = page.locator(".unit")
    unit.get_by_role("application").focus()
    page.keyboard.press("ArrowDown")  # the first one shows the pixel that is chosen already
    row, column = map(int, re.findall(r"\d+", unit.locator(".said").inner_text())[:2])
    page.keyboard.press("ArrowUp" if row else "ArrowDown")
    row += -1 if row else 1
    expect(unit.locator(".said")).to_contain_text(f"row {row}, column {column} = ")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"&at={row}\.{column}$"))


def sum_of(page: Page, heading: str) -> float:
    """What the parts of the chosen number add up to, once it is shown."""
    unit = page.locator(".unit")
    expect(unit.get_by_role("heading", name=heading)).to_be_visible()
    total = unit.locator(".total:visible")
    expect(total).to_contain_text("in the map.")
    return float(str(total.get_attribute("data-total")))


def value_in_resnet50(address: str) -> float:
    """The number of the trace that an address names."""
    found = re.search(r"step=([\w.]+)&channel=(\d+)&at=(\d+)\.(\d+)", address)
    assert found is not None, address
    name, *place = found.groups()
    network = ali5.load("resnet50", "paper", weights="untrained", device="cpu")
    output = ali5.trace(network, open_sample("cat"))[name].output
    channel, row, column = map(int, place)
    return output[0, channel, row, column].item()


def test_from_resnet50_down_to_one_sum_and_back(revisit: Visit) -> None:
    page = revisit("/?network=resnet50&edition=paper&picture=cat", reduced_motion="reduce")
    block = page.locator('.network-map .card.block[data-block="layer3.2"]')
    block.click()
    expect(page).to_have_url(re.compile(r"&open=layer3\.2$"))
    node_of(page, "layer3.2.conv2").click()
    wall = wall_of(page, "layer3.2.conv2")
    wall.locator("canvas.base").click(position={"x": 200, "y": 100})
    expect(page).to_have_url(re.compile(r"&channel=\d+$"))
    maps = page.locator(".unit").get_by_role("application").first
    maps.scroll_into_view_if_needed()
    box = maps.bounding_box()
    assert box is not None
    edge = box["width"] / 14
    maps.click(position={"x": 9.5 * edge, "y": 4.5 * edge})
    expect(page).to_have_url(re.compile(r"&at=4\.9$"))
    deepest = page.url
    total = sum_of(page, "row 4, column 9")
    assert total == pytest.approx(value_in_resnet50(deepest), rel=1e-4, abs=1e-6)
    page.mouse.move(2, 2)
    page.go_back()
    expect(page).to_have_url(re.compile(r"&channel=\d+$"))
    expect(page.locator(".unit").get_by_role("heading", name="row 4, column 9")).to_have_count(0)
    page.go_back()
    wall_of(page, "layer3.2.conv2")
    page.go_back()
    expect(page.get_by_text("ResNet-50 (2015) looks")).to_be_visible()
    node_of(page, "layer3.2.conv2").wait_for()
    page.go_back()
    expect(block).to_be_attached()
    another = revisit(deepest[deepest.index("/?") :], sent=True)
    assert sum_of(another, "row 4, column 9") == total


def test_from_resnet50_down_to_one_sum_by_keyboard_alone(revisit: Visit) -> None:
    page = revisit("/?network=resnet50&edition=paper&picture=cat", reduced_motion="reduce")
    node_of(page, "input").wait_for()

    def tab_to(target: Locator) -> None:
        for _ in range(80):
            if target.evaluate("e => e === e.getRootNode().activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError("the tab key does not lead there")

    tab_to(page.locator(".network-map .card[tabindex='0']"))
    page.keyboard.press("Home")
    block = page.locator('.network-map .card.block[data-block="layer1.0"]')
    for _ in range(12):
        if block.evaluate("e => e === e.getRootNode().activeElement"):
            break
        page.keyboard.press("ArrowRight")
    expect(block).to_be_focused()
    page.keyboard.press(" ")
    expect(page).to_have_url(re.compile(r"&open=layer1\.0$"))
    for step in ("downsample.0", "downsample.1", "conv3"):
        expect(node_of(page, f"layer1.0.{step}")).to_be_focused()
        page.keyboard.press("Enter" if step == "conv3" else "ArrowDown")
    wall = wall_of(page, "layer1.0.conv3")
    tab_to(wall.locator("canvas.base"))
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"&channel=3$"))
    unit = page.locator(".unit")
    unit.locator(".total:visible").wait_for()
    tab_to(unit.get_by_role("application").first)
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"&at=\d+\.\d+$"))
    row, column = page.url.rpartition("=")[2].split(".")
    total = sum_of(page, f"row {row}, column {column}")
    assert total == pytest.approx(value_in_resnet50(page.url), rel=1e-4, abs=1e-6)
    page.keyboard.press("Escape")  # lets go of the pixel pointed at
    for here in ("layer1.0.conv3", "ResNet-50"):
        page.keyboard.press("Escape")
        expect(page.locator(".trail .here")).to_have_text(here)


def test_nothing_overflows(revisit: Visit) -> None:
    width, theme = WINDOWS[0]
    page = revisit("/?network=vgg16&picture=astronaut&step=conv3_1", width=width, theme=theme)
    wall = wall_of(page, "conv3_1")
    assert_painted(wall)
    for _ in in_every_window(page):
        header, title = (
            page.locator(part).bounding_box() for part in ('[data-testid="stHeader"]', ".trail")
        )
        assert header is not None
        assert title is not None
        assert title["y"] >= header["y"] + header["height"]
    assert_fits_every_width(page, ".network-map", ".wall", ".trail")
