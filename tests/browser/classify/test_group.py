"""Grouping, as visitors do it: shapes at first, then a zip archive of their own."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from playwright.sync_api import FilePayload, Locator, Page, expect

import ali5
from ali5.classifying.features import last_step
from ali5.classifying.grouping import Kinship, kinship
from ali5.classifying.teach.examples import example_groups
from tests.browser.classify.test_compare import bring, fits
from tests.browser.conftest import wait_until_still
from tests.browser.explore.steps import COLOURS

Visit = Callable[..., Page]

BROKEN = {"empty.jpg": b"", "paper.jpg": b"%PDF-1.7", "notes.txt": b"hello"}


def archive(groups: str, count: int) -> FilePayload:
    """So many pictures of each kind in a folder of its name, and three broken files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for kind, images in example_groups(groups).items():
            for number, image in enumerate(images[:count]):
                picture = io.BytesIO()
                image.save(picture, "PNG")
                made.writestr(f"mine/{kind}/{number}.png", picture.getvalue())
        for name, content in BROKEN.items():
            made.writestr(f"mine/{name}", content)
    return {"name": "kinds.zip", "mimeType": "application/zip", "buffer": file.getvalue()}


WATCH_LINES = """() => {
  const proto = CanvasRenderingContext2D.prototype, { lineTo } = proto;
  window.lines = new Map();
  proto.lineTo = function (x, y) {
    if (!window.lines.has(this.canvas)) window.lines.set(this.canvas, []);
    window.lines.get(this.canvas).push([x, y]);
    return lineTo.call(this, x, y);
  };
}"""
"""From now on, notes where every line that is drawn on a canvas ends."""

ENDS = "canvas => window.lines.get(canvas) ?? []"


def measured(name: str, groups: str) -> tuple[Kinship, Kinship]:
    """How often the nearest neighbour is of the same kind, by a network's last step and pixels."""
    sorted_ = example_groups(groups)
    images = [image for group in sorted_.values() for image in group]
    kinds = [kind for kind, group in sorted_.items() for _ in group]
    network = ali5.load(name, device="cpu")
    alike = ali5.likeness(ali5.feature_vectors(network, images))
    found = kinship(alike[last_step(ali5.trace(network, images[0]))], kinds)
    pixels = kinship(alike.pixels, kinds)
    assert found is not None
    assert pixels is not None
    return found, pixels


def planes(page: Page) -> tuple[Locator, Locator]:
    found = page.locator(".planes canvas.base")
    expect(found).to_have_count(2)
    expect(page.locator(".group[data-ready]")).to_be_visible()
    return found.first, found.last


TOPS = "all => all.map(each => each.getBoundingClientRect().y)"


def settled(page: Page) -> None:
    expect(page.locator(".group")).to_have_attribute("data-waiting", "0")


def test_pictures_are_placed_chosen_and_compared(revisit: Visit) -> None:
    page = revisit("/group")
    deep, flat = planes(page)
    assert deep.evaluate(COLOURS) > 200
    assert flat.evaluate(COLOURS) > 200
    deep_share, flat_share = measured("resnet18", "all-shapes")
    ratio = f"{deep_share.right / flat_share.right:.1f}"
    said = rf"{deep_share.right} of 96 pictures .* {flat_share.right}: {ratio} times"
    expect(page.get_by_text(re.compile(said))).to_be_visible()
    # A neighbour becomes the chosen one; the back button undoes it, a link restores it.
    chosen = page.locator(".chosen-words .name")
    expect(chosen).to_have_text("circles, number 1")
    first = page.locator(".near").first.get_by_role("button").first
    name = first.get_attribute("title")
    assert name is not None
    distance = float(first.get_attribute("data-distance") or "nan")
    assert 0 < distance < 1
    expect(first).to_have_attribute(
        "aria-label", re.compile(rf"^1st: {name}, distance {distance:.3f}")
    )
    first.click()
    expect(chosen).to_have_text(name)
    expect(page).to_have_url(re.compile(r"chosen=\d+"))
    link = page.url
    # The answer has come: going back in the moment before it can be overtaken by it.
    wait_until_still(page)
    page.go_back()
    expect(chosen).to_have_text("circles, number 1")
    page.goto(link)
    expect(chosen).to_have_text(name)
    # By keyboard: walk, choose, zoom. What an answer brings leaves the zoom as it is.
    deep, _ = planes(page)
    deep.focus()
    page.keyboard.press("ArrowLeft")
    live = page.locator(".group > .hidden")
    expect(live).to_have_text(re.compile(r"number \d+, cluster [A-H]"))
    walked = live.inner_text().partition(", cluster")[0]
    page.keyboard.press("Enter")
    expect(chosen).to_have_text(walked)
    figure = page.locator(".planes figure").first
    page.keyboard.press("+")
    expect(figure).to_have_attribute("data-zoom", "1.50")
    page.get_by_label("Clusters").fill("3")
    page.get_by_label("Clusters").press("Tab")
    expect(page.locator(".frame-key button")).to_have_count(3)
    settled(page)
    expect(figure).to_have_attribute("data-zoom", "1.50")
    deep.focus()
    page.keyboard.press("0")
    expect(figure).to_have_attribute("data-zoom", "1.00")
    # With the wheel, towards the pointer: what is under it stays there.
    box = deep.bounding_box()
    assert box is not None
    deep.click(position={"x": 5, "y": 5})
    page.mouse.move(box["x"] + 100, box["y"] + 90)
    page.mouse.wheel(0, -120)
    expect(figure).not_to_have_attribute("data-zoom", "1.00")


