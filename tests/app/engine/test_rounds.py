"""Who computes for minutes takes turns with all others who do."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ali5.site.app.engine import rounds
from ali5.site.app.engine.rounds import Rounds
from tests.conftest import wait_for

SOON = 20.0
"""Seconds within which what has to happen happens; nothing is measured by it."""


def always() -> bool:
    return True


def in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_all_get_as_much_and_never_more_at_once_than_there_are_places() -> None:
    found, lock, at_once, most = Rounds(2, round_s=0), threading.Lock(), 0, 0
    done = [0] * 6
    begin = threading.Barrier(6)

    def work(number: int) -> None:
        nonlocal at_once, most
        with found.place() as place:
            begin.wait(SOON)
            while max(done) < 40:
                assert place.take(always)
                with lock:
                    at_once += 1
                    most = max(most, at_once)
                threading.Event().wait(0.001)
                with lock:
                    at_once -= 1
                    done[number] += 1
                place.make_way()

    threads = [in_thread(lambda number=number: work(number)) for number in range(6)]
    for thread in threads:
        thread.join(SOON)
    assert most == 2
    assert min(done) >= 30, done
    assert found.count == 0


def test_one_goes_on_until_its_round_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(rounds.time, "monotonic", lambda: now)
    found, ended = Rounds(1, round_s=1.0), threading.Event()
    has = threading.Event()

    def wait() -> None:
        with found.place() as other:
            assert other.take(always)
            has.set()
            assert ended.wait(SOON)

    with found.place() as place:
        assert place.take(always)
        now = 5.0
        place.make_way()
        assert place.take(always), "nobody waits"
        now = 0.5
        thread = in_thread(wait)
        wait_for(found._is_wanted)
        place.make_way()
        assert not has.is_set(), "its round is not over"
        now = 1.5
        place.make_way()
        assert has.wait(SOON)
        assert found.count == 2
        assert not place.take(lambda: False), "who does not want to any more leaves the line"
        assert not found._is_wanted()
        ended.set()
        thread.join(SOON)
        assert place.take(always)


def test_one_that_fails_leaves_its_place() -> None:
    found = Rounds(1)
    for _ in range(2):
        with pytest.raises(KeyError), found.place() as place:
            raise KeyError(place.take(always))
    assert found.count == 0
