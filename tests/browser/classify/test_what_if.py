"""The page "What if", used as a teacher does: channels, branches, paint, the curve, back again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

import ali5
from ali5.pictures.edits import Edits, Rectangle, Stroke, edit
from ali5.pictures.samples import open_sample
from ali5.site.app.classify.what_if.in_address import read_paint
from ali5.site.app.classify.what_if.words import answer_in_words, rows_of
from ali5.tracing.interventions import Intervention, intervene

Visit = Callable[..., Page]

NOTHING = "Nothing is changed: before and after are the same numbers, bit for bit."

TURN_AND_LOOK = """(slider, value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    const canvas = slider.getRootNode().querySelector(".easel"); // before Python can answer
    const {data, width} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const middle = (i) => Math.floor((i + 0.5) * width / 64);
    return Array.from({length: 64 * 64}, (_, i) => {
        const at = 4 * (middle(Math.floor(i / 64)) * width + middle(i % 64));
        return [...data.slice(at, at + 3)];
    });
}"""


def open_page(page: Page) -> Locator:
    root = page.locator(".what-if")
    root.wait_for()
    expect(root.locator(".said")).not_to_be_empty()
    return root


def in_words(*changes: Intervention, picture: str = "coffee") -> str:
    trace = ali5.trace(ali5.load("resnet18", device="cpu"), open_sample(picture))
    after = intervene(trace, changes)
    return answer_in_words(rows_of(trace, after), trace, after)


def test_channels_are_chosen_changed_and_given_back(revisit: Visit) -> None:
    page = revisit("/what-if?picture=coffee")
    root = open_page(page)
    said = root.locator(".said")
    expect(said).to_have_text(NOTHING)
    wall = root.locator(".scroller canvas.base")
    mute = root.get_by_role("button", name="Mute", exact=True).first
    expect(mute).to_be_disabled()

    # Shift takes all in between; the answer is the engine's.
    wall.click(position={"x": 20, "y": 20})
    wall.click(position={"x": 190, "y": 20}, modifiers=["Shift"])
    expect(root.get_by_label("Channels that are chosen")).to_have_value("0-3")
    mute.click()
    expect(said).to_have_text(in_words(Intervention("relu", "mute", (0, 1, 2, 3))))
    expect(page).to_have_url(re.compile("change=mute%3Arelu%3A0-3"))

    # By keyboard another one is inverted: changes add up.
    wall.focus()
    for key in ("Escape", "ArrowRight", "End", " "):
        page.keyboard.press(key)
    expect(root.get_by_label("Channels that are chosen")).to_have_value("31")
    root.get_by_role("button", name="Invert", exact=True).first.click()
    both = in_words(
        Intervention("relu", "mute", (0, 1, 2, 3)), Intervention("relu", "invert", (31,))
    )
    expect(said).to_have_text(both)
    expect(root.locator(".chip")).to_have_count(3)

    # Back undoes the last one, the chip takes back the other, and nothing is left.
    page.go_back()
    expect(said).to_have_text(in_words(Intervention("relu", "mute", (0, 1, 2, 3))))
    root.get_by_role("button", name="Take back: relu, channels 0–3 muted").click()
    expect(said).to_have_text(NOTHING)
    assert "change=" not in page.url


def test_a_residual_block_is_muted_by_name_and_the_link_restores_it(revisit: Visit) -> None:
    page = revisit("/what-if?picture=coffee")
    root = open_page(page)
    root.get_by_label("Or a branch or block as a whole").select_option(label="F(x) of layer2.1")
    root.get_by_role("group", name="What to do with the branch").get_by_text("Mute").click()
    expected = in_words(Intervention("layer2.1.bn2", "mute", None, "layer2.1.add"))
    expect(root.locator(".said")).to_have_text(expected)
    other = open_page(revisit("/what-if" + page.url.partition("/what-if")[2], sent=True))
    expect(other.locator(".said")).to_have_text(expected)
    expect(other.get_by_role("button", name="Take back: F(x) of layer2.1 muted")).to_be_visible()


def test_the_channel_that_matters_most_comes_first(revisit: Visit) -> None:
    page = revisit("/what-if?picture=coffee&step=layer1.0.relu")
    root = open_page(page)
    root.get_by_role("button", name="Which channel matters most?").click()
    ranking = root.locator(".ranking")
    expect(ranking).to_contain_text("move “espresso” down most")
    first = int(re.search(r"most: (\d+) \(−", ranking.inner_text()).group(1))  # type: ignore[union-attr]
    trace = ali5.trace(ali5.load("resnet18", device="cpu"), open_sample("coffee"))
    best = int(trace.steps[-1].output.argmax())
    after = [
        float(
            intervene(trace, [Intervention("layer1.0.relu", "mute", (channel,))])
            .steps[-1]
            .output[0, best]
        )
        for channel in range(32)
    ]
    assert after[first] == pytest.approx(min(after), abs=1e-4)
    root.locator(".scroller canvas.base").click(position={"x": 20, "y": 20})
    expect(root.get_by_label("Channels that are chosen")).to_have_value(str(first))


def test_paint_is_drawn_at_once_and_answered_while_it_is_dragged(revisit: Visit) -> None:
    page = revisit("/what-if?picture=coffee&half=picture&curve=none")
    root = open_page(page)
    easel = root.locator(".easel")
    easel.scroll_into_view_if_needed()
    box = easel.bounding_box()
    assert box is not None
    at = [
        (box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        for x, y in ((0.25, 0.25), (0.75, 0.5))
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=5)
    expect(root.locator(".said")).to_contain_text("espresso falls")  # not yet let go
    assert "paint=" not in page.url
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"paint=r\.808080\.25\.25\.50\.25"))
    # By keyboard: a second rectangle, moved and made larger.
    easel.focus()
    for key in ("Enter", "ArrowRight", "Shift+ArrowDown", "+"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"~r\.808080\.35\.43\.34\.34|%7Er\.808080\.35\.43\.34\.34"))
    root.get_by_role("button", name=re.compile("Take back: painted over")).click()
    expect(root.locator(".said")).to_have_text(NOTHING)


def test_what_the_browser_draws_is_what_the_engine_sees(revisit: Visit) -> None:
    """While it is dragged the browser paints, by itself: pixel by pixel the same."""
    paint = "r.ff8000.10.20.33.15~b.0040ff.7.30.60.50.70.80.65"
    marks, _ = read_paint(paint)
    assert {type(mark) for mark in marks} == {Rectangle, Stroke}
    page = revisit(
        f"/what-if?picture=coffee&half=picture&curve=none&turn=20&right=10&paint={paint}"
    )
    root = open_page(page)
    drawn = root.get_by_label(re.compile("^Turn")).evaluate(TURN_AND_LOOK, 35)
    preprocessing = ali5.catalog()["resnet18"].edition("compact").preprocessing
    edits = Edits(turn=35, right=10, paint=marks)
    expected = (edit(open_sample("coffee"), preprocessing, edits) * 255).permute(1, 2, 0)
    pixels = torch.tensor(drawn).reshape(64, 64, 3)
    assert float((pixels - expected).abs().max()) < 2


def test_the_curve_is_scrolled_over_and_walked_along_on_a_phone_in_the_dark(revisit: Visit) -> None:
    page = revisit("/what-if?picture=coffee&half=picture", 390, 844, "dark")
    root = open_page(page)
    expect(root.locator(".curve-key .key")).to_have_count(5)
    curve = root.get_by_role("application", name=re.compile("^Shares of espresso"))
    # A finger that scrolls the page turns nothing.
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    assert box is not None
    finger = page.context.new_cdp_session(page)
    x, y = box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2
    for kind, up in (("Start", 0), *(("Move", 15 * n) for n in range(1, 12)), ("End", None)):
        points = [] if up is None else [{"x": x, "y": y - up}]
        finger.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    after = curve.bounding_box()
    assert after is not None
    assert after["y"] != box["y"]  # it was the page that moved
    expect(root.locator(".chips")).to_have_text(re.compile("Nothing is changed yet"))
    expect(root.locator(".said")).to_have_text(NOTHING)
    curve.focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("turn=180"))
    expect(root.locator(".said")).not_to_have_text(NOTHING)
    # The curve says there what the answer says.
    share = float(str(root.locator(".pairs li").first.get_attribute("data-after")))
    words = root.locator(".curve-key .key").first.locator(".number").inner_text()
    assert float(words.removesuffix(" %")) == pytest.approx(100 * share, rel=0.01)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_the_curve_of_another_picture_is_never_shown_as_this_one_s(revisit: Visit) -> None:
    page = revisit("/what-if?picture=coffee&half=picture")
    root = open_page(page)
    expect(root.locator(".curve-key .key")).to_have_count(5)
    seen = root.evaluate_handle(
        """root => {
            const found = [];
            const look = () => {
                const shown = !root.querySelector(".curve-key").hidden;
                found.push([root.querySelector(".pairs .class").textContent, shown
                    ? root.querySelector(".curve-key .key").children[1].textContent : ""]);
            };
            const all = {subtree: true, childList: true, attributes: true};
            new MutationObserver(look).observe(root, all);
            return found;
        }"""
    )
    page.locator('.picker button[data-id="goldfish"]').click()
    expect(root.locator(".curve-key .key").first).to_contain_text("goldfish")
    pairs = {tuple(pair) for pair in seen.json_value()}
    assert ("goldfish", "goldfish") in pairs
    assert ("goldfish", "espresso") not in pairs
