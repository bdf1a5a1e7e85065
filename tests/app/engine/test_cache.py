"""What is kept is made once, goes by one budget for all caches, and never twice in memory."""

from __future__ import annotations

import threading
import time
import weakref

import pytest

from ali5.errors import Ali5Error, TooLarge
from ali5.pictures.samples import open_sample
from ali5.site.app import engine
from ali5.site.app.engine import kept
from ali5.site.app.engine.budget import Budget
from ali5.site.app.engine.cache import ByteCache


class Value:
    """Something that can be asked whether anybody holds it."""

    def __init__(self, size: int) -> None:
        self.size = size


def cache_of(budget: Budget) -> ByteCache[Value]:
    return ByteCache(lambda value: value.size, budget)


def test_the_cache_stays_within_its_bytes_and_drops_what_was_not_used_for_longest() -> None:
    gone: list[object] = []
    cache: ByteCache[bytes] = ByteCache(len, Budget(100), gone.append)
    for name in "abc":
        cache.get(name, lambda: bytes(40))
    assert gone == ["a"]
    cache.get("b", lambda: bytes(1))  # used: now "c" is the oldest
    cache.get("d", lambda: bytes(40))
    assert "c" not in cache
    assert cache.nbytes == cache.budget.nbytes == 80
    cache.forget(lambda key: key == "b")
    assert "b" not in cache
    assert cache.nbytes == cache.budget.nbytes == 40


def test_all_caches_make_room_for_each_other() -> None:
    budget = Budget(100)
    one: ByteCache[bytes] = ByteCache(len, budget)
    other: ByteCache[bytes] = ByteCache(len, budget)
    one.get("a", lambda: bytes(60))
    other.get("a", lambda: bytes(30))
    other.get("b", lambda: bytes(30))
    assert "a" not in one
    assert other.nbytes == budget.nbytes == 60


def test_what_does_not_fit_is_made_and_not_kept() -> None:
    cache: ByteCache[bytes] = ByteCache(len, Budget(100))
    cache.get("small", lambda: bytes(90))
    assert len(cache.get("large", lambda: bytes(101))) == 101
    assert "large" not in cache
    assert "small" in cache
    assert set(cache._making) == {"small"}


def test_what_does_not_fit_is_made_once_as_long_as_a_run_holds_it() -> None:
    cache = cache_of(Budget(100))
    held = cache.get("large", lambda: Value(101))
    assert cache.get("large", lambda: Value(102)) is held
    assert cache.nbytes == 0
    cache.forget(lambda key: key == "large")
    assert cache.get("large", lambda: Value(103)) is not held
    del held
    assert cache.get("large", lambda: Value(104)).size == 104


def test_what_a_run_holds_counts_and_others_make_room_for_it() -> None:
    budget = Budget(100)
    cache = cache_of(budget)
    held = cache.get("held", lambda: Value(50))
    cache.get("free", lambda: Value(40))
    cache.get("next", lambda: Value(40))
    assert "held" in cache, "it takes memory all the same: kept, it is not made a second time"
    assert "free" not in cache
    others = [cache.get(name, lambda: Value(40)) for name in "xy"]
    assert budget.nbytes == 130
    del held, others
    cache.get("z", lambda: Value(10))
    assert budget.nbytes <= 100


def test_what_holds_another_value_goes_before_it() -> None:
    budget = Budget(100)
    networks, traces = cache_of(budget), cache_of(budget)
    networks.get("network", lambda: Value(60))

    def walked() -> Value:
        trace = Value(30)
        trace.network = networks.kept("network")  # type: ignore[attr-defined]
        return trace

    traces.get("trace", walked)
    networks.get("another", lambda: Value(100))
    assert budget.nbytes == 100
    assert "trace" not in traces
    assert "network" not in networks


def test_room_is_made_before_something_large_is() -> None:
    budget = Budget(100)
    cache = cache_of(budget)
    kept = [weakref.ref(cache.get(name, lambda: Value(30))) for name in "abc"]
    budget.make_room(70)
    assert [each() is not None for each in kept] == [False, False, True]
    budget.shrink(0)
    assert not any(each() for each in kept)


def test_what_is_being_made_has_its_room() -> None:
    cache = cache_of(Budget(100))
    for name in "abc":
        cache.get(name, lambda: Value(30))
    with cache.budget.room_for(50):
        assert cache.kept_keys() == ["c"]
        assert cache.budget.nbytes == 80
    assert cache.budget.nbytes == 30


