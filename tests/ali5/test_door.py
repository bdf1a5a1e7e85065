"""What fits comes through as it is, and everything else is refused."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ali5 import door

REFUSED = object()

CASES: list[tuple[door.Reader[Any], list[Any], list[Any]]] = [
    (door.whole(0, 9), [0, 9], [-1, 10, True, 1.0, "1", None, 10**400, math.nan]),
    (
        door.number(-1, 1, 0.5),
        [-1, 0.5, 0, 1.0],
        [0.3, 1.5, True, math.nan, math.inf, "0", None, 10**400],
    ),
    (door.flag, [True, False], [0, 1, "true", None]),
    (door.one_of((0, 4, "a", None)), [0, 4, "a", None], [False, 0.0, "b", "", [], {}]),
    (
        door.text(5, r"[a-z]+", 1),
        ["a", "abcde"],
        ["", "abcdef", "A", "a\n", "a\0", "ä", 5, None, ["a"]],
    ),
    (
        door.text(9),
        ["", "Zoë 🎈", "مرحبا", "日本"],
        ["a\nb", "a\u202eb", "\ud800", "\x7f", "a\u2028b"],
    ),
    (door.list_of(door.flag, 2, 1), [[True], [True, False]], [[], [True] * 3, [1], (), "ab", {}]),
    (
        door.map_of(door.text(1), door.flag, 2),
        [{}, {"a": True}],
        [{"ab": True}, {"a": 1}, {"a": True, "b": True, "c": True}, [], None],
    ),
    (
        door.record({"a": door.flag, "b": door.whole(0, 1)}),
        [{"a": True, "b": 1}],
        [{}, {"a": True}, {"a": True, "b": True}, [], None, "a"],
    ),
    (door.record({"a": door.flag}, some=True), [{}, {"a": True}], [{"a": 1}, None]),
    (door.either(door.flag, door.one_of((None,))), [True, None], [0, ""]),
    (
        door.as_text(door.number(0, 9, 0.25)),
        ["0", "9.0", "0.25", "2.5e-1"],
        ["0.3", "10", "-1", "nan", "inf", "1_0", " 1", "", "9" * 5000, "1e999", "٣", 1, None],
    ),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_what_fits_comes_through_and_nothing_else(case: int) -> None:
    reader, good, bad = CASES[case]
    for value in good:
        found = door.read(reader, value, REFUSED)
        assert found == value
        assert type(found) is type(value) or isinstance(found, float)
    assert [value for value in bad if door.read(reader, value, REFUSED) is not REFUSED] == []


def test_what_a_record_has_besides_is_left_out() -> None:
    assert door.read(door.record({"a": door.flag}), {"a": True, "b": 10**9}, None) == {"a": True}


@pytest.mark.parametrize(
    "text",
    [
        *("", "nonsense", "[1,]", "{'a': 1}", "NaN", "[Infinity]", "-Infinity", "1e999"),
        *('{"a": 1, "a": 2}', "9" * 41, "[" * 17 + "]" * 17, "[" * 100_000, '{"a":' * 50_000),
        *(
            '"\\' * 40_000,
            " " * 100_001,
            '["' + "x" * 100_001 + '"]',
            "[1" + "," * 90_000,
            "\ud800",
        ),
        *(None, 5, b"[]", [], {}),
    ],
    ids=lambda text: repr(text)[:20],
)
def test_json_that_is_too_much_or_none_is_refused(text: object) -> None:
    assert door.read(door.json_of(door.anything), text, REFUSED) is REFUSED


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_other_json_is_read_as_python_does(value: object) -> None:
    text = json.dumps(value)
    assert door.read(door.json_of(door.anything), text, REFUSED) == value


@given(st.text())
def test_a_tidied_text_is_one_line(text: str) -> None:
    found = door.tidied(text)
    assert door.read(door.text(len(found)), found, None) == found


def test_the_tables_of_a_room_say_what_fits() -> None:
    reader = door.record(door.fields({"size": (3, 8)}, {"kind": ("max", "average")}))
    assert door.read(reader, {"size": 8, "kind": "max"}, None) == {"size": 8, "kind": "max"}
    for odd in ({"size": 9, "kind": "max"}, {"size": 8, "kind": "min"}, {"size": 8}):
        assert door.read(reader, odd, None) is None
