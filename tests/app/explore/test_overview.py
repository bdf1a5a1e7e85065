"""The page that opens first: there before torch is, and just what the engine makes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ali5
from ali5.site import exploring
from ali5.site.app import engine
from ali5.site.app.canvas.packing import pack, unpack
from ali5.site.app.explore.overview import prepared, view
from ali5.site.app.explore.overview.prepared import Overview, differences, read_first_page
from ali5.site.building import VISIT
from tests.pages import sent_to
from tests.prepare import first_page
from tests.test_floors import SITE_NAME, assert_imported_without


@pytest.fixture
def stored() -> Overview:
    found = read_first_page()
    assert found is not None
    return found


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is not there yet, and nobody waits for it."""
    monkeypatch.setattr(engine, "is_loaded", lambda: False)
    monkeypatch.setattr(view, "wait_for_torch", lambda after_s: st.stop())


def open_first(**choices: str) -> AppTest:
    at = AppTest.from_file(str(VISIT), default_timeout=120)
    for name, value in choices.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def test_what_was_prepared_is_what_the_engine_makes(stored: Overview) -> None:
    found = differences(stored, first_page())
    assert not found, f"{found[:5]}: renew it by `python -m tests.prepare`"
    assert prepared.FILE.stat().st_size < 300_000


def changed(overview: Overview, change: Callable[[dict[str, Any], bytearray], None]) -> Overview:
    header, body = unpack(overview.map)
    levels = bytearray(body)
    change(header, levels)
    return replace(overview, map=pack(header, bytes(levels)))


def test_what_is_further_apart_than_rounding_is_found(stored: Overview) -> None:
    assert not differences(stored, stored)

    def level(by: int) -> Overview:
        def change(_: dict[str, Any], levels: bytearray) -> None:
            at = next(i for i, each in enumerate(levels) if 10 < each < 240)
            levels[at] += by

        return changed(stored, change)

    assert not differences(stored, level(1))
    assert differences(stored, level(2)) == [f"map: 1 of {len(unpack(stored.map)[1])} levels"]

    def scale(by: float) -> Overview:
        def change(header: dict[str, Any], _: bytearray) -> None:
            header["steps"][1]["thumb"]["scale"][1] *= by

        return changed(stored, change)

    assert not differences(stored, scale(1.0005))
    assert len(differences(stored, scale(1.005))) == 1

    def rename(header: dict[str, Any], _: bytearray) -> None:
        header["steps"][3]["name"] = "other"

    assert len(differences(stored, changed(stored, rename))) == 1
    assert len(differences(stored, changed(stored, lambda header, levels: levels.pop()))) == 1
    classes = [{**each, "share": each["share"] * 1.01} for each in stored.shares["classes"]]
    assert len(differences(stored, replace(stored, shares={**stored.shares, "classes": classes})))
    assert differences(stored, replace(stored, weights="**Untrained.**"))
    assert differences(stored, replace(stored, notes=("A note.",)))


def test_how_long_a_step_took_is_not_prepared(stored: Overview) -> None:
    header, _ = unpack(stored.map)
    assert {step["costs"]["time"] for step in header["steps"]} == {None}
    assert [lens["key"] for lens in header["lenses"]] == [
        *("none", "parameters", "arithmetic", "memory")
    ]


EARLY = f"""
import streamlit as st
from streamlit.testing.v1 import AppTest
from {SITE_NAME}app.explore.overview import view
from ali5.site.building import VISIT
view.wait_for_torch = lambda after_s: st.stop()
at = AppTest.from_file(str(VISIT), default_timeout=60).run()
assert not at.exception, at.exception
assert len(at.get("bidi_component")) == 4, "the samples, the trail, the bars and the map"
"""


def test_it_is_there_where_torch_cannot_be_had() -> None:
    assert_imported_without("torch", f"{SITE_NAME}app.navigation", then=EARLY)


def kept_by_the_browser(at: AppTest) -> Iterator[tuple[Any, ...]]:
    """Everything on the page: where it is, what it is, and what the browser knows it by."""

    def walk(block: Any, path: tuple[int, ...]) -> Iterator[tuple[Any, ...]]:
        for place, node in block.children.items():
            here = (*path, place)
            yield here, node.type, getattr(node.proto, "id", "") if node.proto else ""
            if hasattr(node, "children"):
                yield from walk(node, here)

    return walk(at._tree, ())


def test_the_engine_s_own_takes_the_very_places(early: None, monkeypatch: Any) -> None:
    before = list(kept_by_the_browser(open_first()))
    monkeypatch.setattr(engine, "is_loaded", lambda: True)
    assert before == list(kept_by_the_browser(open_first()))
    assert len(before) > 20


def test_before_torch_it_shows_what_was_prepared(early: None, stored: Overview) -> None:
    at = open_first()
    assert sent_to(at, "network_map") == unpack(stored.map)
    assert any(stored.weights in text.value for text in at.markdown)


@pytest.mark.parametrize(
    "choices",
    [
        *({"picture": "cat"}, {"network": "lenet5"}, {"weights": "untrained"}, {"lens": "memory"}),
        *({"step": "conv1"}, {"open": "none"}, {"cost": "open"}, {"type": "large"}),
    ],
)
def test_whoever_asks_for_something_else_waits_for_it(
    early: None, choices: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits(after_s: float) -> None:
        raise AssertionError("what was prepared is shown")

    monkeypatch.setattr(view, "wait_for_torch", waits)
    assert len(open_first(**choices).get("bidi_component")) >= 4


@pytest.mark.usefixtures("explored", "early")
def test_a_network_of_one_s_own_is_not_taken_for_it() -> None:
    exploring.show(exploring.Own(ali5.load("lenet5"), None, None, "own-network"))
    header, _ = sent_to(open_first(), "network_map")
    assert header["network"].startswith("LeNet-5")


def test_without_the_file_one_waits_for_torch(
    early: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for content in (None, b"", b"no file of ours"):
        file = tmp_path / f"file-{content!r:.4}"
        if content is not None:
            file.write_bytes(content)
        with caplog.at_level(logging.ERROR):
            assert read_first_page(file) is None
    assert len(caplog.records) == 3
    monkeypatch.setattr(view, "read_first_page", lambda: None)
    header, _ = sent_to(open_first(), "network_map")
    assert "time" in [lens["key"] for lens in header["lenses"]]


def test_the_log_tells_once_when_the_engine_makes_something_else(
    stored: Overview, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(prepared, "_checked", False)
    with caplog.at_level(logging.WARNING):
        prepared.check_first_page(replace(stored, weights="**Untrained.**"))
        prepared.check_first_page(replace(stored, weights="**Untrained.**"))
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "What was shown first is not what the engine makes"
    ]
    caplog.clear()
    monkeypatch.setattr(prepared, "_checked", False)
    open_first()
    assert prepared._checked
    assert prepared.__name__ not in [record.name for record in caplog.records]
