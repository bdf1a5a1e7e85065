"""Where one is in a network, and where one can go from there."""

from __future__ import annotations

import json

import pytest
from PIL import Image

import ali5
from ali5.pictures.samples import open_sample
from ali5.site.app.explore.trail.sent import trail_as_sent
from ali5.site.app.words import share_in_words
from tests.pages import open_page


@pytest.fixture
def trace(digit: Image.Image) -> ali5.Trace:
    return ali5.trace(ali5.load("lenet5", device="cpu"), digit)


def keys(ways: list[dict[str, str]]) -> list[str]:
    return [way["key"] for way in ways]


def test_the_trail_begins_at_the_network_and_ends_where_one_is(trace: ali5.Trace) -> None:
    top = trail_as_sent(trace, None, None, False)
    assert (keys(top["places"]), top["beside"], top["said"]) == (["network"], [], "")
    unit = trail_as_sent(trace, "F6", 3, True)
    assert [place["label"] for place in unit["places"]] == ["LeNet-5", "F6", "unit 3"]
    assert unit["large"]
    best = trace.predictions(1)[0]
    assert unit["said"] == f"It says: {best.label}, {share_in_words(best.probability)}"


def test_beside_every_step_are_the_one_before_and_the_one_after(trace: ali5.Trace) -> None:
    names = [f"step {step.name}" for step in trace.steps]
    for at, step in enumerate(trace.steps):
        beside = keys(trail_as_sent(trace, step.name, None, False)["beside"])
        assert beside == names[max(0, at - 1) : at] + names[at + 1 : at + 2]


def test_beside_every_channel_are_its_neighbours(trace: ali5.Trace) -> None:
    for channel, beside in ((0, [1]), (2, [1, 3]), (5, [4])):
        sent = trail_as_sent(trace, "C1", channel, False)
        assert keys(sent["beside"]) == [f"channel {to}" for to in beside]


def test_the_page_sends_just_that() -> None:
    at = open_page("explore", network="lenet5", picture="digit-3", step="C1", channel="2")
    node = next(
        each.proto for each in at.get("bidi_component") if each.proto.component_name == "ali5_trail"
    )
    trace = ali5.trace(ali5.load("lenet5", device="cpu"), open_sample("digit-3"))
    assert json.loads(node.json) == trail_as_sent(trace, "C1", 2, False)
