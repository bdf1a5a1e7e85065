"""Comparing, as visitors do it: six networks on a photograph, an archive of 200 pictures."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import FilePayload, Page, expect

from ali5.classifying.verdict import classify
from ali5.known.cards import read_card
from ali5.known.catalog import landmarks
from ali5.networks.networks import load
from ali5.paths import ASSETS
from ali5.pictures.images import open_image
from ali5.pictures.samples import open_sample
from tests.browser.conftest import go_to, wait_until_still
from tests.browser.explore.steps import COLOURS

Visit = Callable[..., Page]

PHOTOGRAPHS = ("cat", "coffee", "goldfish", "barn", "astronaut", "rocket")

BROKEN = {
    "pdf": (b"%PDF-1.7", "PDF document"),
    "text": (b"no picture at all", "text file"),
    "empty": (b"", "empty"),
    "cut": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "damaged"),
    "zip": (b"PK\x03\x04 more", "archive within an archive"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG drawing"),
    "page": (b"<html></html>", "web page"),
    "psd": (b"8BPS\x00\x01", "Photoshop"),
    "video": (b"\x1a\x45\xdf\xa3 webm", "video"),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"),
}


GOOD = 190
ALL = GOOD + len(BROKEN)


def many(good: int) -> FilePayload:
    """A zip archive of so many squares out of the sample photographs, and of broken files."""
    chance = random.Random(7)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for number in range(good):
            photo = open_sample(PHOTOGRAPHS[number % len(PHOTOGRAPHS)])
            edge = int(min(photo.size) * chance.uniform(0.6, 0.95))
            left, top = (chance.randint(0, length - edge) for length in photo.size)
            square = photo.crop((left, top, left + edge, top + edge)).resize((96, 96))
            picture = io.BytesIO()
            square.save(picture, "JPEG")
            made.writestr(f"photos/{number:03}.jpg", picture.getvalue())
        for name, (content, _) in BROKEN.items():
            made.writestr(f"broken/{name}.jpg", content)
        made.writestr("__MACOSX/photos/._000.jpg", b"junk")
    return {"name": "many.zip", "mimeType": "application/zip", "buffer": file.getvalue()}


def bring(page: Page, *files: FilePayload | Path) -> None:
    page.locator('input[type="file"]').set_input_files(files)


WIDTHS: list[tuple[int, Literal["light", "dark"]]] = [(390, "dark"), (1024, "light")]


def fits(page: Page) -> None:
    """Wait until nothing is wider than the page, once it has been laid out anew."""
    overflow = "e => e.scrollWidth - e.clientWidth"
    page.wait_for_function(
        f"""() => ({overflow})(document.querySelector('[data-testid="stMain"]')) <= 0"""
    )


def test_the_landmarks_on_a_photograph(visit: Visit) -> None:
    page = visit("/compare?picture=coffee")
    table = page.get_by_role("table", name=f"{len(landmarks())} networks on one picture")
    expect(table.get_by_role("columnheader")).to_have_count(len(landmarks()))
    expect(table.locator(".says li")).to_have_count(5 * len(landmarks()))
    expect(page.get_by_text(re.compile("networks say espresso"))).to_be_visible()
    card = read_card(ASSETS / "weights" / "alexnet-compact.safetensors")
    right = table.get_by_role("row", name=re.compile("^Right"))
    expect(right.locator("td").nth(1)).to_contain_text(f"{card.accuracy['top1'] * 100:.1f} %")
    maps = table.locator(".maps")
    assert maps.locator("canvas").last.evaluate(COLOURS) > 20
    # Pointing marks the same place everywhere, and the keyboard walks from map to map.
    first = maps.locator("button").first
    # All of the page has come: what comes late moves the map away from under the pointer.
    wait_until_still(page)
    first.hover()
    expect(page.locator(".compare .pointed")).to_contain_text(re.compile(r"row \d+, column \d+: ≈"))
    expect(page.locator(".cross:visible")).not_to_have_count(0)
    first.focus()
    page.keyboard.press("ArrowDown")
    said = page.locator(".compare .pointed").inner_text()
    page.keyboard.press("Enter")
    step = said.split(", ")[1]
    expect(page.locator(".trail .here")).to_have_text(re.compile(r"channel \d+"))
    expect(page).to_have_url(re.compile(rf"step={re.escape(step)}"))
    page.go_back()
    expect(table.locator(".says li")).to_have_count(5 * len(landmarks()))


def test_the_visitors_pictures_are_compared_one_after_the_other(visit: Visit) -> None:
    page = visit("/compare?from=file")
    bring(page, *(ASSETS / "photographs" / f"{name}.jpg" for name in ("cat", "barn", "coffee")))
    strip = page.get_by_role("group", name="Your pictures")
    expect(strip.get_by_role("button")).to_have_count(3)
    expect(page.get_by_text(re.compile("networks say espresso"))).to_be_visible()
    strip.get_by_role("button", name="“barn.jpg”").click()
    expect(page).to_have_url(re.compile("which="))
    expect(page.get_by_text(re.compile("networks say barn"))).to_be_visible()
    page.go_back()
    expect(page.get_by_text(re.compile("networks say espresso"))).to_be_visible()
    page.locator(".maps button").last.click()  # the picture goes along
    expect(page.locator(".trail .here")).to_have_text(re.compile(r"(channel|unit) \d+"))
    expect(page).to_have_url(re.compile("picture=own"))


def test_an_archive_with_ten_broken_files(revisit: Visit) -> None:
    archive = many(GOOD)
    page = revisit("/compare?ask=many")
    bring(page, archive)
    expect(page.get_by_text(f"{GOOD} pictures were classified by ResNet-18.")).to_be_visible()
    expect(page.get_by_text("10 files could not be opened")).to_have_count(2)
    for name, (_, words) in BROKEN.items():
        expect(page.get_by_text(re.compile(rf"“broken/{name}.jpg”: .*{words}"))).to_be_visible()
    sheet = page.get_by_role("application", name=f"Contact sheet of {GOOD} pictures")
    assert sheet.evaluate(COLOURS) > 100
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all as CSV").click()
    rows = list(csv.DictReader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert len(rows) == ALL
    assert sum(bool(row["refusal"]) for row in rows) == 10
    found = {row["picture"]: row for row in rows}["photos/002.jpg"]
    with zipfile.ZipFile(io.BytesIO(archive["buffer"])) as packed:
        picture = open_image(packed.read("photos/002.jpg"))
    (verdict,) = classify(load("resnet18", device="cpu"), [picture])
    assert found["class"] == verdict.best.label
    assert float(found["share"]) == pytest.approx(verdict.best.probability, abs=1e-3)
    sheet.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    chosen = page.locator(".sheet .chosen")
    expect(chosen).to_contain_text("photos/002.jpg")
    expect(chosen.locator("li")).to_have_count(5)
    page.get_by_label("Order of the pictures").select_option("unsure")
    expect(chosen).to_contain_text("photos/002.jpg")  # it stays the chosen one
    sheet.focus()
    page.keyboard.press("Home")
    surest = min((row for row in rows if row["class"]), key=lambda row: float(row["share"]))
    expect(chosen).to_contain_text(surest["picture"])
    # Still there after a look at another page, and gone when the visitor wants it.
    go_to(page, "Labs", "Pixels")
    expect(page.get_by_role("heading", level=1)).to_have_text("A picture is numbers")
    page.go_back()
    expect(page.get_by_text(f"{GOOD} pictures were classified by ResNet-18.")).to_be_visible()
    page.get_by_role("button", name="Forget these pictures").click()
    expect(page.get_by_text(f"{GOOD} pictures were classified")).to_have_count(0)


def test_a_batch_is_stopped_in_the_middle_and_keeps_what_is_done(revisit: Visit) -> None:
    page = revisit("/compare?ask=many&network=googlenet&edition=paper")  # slow enough to be stopped
    good = GOOD // 2
    count = good + len(BROKEN)
    bring(page, many(good))
    expect(
        page.get_by_text(re.compile(rf"of {count} pictures, about \d+ (s|min) left"))
    ).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    stopped = page.get_by_text(re.compile(rf"(\d+) of {count} pictures\. You stopped here"))
    expect(stopped).to_be_visible()
    done = stopped.inner_text()
    assert 0 < int(done.split()[0]) < count
    expect(page.locator(".sheet canvas.base")).to_be_visible()
    page.wait_for_timeout(1500)
    assert stopped.inner_text() == done
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="ResNet-18 (2015)").click()  # the same pictures, asked anew
    expect(page.get_by_text(f"{good} pictures were classified by ResNet-18.")).to_be_visible()
    page.get_by_role("button", name="Forget these pictures").click()


def test_two_visitors_at_once_never_see_each_others_pictures(visit: Visit) -> None:
    pages = [visit("/compare?ask=many") for _ in range(2)]
    for page, name in zip(pages, ("cat", "coffee"), strict=True):
        content = (ASSETS / "photographs" / f"{name}.jpg").read_bytes()
        files = [
            FilePayload(name=f"{name} {number}.jpg", mimeType="image/jpeg", buffer=content)
            for number in range(12)
        ]
        bring(page, *files)
    for page, name, other in zip(pages, ("cat", "coffee"), ("coffee", "cat"), strict=True):
        expect(page.get_by_text("12 pictures were classified")).to_be_visible()
        chosen = page.locator(".sheet .chosen")
        expect(chosen).to_contain_text(f"{name} 0.jpg")
        assert other not in page.locator(".sheet").inner_text()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download all as CSV").click()
        assert f"{other} " not in download.value.path().read_text("utf-8-sig")


def test_nothing_overflows(revisit: Visit) -> None:
    page = revisit("/compare?picture=cat", width=390, theme="dark")
    expect(page.locator(".says li")).to_have_count(5 * len(landmarks()))
    for width, theme in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=theme)
        page.locator(".across").evaluate("e => e.scrollTo(0, 0)")
        fits(page)
        # However far one goes, the names of the networks and of the rows stay in sight.
        page.locator(".across").evaluate("e => e.scrollTo(1e4, 1e4)")
        across, title, row = (
            page.locator(part).last.bounding_box()
            for part in (".across", ".compare thead th", ".maps th")
        )
        assert across is not None
        assert title is not None
        assert row is not None
        assert title["y"] == pytest.approx(across["y"], abs=1)
        assert row["x"] == pytest.approx(across["x"], abs=1)
        assert title["x"] + title["width"] <= across["x"] + across["width"] + 1
    page.get_by_role("radio", name="Many pictures").click()
    bring(page, ASSETS / "photographs" / "cat.jpg")
    expect(page.locator(".sheet canvas.base")).to_be_visible()
    for width, theme in reversed(WIDTHS):
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=theme)
        fits(page)
