"""An engine elsewhere as the site asks it: what is written down, where it goes, what comes."""

from __future__ import annotations

import os
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ali5 import errors
from ali5.errors import Ali5Error, Busy, StackBroken, UnknownName
from ali5.known.records import TAUGHT
from ali5.pictures.samples import open_sample
from ali5.site.app.choose.opening import open_weights
from ali5.site.app.cluster import answering
from ali5.site.app.cluster.answering import Work
from ali5.site.app.engine import Chosen, Picture, Subject, asking, forgetting, slots
from ali5.site.app.engine.cache import forget_everywhere
from ali5.site.app.engine.far import Far, wire
from ali5.site.app.engine.far.line import EngineAway
from ali5.site.app.explore.wall.measures import rows_of

LENET = Chosen("lenet5", "compact", "bundled")


def digit(digest: str = "a digit") -> Picture:
    return Picture("own", open_sample("digit-3"), digest, "mine", ("a note",))


class Beside:
    """A line to an engine that is in this process, and writes everything down all the same."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []

    def call(
        self, kind: int, what: Any, wants: Callable[[], object], told: Callable[[bytes], object]
    ) -> bytes:
        route, words, spoken_of, parts, tells = pickle.loads(pickle.dumps(what))
        self.calls.append((route, len(parts)))
        wants()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(slots, "_find", answering._work_here)
            patch.setattr(slots, "_yield_point", answering._give_way)
            reply = answering.answer(words, spoken_of, parts, Work(), told if tells else None)
        return wire.pickled(reply)


@pytest.fixture
def far() -> Far:
    forget_everywhere({"a digit"})
    return Far(Beside())  # type: ignore[arg-type]


def calls_of(far: Far) -> list[tuple[str, int]]:
    assert isinstance(far.line, Beside)
    return far.line.calls


def test_a_picture_is_sent_once_and_again_when_it_has_been_forgotten(far: Far) -> None:
    subject = Subject(LENET, digit())
    expected = asking.ask(rows_of, asking.look(subject), "C1")
    for _ in range(2):
        assert far.ask(rows_of, subject, ("C1",), {}) == expected
    assert [parts for _, parts in calls_of(far)] == [1, 0]
    forget_everywhere({"a digit"})
    assert far.ask(rows_of, subject, ("C1",), {}) == expected
    assert [parts for _, parts in calls_of(far)] == [1, 0, 0, 1]


def test_a_passage_is_asked_for_once(far: Far) -> None:
    steps: list[tuple[int, int]] = []
    found = far.look(Subject(LENET, digit()), lambda *step: steps.append(step))
    again = far.look(Subject(LENET, digit()), None)
    assert len(calls_of(far)) == 1
    assert again.steps is found.steps
    assert again.network is found.network
    assert far.is_known(LENET)
    assert steps


def test_what_is_spoken_of_twice_is_one_part() -> None:
    picture = digit()
    head = bytes(range(256)) * 100
    letter = wire.write((picture, picture.image, [picture], head, b"small", Image.new("L", (2, 2))))
    assert len(letter.parts) == 2
    assert len(letter.words) < 2000
    parts = {each: wire.unpickled(words) for each, words in letter.some(letter.parts).items()}
    one, image, (again,), file, small, other = wire.read(letter.words, parts.__getitem__)
    assert (one.name, one.digest, one.caption, one.notes) == ("own", "a digit", "mine", ("a note",))
    assert one.image is image is again.image
    assert image.tobytes() == picture.image.tobytes()
    assert (file, small, other.size) == (head, b"small", (2, 2))


class _Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("times", [1, 20_000], ids=["small", "large"])
def test_what_a_visitor_sends_is_never_unpickled(times: int, tmp_path: Path, far: Far) -> None:
    from ali5.site.app.classify.teach.learning import head_from, origin_in

    evil = pickle.dumps(_Evil(tmp_path / "it ran")) + b"." * times
    for ask in (
        lambda: far.ask(origin_in, None, (evil,), {}),
        lambda: far.ask(head_from, LENET, (evil,), {}),
        lambda: far.ask(rows_of, Subject(Chosen("", "", TAUGHT, evil, LENET), digit()), ("",), {}),
    ):
        with pytest.raises(Ali5Error):
            ask()
    assert not list(tmp_path.iterdir())


def test_the_same_picture_and_network_go_the_same_way(far: Far) -> None:
    one, other = Subject(LENET, digit()), Subject(LENET, digit("another"))
    ways = [far.route_of(one, ()), far.route_of(one, ("C1",)), far.route_of(LENET, (digit(),))]
    # What has been answered is asked for by the network's names alone.
    ways.append(far.route_of(None, (*LENET.key, digit())))
    assert len(set(ways)) == 1
    assert far.route_of(other, ()) not in ways
    mine = Chosen("lenet5", "compact", "0f" * 16)
    assert far.route_of(Subject(mine, digit()), ()) == far.route_of(mine, ())
    assert far.route_of(None, (b"file", "name", *mine.key), open_weights.__name__) == far.route_of(
        mine, ()
    )
    assert far.route_of(None, (*mine.key, digit())) == far.route_of(mine, ())
    head = Chosen("lenet5", "compact", "0e" * 16, b"a head", LENET)
    assert far.route_of(None, (*head.key, digit())) == far.route_of(head, (digit(),))
    assert far.route_of(LENET, ([digit().image],)) != far.route_of(LENET, ([digit().image],))


def test_every_refusal_is_the_same_sentence_elsewhere() -> None:
    made = {
        UnknownName: UnknownName("step", "C2", ["C1"]),
        StackBroken: StackBroken("It does not fit.", 3),
    }
    kinds = [Ali5Error, *Ali5Error.__subclasses__()]
    for kind in kinds:
        if kind.__module__ != errors.__name__:
            continue
        error = made.get(kind) or kind("A sentence.")
        there = pickle.loads(pickle.dumps(error))
        assert isinstance(there, Ali5Error)
        assert str(there) == str(error)
    assert pickle.loads(pickle.dumps(made[StackBroken])).layer == 3


def test_a_class_is_charged_for_what_is_computed_elsewhere(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    account = slots.Account(1.0, lambda: now)
    monkeypatch.setattr(slots, "_find", lambda: account)
    subject = Subject(LENET, digit())
    far.ask(rows_of, subject, ("C1",), {})
    assert account._run > 0
    account.charge(2.0)
    with pytest.raises(Busy):
        far.ask(rows_of, subject, ("C1",), {})


def test_a_request_that_fails_there_says_so_in_the_log(far: Far) -> None:
    with pytest.raises(RuntimeError, match="TypeError"):
        far.ask(rows_of, Subject(LENET, digit()), (), {})


def test_what_is_always_forgotten_ends(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = wire.pickled(wire.Reply("missing", missing=("a digit",)))
    monkeypatch.setattr(far.line, "call", lambda *_: missing)
    with pytest.raises(EngineAway):
        far.ask(rows_of, Subject(LENET, digit()), ("C1",), {})


def test_the_engine_is_told_what_visitors_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[frozenset[str]] = []
    elsewhere = Far(Beside())  # type: ignore[arg-type]
    monkeypatch.setattr(elsewhere.line, "hold", told.append, raising=False)
    monkeypatch.setattr(forgetting, "far", lambda: elsewhere)
    monkeypatch.setattr(forgetting, "_holders", Counter())
    one, other = digit("one"), digit("other")
    forgetting.forget_with(one)
    forgetting.forget_with(other)
    del one
    forgetting.forget_what_is_gone()
    assert told == [{"one"}, {"one", "other"}, {"other"}]
    forgetting.forget_what_is_gone()
    assert len(told) == 3, "only when it changes"
