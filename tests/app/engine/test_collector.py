"""What a visitor leaves behind is found, although the collector is spared what never goes away."""

from __future__ import annotations

import gc
import weakref

import pytest

from ali5.site.app.engine import collector


class Session:
    """Something that holds itself, as a session does."""

    def __init__(self) -> None:
        self.me = self


def test_what_was_alive_when_the_collector_was_spared_can_still_go() -> None:
    session = Session()
    held = weakref.ref(session)
    collector.tidy()
    assert gc.get_freeze_count() > 0
    del session
    gc.collect()
    assert held() is not None  # the collector does not look there
    collector.tidy()
    assert held() is None


def test_a_visitor_who_goes_is_tidied_up_after_once_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collector, "_LATER_SECONDS", 0.05)
    session = Session()
    held = weakref.ref(session)
    collector.tidy()
    del session
    for _ in range(3):
        collector.tidy_later()
    (timer,) = collector._timers
    timer.join(10)
    assert held() is None
