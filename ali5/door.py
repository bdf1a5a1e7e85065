"""The door: what comes from outside is read here, against what it may be.

What a browser sends and what a file says is anybody's. A reader takes any value and gives it back
as the program wants it, or refuses it; small ones are put together to larger ones:

    pooling = record({"kind": one_of(("max", "average")), "kernel": whole(1, 8)})
    read(json_of(pooling), '{"kind": "max", "kernel": 3}', None)  # {"kind": "max", "kernel": 3}
    read(json_of(pooling), '{"kind": "max", "kernel": 9}', None)  # None

Nothing else in ALI5 takes JSON apart that it has not written itself. No torch.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn, TypeVar

MOST_LETTERS = 100_000
"""Of JSON. The largest that a page sends is a drawing of 6,272 letters."""

DEEPEST = 16
"""Brackets within brackets."""

MOST_DIGITS = 40
"""Of a number, its point and exponent included. Python itself refuses to read thousands."""

Value = TypeVar("Value")
Other = TypeVar("Other")
Key = TypeVar("Key")

Reader = Callable[[object], Value]
"""Returns a value that fits, and refuses any other by raising what only `read` catches."""


class _Unfit(Exception):
    """A value is not what it may be."""


def read(reader: Reader[Value], sent: object, otherwise: Other) -> Value | Other:
    """Return what was sent if it fits.

    Args:
        reader: Says what it may be.
        sent: Anything.
        otherwise: Returned for what does not fit.
    """
    try:
        return reader(sent)
    except _Unfit:
        return otherwise


# --- Single values ------------------------------------------------------------------------------


def anything(sent: object) -> object:
    """Take every value: for what another reader takes apart later."""
    return sent


def flag(sent: object) -> bool:
    """Take true and false."""
    return sent if isinstance(sent, bool) else _refuse()


def whole(low: int, high: int) -> Reader[int]:
    """Take whole numbers from `low` to `high`; true and false are none."""

    def reader(sent: object) -> int:
        return sent if type(sent) is int and low <= sent <= high else _refuse()

    return reader


def number(low: float, high: float, step: float = 0) -> Reader[float]:
    """Take finite numbers from `low` to `high`.

    Args:
        low: The smallest one.
        high: The largest one.
        step: If it is given, only multiples of it.
    """

    def reader(sent: object) -> float:
        if type(sent) not in (int, float) or not low <= sent <= high:  # type: ignore[operator]
            return _refuse()
        value = float(sent)  # type: ignore[arg-type]
        return value if not step or (value / step).is_integer() else _refuse()

    return reader


def one_of(options: Collection[Value]) -> Reader[Value]:
    """Take one of these values; true is not 1."""

    def reader(sent: object) -> Value:
        for option in options:
            if type(option) is type(sent) and option == sent:
                return option
        return _refuse()

    return reader


_ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""What no name needs: control characters, ends of lines, what turns the direction of others, and
halves of characters."""


def text(most: int, pattern: str = "", least: int = 0) -> Reader[str]:
    """Take a text of one line, without characters that control how others are shown.

    Args:
        most: Letters.
        pattern: A regular expression for all of it, if it is not just any text.
        least: Letters.
    """
    form = re.compile(pattern, re.ASCII | re.DOTALL)

    def reader(sent: object) -> str:
        if not isinstance(sent, str) or not least <= len(sent) <= most or _ODD.search(sent):
            return _refuse()
        return sent if not pattern or form.fullmatch(sent) else _refuse()

    return reader


def tidied(text: str) -> str:
    """Return a text on one line, without characters that control how others are shown."""
    return _ODD.sub("", " ".join(text.split()))


_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,20}\.?\d{0,20}|\.\d{1,20})(e[+-]?\d{1,3})?", re.ASCII | re.I)


