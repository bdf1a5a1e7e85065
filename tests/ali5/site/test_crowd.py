"""How many visitors there is room for, where open files are limited and where not."""

from __future__ import annotations

import asyncio
import math
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ali5.site.crowd import (
    FULL,
    MOST_AWAY,
    MOST_OPEN_FILES,
    OWN_FILES,
    Away,
    Crowd,
    most_away,
    most_here,
    raise_file_limit,
)

FOREVER = -1


class Limits:
    """A stand-in for the module of that name: what a process may open, and what it asks for."""

    RLIMIT_NOFILE, RLIM_INFINITY = 7, FOREVER

    def __init__(self, soft: int, hard: int, refused: bool = False) -> None:
        self.now, self.refused = (soft, hard), refused

    def getrlimit(self, _which: int) -> tuple[int, int]:
        return self.now

    def setrlimit(self, _which: int, wanted: tuple[int, int]) -> None:
        if self.refused:
            raise ValueError("current limit exceeds maximum limit")
        self.now = wanted


@pytest.mark.parametrize(
    ("limits", "soft"),
    [
        (Limits(256, FOREVER), MOST_OPEN_FILES),
        (Limits(1024, 4096), 4096),
        (Limits(20_000, FOREVER), 20_000),
        (Limits(FOREVER, FOREVER), FOREVER),
        (Limits(256, FOREVER, refused=True), 256),
    ],
)
def test_as_many_files_are_opened_as_the_system_allows(
    limits: Limits, soft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hard = limits.now[1]
    monkeypatch.setitem(sys.modules, "resource", limits)
    assert raise_file_limit() == (math.inf if soft == FOREVER else soft)
    assert limits.now == (soft, hard)


def test_a_system_without_such_a_limit_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert raise_file_limit() == math.inf


@pytest.mark.parametrize(
    ("files", "away", "here"),
    [
        (256, 16, 28),
        (1024, 64, 184),
        (8192, MOST_AWAY, 1928),
        (64, 4, 1),
        (math.inf, MOST_AWAY, None),
    ],
)
def test_who_is_here_and_who_has_left_fit_into_the_files(
    files: float, away: int, here: int | None
) -> None:
    assert most_away(files) == away
    assert most_here(files) == (math.inf if here is None else here)
    if here is not None and here > 1:
        assert OWN_FILES + 3 * away + 4 * here <= files


class Session:
    """A stand-in for Streamlit's."""

    def __init__(self, name: str) -> None:
        self.id, self.ended = name, 0

    def shutdown(self) -> None:
        self.ended += 1


def test_of_too_many_who_have_left_the_first_is_ended_and_not_only_forgotten() -> None:
    sessions = {name: Session(name) for name in "abcd"}
    infos: dict[str, Any] = {name: SimpleNamespace(session=each) for name, each in sessions.items()}
    away = Away(2)
    for name in "ab":
        away.save(infos[name])
    away.save(infos["a"])  # was back for a moment
    away.save(infos["c"])
    assert [each.session.id for each in away.list()] == ["a", "c"]
    assert [each.ended for each in sessions.values()] == [0, 1, 0, 0]
    assert away.get("b") is None
    assert away.get("c") is infos["c"]
    away.delete("a")  # has come back: it goes on
    away.save(infos["d"])
    assert [each.ended for each in sessions.values()] == [0, 1, 0, 0]
    with pytest.raises(KeyError):
        away.delete("a")


def test_whoever_there_is_no_room_for_is_told_and_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Crowd, "most", 2)
    reached: list[str] = []

    async def run() -> list[Any]:
        left = asyncio.Event()

        async def site(scope: Any, _receive: Any, _send: Any) -> None:
            reached.append(scope["type"])
            if scope["type"] == "websocket":
                await left.wait()

        crowd, sent = Crowd(site), []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("nothing is to be heard")

        def visit(kind: str = "websocket") -> Any:
            scope = {"type": kind, "extensions": {"websocket.http.response": {}}}
            return asyncio.ensure_future(crowd(scope, receive, send))

        first = [visit(), visit()]
        await asyncio.sleep(0)
        await visit()  # one too many
        await visit("http")
        assert reached == ["websocket", "websocket", "http"]
        left.set()
        await asyncio.gather(*first)
        await visit()  # there is room again
        assert reached[3:] == ["websocket"]
        return sent

    start, body = asyncio.run(run())
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 503)
    assert body["body"].decode() == FULL
