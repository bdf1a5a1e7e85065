"""A page whose engine elsewhere cannot be reached says so, stays usable, and goes on by itself."""

from __future__ import annotations

from typing import Any

import pytest

from ali5.site.app import engine, navigation
from ali5.site.app.engine.far.line import AWAY, EngineAway, Line
from tests.pages import open_page


@pytest.mark.parametrize("page", ["explore", "why", "pooling"])
def test_a_page_says_so(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise EngineAway(AWAY)

    looked: list[str] = []
    monkeypatch.setattr(engine, "look", fail)
    monkeypatch.setattr(engine, "work_out", fail)
    monkeypatch.setattr(engine, "is_away", lambda: True)
    monkeypatch.setattr(navigation, "fragment", lambda part, every_s: lambda: looked.append(part))
    at = open_page(page, network="lenet5", picture="digit-3")
    assert [each.value for each in at.error] == [AWAY]
    assert looked[-1:] == [navigation._go_on], "it looks whether the engine is back"
    count = len(looked)
    assert at.title, "what needs no engine is there"
    monkeypatch.setattr(engine, "is_away", lambda: False)
    at.run()
    assert len(looked) == count


def test_a_line_that_has_never_been_there_is_waited_for() -> None:
    line = Line("auto", "nothing")
    line._keeper.start = lambda: None  # type: ignore[method-assign]
    assert not line.wait(0.01)
    line._note(False, "There is no cluster.")
    with pytest.raises(EngineAway, match=r"There is no cluster\.$"):
        line.wait(0.01)
    line._note(True)
    assert line.wait(0.01)
    line._note(False)
    with pytest.raises(EngineAway):
        line.wait(0.01)
    with pytest.raises(EngineAway):
        line.call(0, (), lambda: None)
