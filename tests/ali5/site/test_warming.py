"""What a site loads before anybody asks for it, and when."""

from __future__ import annotations

import asyncio
import sys
import threading
from types import SimpleNamespace

import pytest

from ali5.site import warming
from ali5.site.warming import Knocks, Warming


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was loaded, in that order."""
    found: list[str] = []
    pages = SimpleNamespace(get_ready=lambda: found.append("pages"))
    monkeypatch.setattr(warming, "importlib", SimpleNamespace(import_module=lambda name: pages))
    monkeypatch.setattr(warming, "load_engine", lambda: found.append("engine"))
    return found


def live(one: Warming, stays: bool) -> None:
    """Let a site begin and end, and wait for what it loads: before it ends if it `stays`."""
    loaders: list[threading.Thread] = []

    async def run() -> None:
        before = set(threading.enumerate())
        async with one.lifespan(None):
            loaders.extend(each for each in threading.enumerate() if each not in before)
            if stays:
                await asyncio.gather(*(asyncio.to_thread(each.join) for each in loaders))

    asyncio.run(run())
    for each in loaders:
        each.join()


def ask(one: Warming, kind: str, path: str) -> None:
    async def nothing(*_: object) -> dict[str, str]:
        return {}

    asyncio.run(Knocks(nothing, one)({"type": kind, "path": path}, nothing, nothing))


def test_first_the_page_and_when_it_is_quiet_the_engine(loaded: list[str]) -> None:
    live(Warming(quiet_s=0), stays=True)
    assert loaded == ["pages", "engine"]


def test_a_site_that_is_stopped_loads_nothing_more(loaded: list[str]) -> None:
    live(Warming(quiet_s=600, patience_s=600), stays=False)
    assert loaded == ["pages"]


def test_it_is_quiet_a_while_after_the_last_file_but_nobody_keeps_it_waiting_for_ever() -> None:
    now = 100.0
    one = Warming(quiet_s=3, patience_s=15, clock=lambda: now)
    assert one.left() == 3
    now = 102
    ask(one, "http", "/static/js/index.js")
    assert one.left() == 3
    now = 104
    ask(one, "http", "/_stcore/health")  # who looks whether it lives wants nothing
    ask(one, "websocket", "/_stcore/stream")
    assert one.left() == 1
    now = 114
    ask(one, "http", "/")
    assert one.left() == 1


def test_while_torch_is_loaded_others_get_their_turns_more_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual, seen = sys.getswitchinterval(), []

    def load(name: str) -> None:
        seen.append(sys.getswitchinterval())
        raise ImportError(name)

    monkeypatch.setattr(warming, "importlib", SimpleNamespace(import_module=load))
    with pytest.raises(ImportError):
        warming.load_engine()
    assert seen == [pytest.approx(warming.TURN_S)]
    assert sys.getswitchinterval() == usual > warming.TURN_S
