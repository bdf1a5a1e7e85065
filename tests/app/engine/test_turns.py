"""Runs take turns, and nobody waits for somebody who waits themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from ali5.site.app import engine
from ali5.site.app.engine import turns
from ali5.site.app.engine.cache import ByteCache
from ali5.site.app.engine.turns import Shares, Turns

SOON = 20.0
"""Seconds within which what has to happen happens; nothing is measured by it."""


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def test_one_goes_on_at_a_time_and_all_do(pool: ThreadPoolExecutor) -> None:
    found, here, most = Turns(), 0, 0

    def run(_: int) -> None:
        nonlocal here, most
        for _ in range(20):
            with found.turn():
                here += 1
                most = max(most, here)
                threading.Event().wait(0.0005)
                here -= 1

    list(pool.map(run, range(8)))
    assert most == 1


def _in_order(found: Turns, *asked: tuple[str, bool]) -> list[int]:
    """Which goes on after which, when all have come while another one had the turn."""
    order: list[int] = []

    def run(number: int, who: str, patient: bool) -> None:
        with found.turn(who, patient):
            order.append(number)

    threads = [threading.Thread(target=run, args=(n, *each)) for n, each in enumerate(asked)]
    with found.turn():
        for count, thread in enumerate(threads, 1):
            thread.start()
            while len(found._waiting) < count:
                threading.Event().wait(0.001)
    for thread in threads:
        thread.join(SOON)
    assert found.is_free
    return order


def _who_in_order(found: Turns, *asked: tuple[str, bool]) -> list[str]:
    return [asked[number][0] for number in _in_order(found, *asked)]


def test_whoever_came_first_is_next() -> None:
    order = _in_order(Turns(patience_s=SOON), *[("somebody", False)] * 6)
    assert order == list(range(6))


def test_who_has_had_the_least_of_late_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(turns.time, "monotonic", lambda: now)
    found = Turns(patience_s=SOON)
    for who, seconds in (("much", 3.0), ("little", 1.0), ("much", 3.0)):
        with found.turn(who):
            now += seconds
    asked = [("much", False), ("little", False), ("new", False)]
    assert _who_in_order(found, *asked) == ["new", "little", "much"]
    with found.turn("new"):
        now += 1.5  # what the others have had is older, and counts for less
    assert _who_in_order(found, ("new", False), ("little", False)) == ["little", "new"]


def test_shares_halve_and_are_forgotten() -> None:
    found = Shares()
    found.add(0.0, "a", 8.0)
    assert found.at(5.0, "a") == pytest.approx(4.0)
    found.add(5.0, "a", 1.0)
    assert found.at(10.0, "a") == pytest.approx(2.5)
    assert found.at(10.0, "nobody") == 0
    for number in range(2000):
        found.add(1000.0 + number / 10, number, 0.01)
    assert len(found._had) <= 1000


def test_what_nobody_asked_for_waits_for_all_others() -> None:
    found = Turns(patience_s=SOON)
    with found.turn("asks"):
        threading.Event().wait(0.002)
    assert _who_in_order(found, ("looks", True), ("asks", False)) == ["asks", "looks"]


def test_a_part_of_a_page_shares_its_turn() -> None:
    found = Turns(patience_s=10 * SOON)
    with found.turn("a"):
        with found.turn("a", patient=True):
            assert not found.is_free
        assert not found.is_free
    assert found.is_free


def test_a_run_that_fails_gives_its_turn_back() -> None:
    found = Turns(patience_s=SOON)
    for _ in range(2):
        with pytest.raises(KeyError), found.turn(), found.aside():
            raise KeyError
        with pytest.raises(KeyError), found.turn():
            raise KeyError
    assert found.is_free


def test_who_does_not_come_to_an_end_is_waited_for_only_so_long(pool: ThreadPoolExecutor) -> None:
    found, ended = Turns(patience_s=0.05), threading.Event()
    began = threading.Event()

    def stay() -> None:
        with found.turn():
            began.set()
            assert ended.wait(SOON)

    stays = pool.submit(stay)
    assert began.wait(SOON)
    with found.turn():  # would never come here
        ended.set()
    stays.result(SOON)
    assert found.is_free, "who had no turn must not give one back"


def _beside(pool: ThreadPoolExecutor, wait: Callable[[threading.Event], object]) -> Future[None]:
    """Let one run wait until another has had its turn."""
    other = threading.Event()

    def run() -> None:
        with engine.turn():
            wait(other)

    def come() -> None:
        with engine.turn():
            other.set()

    first = pool.submit(run)
    pool.submit(come).result(SOON)
    return first


@pytest.mark.parametrize("how", ["makes what is not there", "waits for a slot", "has a slot"])
def test_others_have_their_turn_while_one(
    how: str, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns._runs, "_patience_s", 10 * SOON)
    cache: ByteCache[str] = ByteCache(len)

    def make(other: threading.Event) -> str:
        assert other.wait(SOON)
        return "made"

    def wait(other: threading.Event) -> None:
        if how == "makes what is not there":
            assert cache.get("key", lambda: make(other)) == "made"
        elif how == "has a slot":
            with engine.slot():
                assert other.wait(SOON)
        else:
            with engine.slot():
                pass

    if how == "waits for a slot":
        with turns_of_all_slots():
            first = _beside(pool, wait)
    else:
        first = _beside(pool, wait)
    first.result(SOON)
    assert turns._runs.is_free


class turns_of_all_slots:
    """All places to compute in are taken."""

    def __enter__(self) -> None:
        from ali5.site.app.engine import slots

        for _ in range(slots.PLACES):
            assert slots._slots.acquire(timeout=SOON)

    def __exit__(self, *_: object) -> None:
        from ali5.site.app.engine import slots

        slots._slots.release(slots.PLACES)


def test_who_waits_for_torch_lets_others_have_their_turn(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ali5.site.app.engine import loading

    monkeypatch.setattr(turns._runs, "_patience_s", 10 * SOON)
    other = threading.Event()
    thread = threading.Thread(target=lambda: other.wait(SOON))
    thread.start()
    monkeypatch.setattr(loading, "_start_here", lambda after_s: thread)
    first = _beside(pool, lambda mine: (engine.wait_until_loaded(SOON), other.set()))
    other.set()
    first.result(SOON)


def test_work_in_the_background_waits_for_a_run_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    now = 0.0

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            nonlocal now
            assert timeout is not None
            now += timeout
            waits.append(timeout)
            return self.is_set()

    monkeypatch.setattr(turns.time, "monotonic", lambda: now)
    stop = Stop()
    engine.let_pass(stop)
    assert not waits, "nobody is there"
    with engine.turn():
        engine.let_pass(stop)
        assert sum(waits) == pytest.approx(turns.LET_PASS_S, abs=turns.LOOK_S)
        waits.clear()
        stop.set()
        engine.let_pass(stop)
        assert len(waits) == 1, "whoever ends the work does not wait for it"


def test_a_training_goes_on_only_when_no_page_is_put_together(
    monkeypatch: pytest.MonkeyPatch, pool: ThreadPoolExecutor
) -> None:
    monkeypatch.setattr(turns, "LET_PASS_S", 10 * SOON)
    stop, passed = threading.Event(), threading.Event()
    with engine.turn():
        work = pool.submit(lambda: (engine.let_pass(stop), passed.set()))
        assert not passed.wait(0.05)
        with engine.aside():  # what a run waits for may be the work itself
            work.result(SOON)
        assert passed.is_set()
