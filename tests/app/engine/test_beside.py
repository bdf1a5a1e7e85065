"""Processes beside the site: what is sent there works there, and goes when nobody needs it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ali5.errors import Ali5Error
from ali5.site.app.engine import beside
from ali5.site.app.engine.beside import EACH_BYTES, Away, Gone, Helpers
from ali5.site.app.engine.budget import Budget
from tests.app.engine.counter import Counter
from tests.conftest import wait_for

MIB = 2**20


@pytest.fixture
def made() -> Iterator[Callable[[int], Helpers]]:
    all_made: list[Helpers] = []

    def make(most: int) -> Helpers:
        all_made.append(Helpers(lambda: most))
        return all_made[-1]

    yield make
    for each in all_made:
        for helper in each._helpers:
            helper.end()


def sent(helpers: Helpers, thing: object) -> Away:
    found: list[Away] = []

    def has_gone() -> bool:
        away = helpers.send(thing)
        found.extend([away] if away else [])
        return away is not None

    wait_for(has_gone)
    return found[0]


def test_a_thing_does_there_what_it_is_told(made: Callable[[int], Helpers]) -> None:
    helpers = made(1)
    assert helpers.send(Counter()) is None  # one is only just coming: it is done here meanwhile
    away, other = sent(helpers, Counter(5)), sent(helpers, Counter(100))
    assert [away.call("add", 2), other.call("add", 2), away.call("add", 3)] == [7, 102, 10]
    pid, thread = away.call("place")
    assert pid == other.call("place")[0] != os.getpid()
    assert thread == "MainThread"
    with pytest.raises(Ali5Error, match="not this way"):
        away.call("refuse", "not this way")
    with pytest.raises(RuntimeError, match="so odd"):
        away.call("blunder")
    with pytest.raises(Exception, match="lock"):
        away.call("give_back_a_lock")
    with pytest.raises(AttributeError):
        away.call("nothing_of_the_kind")
    assert away.call("chatter") == "an answer"
    assert away.call("add", 1) == 11  # it goes on as if nothing had been


def test_many_threads_may_ask_at_once(made: Callable[[int], Helpers]) -> None:
    helpers = made(1)
    away = sent(helpers, Counter())
    threads = [
        threading.Thread(target=lambda: [away.call("add", 1) for _ in range(50)]) for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert away.call("add", 0) == 400


def test_there_are_only_as_many_as_there_is_work_for(
    made: Callable[[int], Helpers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "AGAIN_S", 0.0)
    helpers = made(2)
    one = sent(helpers, Counter())
    assert len(helpers._helpers) == 1
    assert helpers.nbytes() == EACH_BYTES
    two = sent(helpers, Counter())
    three = sent(helpers, Counter())
    assert len(helpers._helpers) == 2
    assert helpers.nbytes() == 2 * EACH_BYTES
    first, second, third = (each.call("place")[0] for each in (one, two, three))
    assert first != second
    assert third in (first, second)


def test_what_nobody_needs_is_forgotten_and_a_process_without_work_ends(
    made: Callable[[int], Helpers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "LOOK_S", 0.02)
    helpers = made(1)
    kept = [sent(helpers, Counter()), sent(helpers, Counter())]
    (helper,) = helpers._helpers
    assert kept[0].call("arrived") == 2
    kept.pop()
    gc.collect()
    wait_for(lambda: len(helper.things) == 1)
    assert kept[0].call("add", 1) == 1
    assert kept[0].call("arrived") == 1
    monkeypatch.setattr(beside, "IDLE_S", 0.0)
    time.sleep(0.1)
    assert not helper.is_over  # it has something
    kept.clear()
    gc.collect()
    wait_for(lambda: helper._process.poll() is not None)
    assert helpers.nbytes() == 0


def test_one_that_ends_is_said_and_the_next_comes_after_a_while(
    made: Callable[[int], Helpers], monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers = made(1)
    away = sent(helpers, Counter())
    helpers._helpers[0]._process.kill()
    with pytest.raises(Gone, match="ended unexpectedly"):
        away.call("add", 1)
    with pytest.raises(Gone):
        away.call("add", 1)
    assert helpers.send(Counter()) is None
    assert not helpers._helpers  # not one after the other, where something ends them all
    helpers._not_before = 0.0
    assert sent(helpers, Counter(1)).call("add", 1) == 2


def test_where_none_can_be_started_all_is_done_here(
    made: Callable[[int], Helpers], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made(0).send(Counter()) is None
    monkeypatch.setattr(sys, "executable", os.devnull)
    helpers = made(1)
    assert helpers.send(Counter()) is None
    monkeypatch.undo()
    assert helpers.send(Counter()) is None  # it does not try again at once


def test_it_ends_with_the_site_and_not_before() -> None:
    program = (
        "import sys, time\n"
        "from ali5.site.app.engine.beside import Helpers\n"
        "from tests.app.engine.counter import Counter\n"
        "helpers = Helpers(lambda: 1)\n"
        "while (away := helpers.send(Counter())) is None: time.sleep(0.01)\n"
        "print(away.call('place')[0], flush=True)\n"
        "sys.stdin.readline()\n"
        "print(away.call('add', 1), flush=True)\n"
        "sys.stdin.readline()\n"
    )
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", program], text=True, **pipes) as site:
        assert site.stdin is not None
        assert site.stdout is not None
        assert site.stderr is not None
        os.kill(int(site.stdout.readline()), signal.SIGINT)  # as Ctrl-C, which reaches both
        site.stdin.write("go on\n")
        site.stdin.flush()
        assert site.stdout.readline() == "1\n"
        site.kill()
        # The process beside it has the same place for errors: it is shut when both have ended.
        waiting = threading.Thread(target=site.stderr.read, daemon=True)
        waiting.start()
        wait_for(lambda: not waiting.is_alive())


def test_they_count_against_the_budget() -> None:
    budget = Budget(1000 * MIB)
    helpers = Helpers(lambda: 1)
    budget.count_also(helpers.nbytes)
    budget.count_also(helpers.nbytes)  # not twice
    budget.count_also(lambda: 100 * MIB)
    assert budget.room == 900 * MIB
    helpers._helpers = [type("Helper", (), {"is_over": False})()]
    assert budget.room == 540 * MIB
