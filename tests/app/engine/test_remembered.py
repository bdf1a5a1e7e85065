"""What was worked out for a trace is made once, stays within its bytes, and goes with the trace."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from PIL import Image

from ali5.site.app import engine
from ali5.site.app.engine import remembered
from ali5.site.app.engine.budget import Budget
from ali5.site.app.engine.cache import ByteCache
from ali5.site.app.engine.remembered import OBJECT_BYTES, bytes_of

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace


class Way:
    """What stands for a trace here: all that is asked of one is that it goes."""


def new_trace() -> Trace:
    return cast("Trace", Way())


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch) -> ByteCache[Any]:
    """Remember in a small cache of the test's own."""
    own: ByteCache[Any] = ByteCache(bytes_of, Budget(10_000))
    monkeypatch.setattr(remembered, "_remembered", own)
    return own


def together(ask: Callable[[], object], count: int = 8) -> list[object]:
    """What `count` threads get that ask at once; an exception counts as an answer."""
    answers: list[object] = []
    ready = threading.Barrier(count)

    def run() -> None:
        ready.wait()
        try:
            answers.append(ask())
        except Exception as error:
            answers.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == count
    return answers


def test_eight_who_ask_at_once_get_the_one_value_that_was_made() -> None:
    trace = new_trace()
    made: list[int] = []

    def make() -> list[str]:
        made.append(1)
        time.sleep(0.05)
        return ["whole"]

    answers = together(lambda: engine.once(trace, "key", make))
    assert len(made) == 1
    assert all(answer is answers[0] for answer in answers)
    assert answers[0] == ["whole"]


def test_another_key_or_another_trace_is_another_value() -> None:
    one, other = new_trace(), new_trace()
    assert engine.once(one, "key", lambda: "a") == "a"
    assert engine.once(one, ("key", 1), lambda: "b") == "b"
    assert engine.once(other, "key", lambda: "c") == "c"
    assert engine.once(one, "key", lambda: "never made") == "a"


def test_a_value_that_fails_leaves_nothing_and_each_who_waited_tries(
    cache: ByteCache[Any],
) -> None:
    trace = new_trace()
    tries: list[int] = []

    def fail() -> str:
        tries.append(1)
        raise ValueError("no")

    answers = together(lambda: engine.once(trace, "key", fail))
    assert all(isinstance(answer, ValueError) for answer in answers)
    assert len(tries) == 8
    assert cache.nbytes == 0
    assert not cache._making
    assert engine.once(trace, "key", lambda: "yes") == "yes"


def test_what_is_remembered_stays_within_its_bytes_and_the_last_one_is_there(
    cache: ByteCache[Any],
) -> None:
    traces = [new_trace() for _ in range(3)]
    for number in range(40):
        for trace in traces:
            found = engine.once(trace, number, lambda: bytes([number]) * 1000)  # noqa: B023
            assert found == bytes([number]) * 1000
            assert cache.nbytes <= 10_000
            assert engine.once(trace, number, lambda: b"made again") is found


def test_what_had_to_make_room_is_made_again_while_others_ask(cache: ByteCache[Any]) -> None:
    trace = new_trace()

    def ask() -> bool:
        return all(
            engine.once(trace, number, lambda: bytes([number]) * 3000)  # noqa: B023
            == bytes([number]) * 3000
            for _ in range(20)
            for number in range(8)
        )

    assert together(ask) == [True] * 8
    assert cache.nbytes <= 10_000


def test_values_go_with_their_trace_and_others_stay(cache: ByteCache[Any]) -> None:
    going, staying = new_trace(), new_trace()
    engine.once(going, "key", lambda: bytes(3000))
    engine.once(staying, "key", lambda: bytes(2000))
    both = cache.nbytes
    number = engine.number_of(going)
    del going
    gc.collect()
    engine.forget_what_is_gone()
    assert cache.nbytes == both - bytes_of(bytes(3000))
    assert (number, "key") not in cache
    assert engine.once(staying, "key", lambda: b"made again") == bytes(2000)


def test_asking_for_something_else_is_enough_to_let_go(cache: ByteCache[Any]) -> None:
    going, staying = new_trace(), new_trace()
    engine.once(going, "key", lambda: bytes(3000))
    del going
    gc.collect()
    engine.once(staying, "key", lambda: b"")
    assert cache.nbytes == bytes_of(b"")


def test_a_trace_keeps_its_number_and_no_other_gets_it() -> None:
    trace = new_trace()
    numbers = together(lambda: engine.number_of(trace))
    assert len(set(numbers)) == 1
    seen = set(numbers)
    for _ in range(50):  # a new object often lies where the last one lay
        number = engine.number_of(new_trace())
        assert number not in seen
        seen.add(number)
    assert engine.number_of(trace) == numbers[0]


@dataclass
class Pair:
    numbers: np.ndarray[Any, Any]
    words: str


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"abc", 3 + OBJECT_BYTES),
        (5, OBJECT_BYTES),
        (None, OBJECT_BYTES),
        (np.zeros((10, 10), np.float32), 400 + OBJECT_BYTES),
        (({"maps": [1, 2]}, b"abc"), 7 * OBJECT_BYTES + 4 + 3),
        (Pair(np.zeros(8), "eight"), 64 + 5 + 3 * OBJECT_BYTES),
    ],
)
def test_the_size_of_a_value_is_measured_to_its_leaves(value: object, expected: int) -> None:
    assert bytes_of(value) == expected


def test_what_was_made_of_a_picture_goes_with_it(cache: ByteCache[Any]) -> None:
    picture = Image.new("RGB", (40, 30))
    half = picture.resize((20, 15))
    made = engine.once(picture, "half", lambda: half)
    assert engine.once(picture, "half", lambda: pytest.fail("made again")) is made
    assert cache.nbytes > 20 * 15 * 3
    place = id(picture)
    del picture
    gc.collect()
    remembered.forget_gone_owners()
    assert not cache.kept_keys()
    assert place not in remembered._numbers, "the next one there is another"
