"""The training behind the learning lab: a thread of its own, by turns with others."""

import math
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from ali5.labs.learning import pupil
from ali5.labs.learning.beginning import Beginner
from ali5.labs.learning.lesson import Lesson, Plan, Snapshot
from ali5.labs.learning.pupil import snapshot_in
from ali5.site.app import engine
from ali5.site.app.engine.beside import Helpers
from ali5.site.app.labs.learning import lessons
from ali5.site.app.labs.learning.lessons import Run, begin
from ali5.site.app.labs.learning.moment import Moment
from ali5.site.app.labs.learning.view import look_s
from tests.conftest import wait_for

QUICK = Plan(difficulty=0.1, batch=8)


@pytest.fixture
def run() -> Iterator[Run]:
    made = begin(QUICK)
    yield made
    made.pause()


def moment_of(run: Run) -> Snapshot:
    return snapshot_in(run.latest)


def here() -> bool:
    return True


def test_a_training_goes_on_in_the_background_and_pauses(run: Run) -> None:
    run.start(here)
    run.start(here)  # a second click starts no second one
    wait_for(lambda: run.begun)
    run.pause()
    seen = moment_of(run).seen
    assert not run.running
    assert seen == moment_of(run).validations[-1].seen  # what is shown is up to date
    assert not [each for each in threading.enumerate() if each.name == "ali5-lesson"]
    run.start(here)
    wait_for(lambda: moment_of(run).seen > seen)


def test_what_it_computes_in_the_background_is_what_a_loop_computes(run: Run) -> None:
    other = begin(replace(QUICK, seed=2))
    for each in (run, other):  # two visitors at the same moment
        each.start(here)
    wait_for(lambda: moment_of(run).last is not None and moment_of(run).last.number >= 5)
    for each in (run, other):
        each.pause()
    alone = Lesson(QUICK)
    for point in moment_of(run).training:
        assert alone.step().loss == point.loss


def test_it_stops_after_the_visitor_has_left(run: Run) -> None:
    there = True
    run.start(lambda: there)
    wait_for(lambda: run.begun)
    there = False
    wait_for(lambda: not run.running)
    assert "connection" in run.said
    there = True
    run.start(lambda: there)
    wait_for(lambda: run.running and not run.said)


def test_a_visitor_has_left_who_was_not_seen_for_a_while() -> None:
    seconds, there, looks = 0.0, True, 0

    def is_here() -> bool:
        nonlocal looks
        looks += 1
        return there

    presence = lessons.Presence(is_here, clock=lambda: seconds)
    for tenth in range(100):
        seconds = tenth / 10
        assert presence.lasts()
    assert looks == pytest.approx(9.9 / lessons.CHECK_S, abs=1)  # not at every batch
    there = False
    lasted = []
    for tenth in range(100, 200):
        seconds = tenth / 10
        lasted.append(presence.lasts())
    gone = lasted.index(False) / 10
    assert lessons.AWAY_S - lessons.CHECK_S <= gone <= lessons.AWAY_S + 0.1
    assert not any(lasted[lasted.index(False) :])


def test_it_pauses_by_itself_after_some_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "MOST_EPOCHS", 2)
    monkeypatch.setattr(lessons, "MOST_PICTURES", 0)
    quick = begin(replace(QUICK, few=True, batch=64))
    quick.start(here)
    wait_for(lambda: not quick.running)
    assert quick.said == "Paused after 2 epochs. Start goes on."
    assert moment_of(quick).epochs == 2
    quick.start(here)
    wait_for(lambda: not quick.running)
    assert moment_of(quick).epochs == 4


def test_it_pauses_by_itself_after_some_time(run: Run) -> None:
    run.start(here, 0.05)
    wait_for(lambda: not run.running)
    assert "after computing" in run.said


def test_a_diverging_training_stops_with_a_sentence() -> None:
    wild = begin(replace(QUICK, activation="relu", rate=1e6))
    wild.start(here)
    wait_for(lambda: not wild.running)
    assert "smaller learning rate" in wild.said
    wild.step()
    assert "smaller learning rate" in wild.said


def test_only_so_many_train_at_the_same_time_and_all_take_turns(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lessons, "rounds", engine.Rounds(1, round_s=math.inf))
    other = begin(replace(QUICK, seed=2))
    run.start(here)
    wait_for(lambda: run.begun)
    other.start(here)
    wait_for(lambda: lessons.rounds._is_wanted())
    assert other.running
    assert not other.begun
    lessons.rounds.round_s = 0.05
    wait_for(lambda: other.begun)
    assert run.running
    seen = moment_of(run).seen
    wait_for(lambda: moment_of(run).seen > seen)
    lessons.rounds.round_s = math.inf
    wait_for(lambda: lessons.rounds._is_wanted())
    for each in (run, other):  # the one that waits can be paused, too
        each.pause()
        assert not each.running
    assert lessons.rounds.count == 0


