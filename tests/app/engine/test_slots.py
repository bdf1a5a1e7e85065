"""Places to compute in, and in a class the share of them that a visitor has."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from ali5.errors import Busy
from ali5.site.app import engine
from ali5.site.app.engine import slots
from ali5.site.app.engine.slots import GRACE_S, MINUTE_S, PLACES, Account


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_who_has_had_their_share_waits_for_the_rest_of_the_minute() -> None:
    clock = Clock()
    account = Account(20, clock)
    account.charge(15)
    account.check()
    clock.now += 30
    account.charge(6)  # 21 of 20 s: not before the first 15 are a minute old
    with pytest.raises(Busy, match=r"busy for 20 s of a minute.* Go on in 30 s"):
        account.check()
    clock.now += 29
    with pytest.raises(Busy, match="Go on in 1 s"):
        account.check()
    clock.now += 2
    account.check()
    clock.now += MINUTE_S
    account.charge(19)
    account.check()


def test_small_things_are_always_answered() -> None:
    account = Account(20, Clock())
    account.charge(30)
    with pytest.raises(Busy):
        account.check()
    account.begin_run()
    account.charge(GRACE_S / 2)
    account.check()
    account.charge(GRACE_S / 2)
    with pytest.raises(Busy):
        account.check()


@pytest.fixture
def account() -> Iterator[Account]:
    clock, found = Clock(), Account(20)
    found.clock = clock
    before = slots._find
    engine.account_by(lambda: found)
    yield found
    engine.account_by(before)


def test_what_is_computed_in_a_slot_is_charged_and_refused_before_it_begins(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([10.0, 31.0])
    monkeypatch.setattr(slots.time, "monotonic", lambda: next(times))
    with engine.slot():
        pass
    with pytest.raises(Busy), engine.slot():
        pytest.fail("it was computed")
    with engine.background_slot():
        pass


def test_those_in_the_background_take_no_place_from_visitors() -> None:
    entered = threading.Event()

    def visit() -> None:
        with engine.slot():
            entered.set()

    held = [engine.background_slot() for _ in range(PLACES)]
    for each in held:
        each.__enter__()
    thread = threading.Thread(target=visit)
    thread.start()
    thread.join(10)
    for each in held:
        each.__exit__(None, None, None)
    assert entered.is_set()
