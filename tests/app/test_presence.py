"""Visitors come and go: what they leave is let go of by the clock, not by the next visitor."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ali5.site.app import engine, presence
from ali5.site.app.presence import QUIET_BYTES, STAYS_S, Around, People
from tests.conftest import ROOT


class World:
    """Who is there, and how late it is, in a test."""

    def __init__(self) -> None:
        self.now, self.here, self.away = 0.0, 0, set[str]()
        self.closed: list[str] = []

    def look(self, done: frozenset[str]) -> People:
        closed = self.away & done
        self.closed += sorted(closed)
        self.away -= closed
        return People(self.here, frozenset(self.away), len(closed))


@pytest.fixture
def let_go(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """What the engine was asked to keep, each time."""
    asked: list[int | None] = []
    monkeypatch.setattr(engine, "let_go", asked.append)
    return asked


def test_a_visitor_can_come_back_for_a_while(let_go: list[int | None]) -> None:
    world = World()
    around = Around(world.look, lambda: world.now)
    world.here, world.away = 1, {"a"}
    around.look()
    world.now = STAYS_S - 1
    around.look()
    world.away = set()  # came back, and left again later
    around.look()
    world.now, world.away = STAYS_S + 5, {"a"}
    around.look()
    world.now = 2 * STAYS_S
    around.look()
    assert not world.closed
    assert not let_go
    world.now = 2 * STAYS_S + 5
    around.look()
    assert world.closed == ["a"]
    assert let_go == [None], "others are here: what is kept for all stays"


def test_when_nobody_is_left_hardly_anything_is_kept(let_go: list[int | None]) -> None:
    world = World()
    around = Around(world.look, lambda: world.now)
    around.look()
    assert not let_go
    world.here = 1
    around.look()
    world.here, world.away = 0, {"a"}
    around.look()
    assert not let_go
    world.now = STAYS_S
    for _ in range(3):
        around.look()
    assert let_go == [QUIET_BYTES]


def test_a_look_that_fails_is_not_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    class Stop(BaseException):
        pass

    def look(_: object) -> None:
        looked.append(1)
        if len(looked) == 3:
            raise Stop
        raise ValueError("no")

    monkeypatch.setattr(Around, "look", look)
    monkeypatch.setattr(presence.runtime, "exists", lambda: True)
    monkeypatch.setattr(presence, "LOOK_S", 0)
    with pytest.raises(Stop):
        presence._look_after()
    assert len(looked) == 3


SERVED = """
import contextlib, time, weakref
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from ali5.site.app import engine, presence
from ali5.site.hosting import Site
from ali5.site.settings import Settings


class Brought:
    pass


def visit(url, query):
    address = url.replace("http", "ws") + "_stcore/stream"
    stays = contextlib.ExitStack()
    visitor = stays.enter_context(connect(address, subprotocols=["streamlit"]))
    ask = BackMsg()
    ask.rerun_script.query_string = query
    visitor.send(ask.SerializeToString())
    answer = ForwardMsg()
    while answer.WhichOneof("type") != "script_finished":
        answer.ParseFromString(visitor.recv(60))
    return stays


def until(what):
    for _ in range(400):
        found = presence.people(frozenset())
        if what(found):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


presence._start = lambda: None  # here, the test looks
site = Site(Settings())
visitors = [visit(site.url, "network=lenet5&picture=digit-3") for _ in range(2)]
assert until(lambda found: found.here == 2).away == frozenset()
manager = runtime.get_instance()._session_mgr
brought = {}
for each in manager.list_active_sessions():
    with_it = each.session.session_state._new_session_state["brought"] = Brought()
    brought[each.session.id] = weakref.ref(with_it)
del each, with_it
visitors.pop().close()
(gone,) = until(lambda found: found.here == 1).away
engine.let_go()
assert brought[gone]() is not None, "it may come back"
found = presence.people(frozenset([gone, "somebody who is here, or was never"]))
assert (found.here, found.away, found.closed) == (1, frozenset(), 1), found
time.sleep(0.2)
engine.let_go()
assert brought[gone]() is None, "nothing of it is left"
(here,) = (each.session.id for each in manager.list_active_sessions())
assert brought[here]() is not None
assert presence.people(frozenset([here])).closed == 0
visitors.pop().close()
site.stop()
"""


def test_a_session_that_is_not_connected_can_be_closed() -> None:
    run = subprocess.run(
        [sys.executable, "-c", SERVED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