def test_a_page_never_waits_for_a_batch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    learns, ended = threading.Event(), threading.Event()

    def go_on(rate: float, batch: int) -> None:
        learns.set()
        assert ended.wait(20)

    before = run.latest
    assert isinstance(run._pupil, Beginner)
    monkeypatch.setattr(run._pupil.pupil._lesson, "go_on", go_on)
    run.start(here)
    assert learns.wait(20)
    try:
        assert run.latest is before
    finally:
        ended.set()
    run.pause()
    assert run.latest is not before


def test_what_is_told_while_a_page_reads_is_not_lost(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.step()
    read = pupil.snapshot_in

    def reading(told: bytes) -> Snapshot:
        if told is first:
            run.step()
        return read(told)

    first = run.latest
    monkeypatch.setattr(pupil, "snapshot_in", reading)
    assert Moment(run).seen == 8
    assert Moment(run).seen == 16


def test_only_what_it_computes_counts_and_not_what_it_waits(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "let_pass", lambda stop: stop.wait(1))
    run.start(here, most_seconds=0.9)
    wait_for(lambda: run._told.seen > 8 or not run.running)
    assert run.running
    assert not run.said


def test_a_page_looks_more_seldom_where_many_train(monkeypatch: pytest.MonkeyPatch) -> None:
    found = engine.Rounds(2)
    monkeypatch.setattr(lessons, "rounds", found)
    waits = []
    for found.count in (0, 1, 4, 8, 12, 20, 100):
        waits.append(look_s())
    assert waits == [1, 1, 1, 2, 3, 4, 4]


def test_every_batch_holds_a_slot(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    slots = threading.BoundedSemaphore(1)
    monkeypatch.setattr(engine.slots, "_background", slots)
    with slots:
        run.start(here)
        time.sleep(0.3)
        assert not run.begun
    wait_for(lambda: run.begun)
    assert slots.acquire(timeout=5)  # others get their turn while it goes on
    slots.release()


# --- In a process beside the site ---------------------------------------------------------------


@pytest.fixture(scope="module")
def helpers() -> Iterator[Helpers]:
    made = Helpers(lambda: 1, ["torch"])
    yield made
    for each in made._helpers:
        each.end()


@pytest.fixture
def helped(helpers: Helpers, monkeypatch: pytest.MonkeyPatch) -> Helpers:
    monkeypatch.setattr(engine, "helpers", helpers)
    return helpers


def test_it_moves_to_a_process_beside_the_site_and_learns_the_same(
    run: Run, helped: Helpers, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.step()
    assert not run.is_away  # one batch is not worth a process
    run.start(here)
    wait_for(lambda: run.begun)
    wait_for(lambda: run.is_away)
    seen = moment_of(run).seen
    wait_for(lambda: moment_of(run).seen > seen + 100)
    run.pause()
    found = moment_of(run)
    assert found.seen == found.validations[-1].seen
    alone = Lesson(QUICK)
    while alone.seen < found.seen:
        alone.go_on()
    # Sums are rounded by where numbers lie in memory: not to the last bit.
    losses = [each.loss for each in alone.training]
    assert [each.loss for each in found.training] == pytest.approx(losses, rel=1e-3)
    for one, other in zip(found.network.parameters(), alone.network.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-4)
    run.step()  # there, too
    last, step = moment_of(run).last, alone.step()
    assert last is not None
    assert (last.number, last.count) == (step.number, step.count)
    assert last.loss == pytest.approx(step.loss, rel=1e-3)
    monkeypatch.setattr(lessons, "MOST_EPOCHS", 1)
    monkeypatch.setattr(lessons, "MOST_PICTURES", 0)
    before = moment_of(run).epochs
    run.batch = 2000
    run.start(here)
    wait_for(lambda: not run.running)
    assert run.said == "Paused after 1 epochs. Start goes on."
    assert before + 1 <= moment_of(run).epochs < before + 2


def test_a_process_that_ends_is_said(run: Run, helped: Helpers) -> None:
    run.start(here)
    wait_for(lambda: run.is_away)
    (helper,) = helped._helpers
    seen = moment_of(run).seen
    helper._process.kill()
    wait_for(lambda: not run.running)
    assert run.said == (
        "The process that computed this has ended unexpectedly. Press Reset to begin anew."
    )
    assert moment_of(run).seen >= seen  # what was shown stays
    run.step()
    assert "Press Reset" in run.said


def test_without_another_process_it_learns_here(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "helpers", Helpers(lambda: 1))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    run.start(here)
    wait_for(lambda: moment_of(run).last is not None and moment_of(run).last.number >= 5)
    assert not run.is_away
