"""Torch is loaded in the background: later for who can wait, at once for who cannot."""

from __future__ import annotations

import threading
import time

import pytest

from ali5.site.app.engine import loading


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """As before anything was loaded; set once it is."""
    there = threading.Event()
    monkeypatch.setattr(loading, "_loader", None)
    monkeypatch.setattr(loading, "_wanted", threading.Event())
    monkeypatch.setattr(loading, "load_engine", lambda: None)
    monkeypatch.setattr(loading, "network", lambda *_: there.set())
    monkeypatch.setattr(loading.collector, "let_go", lambda: None)
    return there


def test_it_is_loaded_at_once_for_who_needs_it(loaded: threading.Event) -> None:
    assert not loading.is_loaded()
    assert loading.wait_until_loaded(30)
    assert loading.is_loaded()
    assert loaded.is_set()


def test_it_is_loaded_later_for_who_can_wait(loaded: threading.Event) -> None:
    began = time.monotonic()
    loading.start_loading(0.3)
    while not loading.wait_until_loaded(0.05, 0.3):
        assert time.monotonic() < began + 30
    assert time.monotonic() >= began + 0.3


def test_who_needs_it_does_not_wait_for_who_can(loaded: threading.Event) -> None:
    first = loading._start_here(600)
    assert not loading.wait_until_loaded(0.05, 600)
    assert loading.wait_until_loaded(30)
    assert loading._start_here() is first