def test_with_nobody_there_the_largest_go_first() -> None:
    cache = cache_of(Budget(100))
    for size in (10, 50, 20):
        cache.get(size, lambda: Value(size))  # noqa: B023
    cache.budget.shrink(30)
    assert cache.kept_keys() == [10, 20]


def test_the_cache_makes_a_value_once_for_all_who_wait() -> None:
    cache: ByteCache[bytes] = ByteCache(len, Budget(100))
    made = []

    def make() -> bytes:
        made.append(1)
        time.sleep(0.05)
        return b"x"

    threads = [threading.Thread(target=cache.get, args=("key", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_value_that_fails_is_tried_again() -> None:
    cache: ByteCache[bytes] = ByteCache(len, Budget(100))

    def fail() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get("key", fail)
    assert not cache._making  # what nobody asks for again leaves nothing behind
    assert cache.get("key", lambda: b"yes") == b"yes"


def test_what_was_forgotten_while_it_was_made_counts_once() -> None:
    cache: ByteCache[bytes] = ByteCache(len, Budget(100))

    def make() -> bytes:
        cache._making.clear()  # as `forget` does
        cache.get("key", lambda: bytes(10))
        return bytes(20)

    cache.get("key", make)
    assert cache.nbytes == cache.budget.nbytes == 20


# --- The caches of the engine -------------------------------------------------------------------


def test_every_cache_of_the_site_shares_the_one_budget() -> None:
    import ali5.site.app.classify.group.sent
    import ali5.site.app.classify.what_if.findings
    import ali5.site.app.classify.why.question
    import ali5.site.app.labs.stacking.findings  # noqa: F401
    from ali5.site.app.engine import cache, remembered
    from ali5.site.app.engine.budget import BUDGET

    site = [each for each in cache._all if each.budget is BUDGET]
    assert len(site) >= 10
    assert kept._networks in site
    assert remembered._remembered in site


def test_a_network_that_has_to_go_takes_its_traces_along(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(10**9)
    for name in ("_networks", "_traces"):
        monkeypatch.setattr(kept, name, ByteCache(getattr(kept, name)._size, budget))
    for edition in ("paper", "compact"):
        picture = engine.Picture("x", open_sample("digit-6"), f"seen by {edition}", "")
        engine.traced(engine.network("lenet5", edition, "untrained"), "untrained", picture)
    budget.shrink(budget.nbytes - 1)
    assert engine.is_kept("seen by compact")
    budget.make_room(10**9)
    assert budget.nbytes == 0
    assert not engine.is_kept("seen by compact")


def test_what_is_kept_elsewhere_counts_and_others_make_room_for_it() -> None:
    elsewhere = 0
    budget = Budget(100)
    budget.count_also(lambda: elsewhere)
    cache: ByteCache[bytes] = ByteCache(len, budget)
    for name in "abc":
        cache.get(name, lambda: bytes(30))
    assert cache.nbytes == 90
    elsewhere = 50
    cache.get("d", lambda: bytes(30))
    assert cache.kept_keys() == ["d"]
    elsewhere = 80
    assert cache.get("e", lambda: bytes(30)) == bytes(30)
    assert "e" not in cache, "it does not fit any more"
    elsewhere = 200
    assert budget.room == 0


def test_an_edition_that_cannot_fit_says_so_before_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(kept, "BUDGET", Budget(500_000_000))
    monkeypatch.setattr("ali5.networks.networks.load", lambda name, *_, **__: loaded.append(name))
    with pytest.raises(TooLarge, match=r"VGG-16 \(paper\) has 553 MB .* may keep 500 MB"):
        engine.network("vgg16", "paper", "untrained")
    with pytest.raises(TooLarge):
        engine.own_network("vgg16", "paper", "a digest", lambda: pytest.fail("it was built"))
    assert not loaded
    assert not engine.is_built("vgg16", "paper", "untrained")


def test_a_budget_that_is_no_size_is_said_where_something_is_to_be_kept() -> None:
    def refuse() -> int:
        raise Ali5Error("ALI5_MEMORY: 'lots' is no size.")

    cache: ByteCache[bytes] = ByteCache(len, Budget(refuse))
    with pytest.raises(Ali5Error, match="ALI5_MEMORY"):
        cache.get("key", lambda: b"x")
