"""Classifying, from page to page: what six trained networks promise, and one visit to all parts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

import ali5
from ali5.classifying.teach.examples import example_groups
from ali5.explain import attribution
from ali5.known.cards import bundled_weights, read_card
from ali5.known.catalog import landmarks
from ali5.networks.networks import load
from ali5.paths import ASSETS
from ali5.pictures.samples import open_sample
from ali5.site.app.classify.compare.view import default_edition
from ali5.site.app.classify.what_if.words import answer_in_words, rows_of
from ali5.tracing.interventions import Intervention, intervene
from tests.ali5.networks.test_networks import PHOTOGRAPHS
from tests.browser.classify.test_compare import bring
from tests.browser.conftest import go_to, wait_until_still

Visit = Callable[..., Page]

COMPARED = {known.title: (name, default_edition(known)) for name, known in landmarks().items()}
"""The compact networks for photographs, as Compare shows them at first."""


def compared(page: Page) -> Locator:
    table = page.get_by_role("table", name=f"{len(COMPARED)} networks on one picture")
    expect(table.locator(".says li")).to_have_count(5 * len(COMPARED))
    return table


def test_six_trained_networks_name_the_sample_photographs(revisit: Visit) -> None:
    page = revisit("/compare")
    for photograph, names in PHOTOGRAPHS.items():
        sample = page.locator(f'.picker button[data-id="{photograph}"]')
        sample.click()
        expect(sample).to_have_attribute("aria-pressed", "true")
        table = compared(page)
        expect(table.locator("thead .title")).to_have_text([*COMPARED])
        expect(table.locator(".untrained")).to_have_count(0)
        found = {}
        for place, (title, (network, edition)) in enumerate(COMPARED.items()):
            expected = ali5.trace(load(network, edition, device="cpu"), open_sample(photograph))
            said = table.locator(".says td").nth(place)
            expect(said.locator("li").first).to_contain_text(expected.predictions()[0].label)
            found[title] = said.inner_text()
        right = [title for title, said in found.items() if any(name in said for name in names)]
        assert len(right) >= 3, found
        first = table.locator(".says td").last.locator("li").first.inner_text()
        assert any(name in first for name in names), first


def test_every_accuracy_shown_is_that_of_the_model_card(revisit: Visit) -> None:
    table = compared(revisit("/compare?picture=barn"))
    right = table.get_by_role("row", name=re.compile("^Right")).locator("td")
    expect(right).to_have_count(len(COMPARED))
    for place, (network, edition) in enumerate(COMPARED.values()):
        path = bundled_weights(network, edition)
        assert path is not None
        accuracy = read_card(path).accuracy
        expect(right.nth(place)).to_contain_text(f"{accuracy['top1'] * 100:.1f} %")
        expect(right.nth(place)).to_contain_text(f"{accuracy['top5'] * 100:.1f} %")


def test_one_photograph_goes_through_all_parts(visit: Visit) -> None:
    path = ASSETS / "photographs" / "barn.jpg"
    page = visit("/compare?from=file")
    bring(page, path)
    expect(page.get_by_text(re.compile("networks say barn"))).to_be_visible()
    network = load("resnet18", device="cpu")
    trace = ali5.trace(network, ali5.open_image(path))

    go_to(page, "Classify", "Why")
    found = attribution(trace, "grad-cam")
    seen = page.locator(".overlay canvas.base")
    expect(page.locator(".overlay figcaption")).to_contain_text("Grad-CAM of “barn”")
    seen.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    said = page.locator(".overlay .said")
    expect(said).to_have_text(re.compile(r"^Row \d+, column \d+: "))
    read = re.match(r"Row (\d+), column (\d+): (\S+?),? ", said.inner_text())
    assert read is not None
    row, column, value = int(read[1]), int(read[2]), float(read[3].replace("−", "-"))
    assert value == pytest.approx(float(found.map[row, column]), rel=1e-3, abs=1e-6)

    go_to(page, "Classify", "What if")
    page.get_by_label("Or a branch or block as a whole").select_option(label="F(x) of layer2.1")
    page.get_by_role("group", name="What to do with the branch").get_by_text("Mute").click()
    after = intervene(trace, [Intervention("layer2.1.bn2", "mute", None, "layer2.1.add")])
    words = answer_in_words(rows_of(trace, after), trace, after)
    expect(page.locator(".what-if .said")).to_have_text(words)

    go_to(page, "Classify", "Teach it yours")
    page.get_by_role("radio", name="Kinds of picture").click()
    expect(page.get_by_role("application", name=re.compile("of “patterns”"))).to_be_visible()
    page.get_by_role("button", name="Teach these groups").click()
    expect(page.locator(".taught")).to_be_visible()
    taught = ali5.teach(network, example_groups("photographs")).network
    best = ali5.trace(taught, ali5.open_image(path)).predictions()[0].label
    expect(page.locator(".bars .class").first).to_have_text(best)

    go_to(page, "Classify", "Group")
    page.get_by_role("radio", name="Photographs").click()
    # What is shown of the shapes stays until the photographs are there, also its button.
    expect(page.get_by_role("application", name=re.compile(": 84 pictures"))).to_have_count(2)
    wait_until_still(page)
    expect(page.locator(".planes canvas.base")).to_have_count(2)
    chosen = page.locator(".chosen-words .name").inner_text()
    page.get_by_role("button", name=re.compile("^See .* in every layer")).click()
    expect(page).to_have_url(re.compile("picture=own"))
    expect(page.get_by_text(f"“{chosen}”").first).to_be_visible()
    expect(page.locator(".network-map")).to_be_visible()