def in_text(reader: Reader[Value]) -> Reader[Value]:
    """Take a number that is written as text, as an address has it, if it fits."""

    def in_letters(sent: object) -> Value:
        if not isinstance(sent, str) or len(sent) > MOST_DIGITS:
            return _refuse()
        if _WHOLE.fullmatch(sent):
            return reader(int(sent))
        return reader(float(sent)) if _NUMBER.fullmatch(sent) else _refuse()

    return in_letters


def fields(
    ranges: Mapping[str, tuple[int, int]], words: Mapping[str, Collection[str]]
) -> dict[str, Reader[Any]]:
    """Return what the two tables of a room say of its settings.

    Args:
        ranges: Smallest and largest value of each whole number.
        words: What each choice can be.
    """
    numbers = {name: whole(low, high) for name, (low, high) in ranges.items()}
    return {**numbers, **{name: one_of(options) for name, options in words.items()}}


def as_text(reader: Reader[Any]) -> Reader[str]:
    """Take what `in_text` takes, and leave it the text it is."""
    number_in = in_text(reader)

    def reads(sent: object) -> str:
        number_in(sent)
        return sent if isinstance(sent, str) else _refuse()

    return reads


# --- Values made of others ----------------------------------------------------------------------


def either(*readers: Reader[Any]) -> Reader[Any]:
    """Take what one of these takes; the first one counts."""

    def reader(sent: object) -> Any:
        for each in readers:
            try:
                return each(sent)
            except _Unfit:
                continue
        return _refuse()

    return reader


def list_of(reader: Reader[Value], most: int, least: int = 0) -> Reader[list[Value]]:
    """Take a list of such values, `least` to `most` of them."""

    def all_of(sent: object) -> list[Value]:
        if not isinstance(sent, list) or not least <= len(sent) <= most:
            return _refuse()
        return [reader(each) for each in sent]

    return all_of


def map_of(key: Reader[Key], reader: Reader[Value], most: int) -> Reader[dict[Key, Value]]:
    """Take an object with any names of one kind, and such values, `most` of them."""

    def all_of(sent: object) -> dict[Key, Value]:
        if not isinstance(sent, dict) or len(sent) > most:
            return _refuse()
        return {key(name): reader(each) for name, each in sent.items()}

    return all_of


def record(fields: Mapping[str, Reader[Any]], some: bool = False) -> Reader[dict[str, Any]]:
    """Take an object with these names; what it has besides is left out.

    Args:
        fields: What each of them may be.
        some: Whether any of them may be missing.
    """

    def all_of(sent: object) -> dict[str, Any]:
        if not isinstance(sent, dict):
            return _refuse()
        if not some and not fields.keys() <= sent.keys():
            return _refuse()
        return {name: reader(sent[name]) for name, reader in fields.items() if name in sent}

    return all_of


def json_of(reader: Reader[Value], most: int = MOST_LETTERS) -> Reader[Value]:
    """Take JSON that says such a value, in a text of so many letters at most.

    Its size, its depth and the digits of its numbers are known before they are read. It has only
    numbers that are finite, and no name twice.
    """

    def parsed(sent: object) -> Value:
        if not isinstance(sent, str) or len(sent) > most or _depth_of(sent) > DEEPEST:
            return _refuse()
        try:
            found = json.loads(
                sent,
                parse_int=_int_of,
                parse_float=_float_of,
                parse_constant=_refuse,
                object_pairs_hook=_object_of,
            )
        except ValueError:
            return _refuse()
        return reader(found)

    return parsed


_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]|[\]}]', re.DOTALL)


def _depth_of(text: str) -> int:
    deepest = depth = 0
    for found in _BRACKET.finditer(text):
        sign = text[found.start()]
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    return deepest


def _int_of(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else _refuse()


def _float_of(digits: str) -> float:
    value = float(digits) if len(digits) <= MOST_DIGITS else math.inf
    return value if math.isfinite(value) else _refuse()


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _refuse()


def _refuse(_what: object = None) -> NoReturn:
    raise _Unfit
