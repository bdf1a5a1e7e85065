"""Parts of pages that are put together alone take turns as pages do."""

from __future__ import annotations

import re
import threading

import pytest
from streamlit.testing.v1 import AppTest

from ali5.site.app import engine
from ali5.site.app.engine import turns
from tests.conftest import ROOT


def page(every_s: float | None) -> None:
    import streamlit as st

    from ali5.site.app.engine import turns
    from ali5.site.app.runs import fragment

    def part() -> None:
        who = getattr(turns._runs._mine, "who", None)
        st.session_state["turn"] = (not turns._runs.is_free, who)
        st.button("Again", key="again")

    fragment(part, every_s)()
    st.session_state["free"] = turns._runs.is_free


@pytest.mark.parametrize("every_s", [None, 1.0])
def test_a_part_has_a_turn_of_its_visitor(every_s: float | None) -> None:
    at = AppTest.from_function(page, kwargs={"every_s": every_s}).run()
    assert not at.exception
    is_taken, who = at.session_state["turn"]
    assert is_taken
    assert who is not None
    assert at.session_state["free"]
    at.button(key="again").click().run()
    assert at.session_state["turn"][1] == who


@pytest.mark.parametrize("every_s", [None, 1.0])
def test_only_a_part_that_looks_by_itself_lets_others_go_first(
    every_s: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = turns.Turns(patience_s=60)
    monkeypatch.setattr(engine, "turn", found.turn)
    at = AppTest.from_function(page, kwargs={"every_s": every_s})
    with found.turn():
        thread = threading.Thread(target=at.run)
        thread.start()
        while not found._waiting:
            threading.Event().wait(0.002)
        assert [one.patient for one in found._waiting] == [every_s is not None]
    thread.join(60)
    assert not at.exception


def test_no_page_has_parts_that_take_no_turns() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("app", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(
            r"\bfragment\b.*run_every|st\.fragment|import fragment", path.read_text("utf-8")
        )
        and "runs import fragment" not in path.read_text("utf-8")
    }
    assert found == {"app/runs.py"}
