"""What a visitor leaves behind is found, although the collector is spared what never goes away."""

from __future__ import annotations

import gc
import weakref

import pytest

from ali5.pictures.samples import open_sample
from ali5.site.app import engine
from ali5.site.app.engine import collector, kept
from ali5.site.app.engine.budget import BUDGET, Budget
from ali5.site.app.engine.cache import ByteCache


class Session:
    """Something that holds itself, as a session does, and what it has brought."""

    digest = "what a session has brought"

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


def test_what_was_made_for_a_session_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(1000)
    monkeypatch.setattr(collector, "BUDGET", budget)
    cache: ByteCache[bytes] = ByteCache(len, budget)
    session = Session()
    engine.forget_with(session)
    for key in ((session.digest, 1), "of others", "of more"):
        cache.get(key, lambda: bytes(100))
    collector.tidy()
    engine.let_go()
    assert engine.is_kept(session.digest)
    del session
    engine.let_go()
    assert not engine.is_kept("what a session has brought")
    assert cache.nbytes == 200
    engine.let_go(keep=150)
    assert cache.nbytes == 100


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "googlenet"])
def test_a_network_and_a_trace_go_at_once_when_caches_let_go_of_them(name: str) -> None:
    BUDGET.shrink(0)  # other tests may hold what they have asked for
    engine.network("lenet5", "compact", "untrained")  # whatever the first one imports
    network = engine.network(name, "compact", "bundled")
    picture = engine.Picture("x", open_sample("cat"), "looked at once", "")
    trace = engine.traced(network, "bundled", picture)
    held = [
        weakref.ref(each)
        for each in (trace, network, network.module, next(network.module.parameters()))
    ]
    gc.collect()
    gc.disable()
    try:
        del network, trace
        assert engine.is_kept(picture.digest)
        BUDGET.shrink(0)
        assert [each() for each in held] == [None] * 4
    finally:
        gc.enable()
    assert not kept._networks.kept_keys()


def test_young_garbage_is_looked_for_rarely_but_not_against_the_will_of_whoever_set_it() -> None:
    usual = gc.get_threshold()
    try:
        for before, after in ((700, collector.YOUNG), (50_000, 50_000), (0, 0)):
            gc.set_threshold(before, 7, 8)
            collector.tidy()
            assert gc.get_threshold() == (after, 7, 8)
    finally:
        gc.set_threshold(*usual)
