"""Pages work out once what belongs to a picture or a network, and remember the right thing."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ali5.site.app import navigation
from ali5.site.app.engine import remembered
from tests.pages import open_page

APP = "ali5.site.app"

VISITS: dict[str, tuple[dict[str, str], ...]] = {
    "pixels": (
        {"picture": "cat"},
        {"picture": "barn"},
        {"picture": "cat", "into": "lenet5-compact", "maps": "5"},
        {"picture": "cat", "row": "3", "column": "4", "units": "normalised"},
    ),
    "convolution": (
        {"picture": "cat", "input": "photo"},
        {"picture": "barn", "input": "photo", "kernel": "5"},
        {"picture": "cat"},
        {"picture": "cat", "preset": "layer1", "bias": "1.5", "cells": "0.1.1:7"},
    ),
    "pooling": (
        {"picture": "cat", "input": "photo"},
        {"picture": "barn", "input": "photo"},
        {"picture": "cat", "input": "photo", "kind": "average", "noise": "salt"},
    ),
    "stacking": (
        {"picture": "cat"},
        {"picture": "barn"},
        {"picture": "cat", "layer": "3", "channel": "2"},
        {"picture": "cat", "stack": "conv4k3,max2", "turn": "90"},
    ),
    "final_layer": (
        {"picture": "digit-3", "network": "lenet5"},
        {"picture": "digit-7", "network": "lenet5"},
        {"picture": "digit-3", "network": "lenet5", "a": "1", "b": "7"},
        {"picture": "digit-3", "network": "lenet5", "b": "7"},
    ),
    "why": (
        {"picture": "digit-3", "network": "lenet5"},
        {"picture": "digit-7", "network": "lenet5", "class": "3"},
    ),
}
"""Pages, and addresses of which each differs from the first in something."""


def shown_by(at: AppTest) -> list[Any]:
    """All that a page has sent to its components, and asked."""
    sent = [(each.proto.component_name, each.proto.bytes) for each in at.get("bidi_component")]
    asked = [(each.label, each.options) for each in at.radio]
    return [sent, asked, [each.value for each in at.markdown]]


@pytest.mark.parametrize("page", VISITS)
def test_what_is_remembered_is_what_would_be_worked_out(page: str) -> None:
    warm = [shown_by(open_page(page, **choices)) for choices in VISITS[page] * 2][
        -len(VISITS[page]) :
    ]
    for choices, shown in zip(VISITS[page], warm, strict=True):
        remembered._remembered.forget(lambda key: True)
        assert shown_by(open_page(page, **choices)) == shown


@pytest.mark.parametrize(
    ("page", "work"),
    [
        ("pixels", "labs.pixels.sent.rungs_as_sent"),
        ("pixels", "labs.pixels.page.draw_costs"),
        ("pixels", "labs.pixels.numbers._find_start"),
        ("convolution", "labs.convolution.tasks.convolved"),
        ("pooling", "labs.pooling.tasks.pooled"),
        ("stacking", "labs.stacking.sent._layers"),
        ("stacking", "labs.stacking.tasks._questions_of"),
        ("final_layer", "labs.final_layer.comparison._ranked"),
        ("final_layer", "labs.final_layer.sent._answer"),
        ("final_layer", "labs.final_layer.sent._why"),
        ("final_layer", "labs.final_layer.answers.limits_of"),
        ("why", "classify.why.question.share_in_words"),
        ("compare", "classify.compare.cost.chart_of"),
    ],
)
def test_nothing_is_worked_out_twice_for_the_same_picture(
    page: str, work: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = VISITS.get(page, ({"picture": "cat"},))[0]
    open_page(page, **choices)

    def again(*_: object) -> None:
        raise AssertionError(f"{work} was called again")

    if work.endswith("draw_costs"):  # goes by the function itself
        monkeypatch.setattr(f"{APP}.labs.pixels.view.plotly", again)
    else:
        monkeypatch.setattr(f"{APP}.{work}", again)
    open_page(page, **choices)


def test_pages_of_the_site_are_found_on_the_disk_once(monkeypatch: pytest.MonkeyPatch) -> None:
    open_page("explore")

    def again(*_: object, **__: object) -> None:
        raise AssertionError("a page was made again")

    monkeypatch.setattr(st, "Page", again)
    open_page("explore")
    assert navigation._known.cache_info().currsize >= 12