def test_lines_lead_to_the_neighbours_of_their_own_plane(revisit: Visit) -> None:
    page = revisit("/group?place=pca")
    both = planes(page)
    page.evaluate(WATCH_LINES)
    page.locator(".near").last.get_by_role("button").first.click()
    chosen = page.locator(".chosen-words .name")
    expect(chosen).not_to_have_text("circles, number 1")
    settled(page)
    for plane, near, figure in zip(
        both, page.locator(".near").all(), page.locator(".planes figure").all(), strict=True
    ):
        names = [each.get_attribute("title") for each in near.get_by_role("button").all()]
        assert len(names) == 8
        ends = plane.evaluate(ENDS)[-8:]  # of the last time that it was drawn
        assert len(ends) == 8
        for x, y in ends:  # what lies on top there may be another neighbour, but nothing else
            plane.hover(position={"x": x, "y": y})
            told = figure.locator(".tip").inner_text().partition(", cluster")[0]
            assert told in (*names, chosen.inner_text())


def test_the_depth_shows_which_step_groups_best(revisit: Visit) -> None:
    page = revisit("/group?set=digits")
    planes(page)
    expect(page.get_by_text(re.compile("By tanh6 of LeNet-5, 11[89] of 120"))).to_be_visible()
    depth = page.get_by_role("application", name=re.compile("Which step groups best"))
    depth.focus()
    said = page.locator(".depth .read")
    expect(said).to_have_text(re.compile(r"^tanh6: 11[89] of 120"))
    page.keyboard.press("Home")
    expect(said).to_have_text(re.compile(r"^input: "))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("step=C1"))
    expect(page.locator(".planes .title").first).to_contain_text("C1 of LeNet-5 6 numbers")
    expect(page.get_by_text(re.compile(r"By C1 of LeNet-5, \d+ of 120"))).to_be_visible()
    page.go_back()
    expect(page.locator(".planes .title").first).to_contain_text("tanh6 of LeNet-5")
    page.get_by_label("Placed by").select_option("pca")
    expect(page.locator(".planes .words").first).to_contain_text("of the spread across")
    page.get_by_label("Frames show").select_option("kinds")
    key = page.locator(".frame-key button")
    expect(key).to_have_count(10)
    key.first.click()
    expect(key.first).to_have_attribute("aria-pressed", "true")


def test_two_visitors_bring_archives_with_broken_files(visit: Visit) -> None:
    pages = [visit("/group?set=own") for _ in range(2)]
    for page, groups in zip(pages, ("shapes", "cut-outs"), strict=True):
        bring(page, archive(groups, 5))
    for page, own, other, count in zip(
        pages, ("hearts", "Cat"), ("Cat", "hearts"), (15, 35), strict=True
    ):
        planes(page)
        expect(page.get_by_text(re.compile(rf"of {count} pictures have a picture"))).to_be_visible()
        page.get_by_text("3 files could not be opened").first.click()
        for name in BROKEN:
            expect(page.get_by_text(re.compile(rf"“mine/{name}”: "))).to_be_visible()
        page.get_by_text("All pictures as a table").click()
        expect(page.locator('[data-testid="stDataFrame"]')).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("button", name=re.compile("neighbours as CSV")).click()
        text = download.value.path().read_text("utf-8-sig")
        assert f"mine/{own}/0.png" in text
        assert other not in text
    page = pages[0]
    page.get_by_role("button", name=re.compile("in every layer")).click()
    expect(page.locator(".network-map")).to_be_visible()
    expect(page).to_have_url(re.compile("picture=own"))
    page.go_back()
    planes(page)  # still there
    page.get_by_role("button", name="Forget these pictures").click()
    expect(page.locator(".planes")).to_have_count(0)


def test_looking_is_stopped_and_what_is_done_is_grouped(visit: Visit) -> None:
    page = visit("/group?set=photographs&network=googlenet&edition=paper")
    expect(page.get_by_text(re.compile(r"of 84 pictures, about \d+ (s|min) left"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    stopped = page.get_by_text(re.compile(r"(\d+) of 84 pictures\. You stopped here"))
    expect(stopped).to_be_visible()
    done = int(stopped.inner_text().split()[0])
    assert 2 <= done < 84
    deep, _ = planes(page)
    expect(deep).to_have_attribute("aria-label", re.compile(rf": {done} pictures\."))


def test_nothing_overflows_and_a_tap_chooses(revisit: Visit) -> None:
    page = revisit("/group?set=photographs", width=390, theme="dark")
    planes(page)
    for width in (390, 1024):
        page.set_viewport_size({"width": width, "height": 1000})
        fits(page)
        # Both at once: the page may still be scrolling.
        one, two = page.locator(".planes canvas.base").evaluate_all(TOPS)
        assert (one == two) == (width == 1024)  # beside or below one another
        near = page.locator(".near").last.get_by_role("button").nth(2)
        name = near.get_attribute("title")
        near.tap()
        expect(page.locator(".chosen-words .name")).to_have_text(name or "")
        expect(page).to_have_url(re.compile("chosen="))
        settled(page)
