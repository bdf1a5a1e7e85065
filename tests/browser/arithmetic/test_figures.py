"""Numbers in words: the browser writes them as Python does."""

import math
from fractions import Fraction

import pytest
from hypothesis import strategies as st

from ali5.figures import number_in_words, share_in_words, signed
from tests.ali5.test_figures import FIGURES, SHARES, SIGNED
from tests.browser.arithmetic.together import Bare, Law, Question, Several, for_any, in_browser

FILE = "canvas/figures.js"

HALVES = st.builds(
    # What lies in the middle between two numbers with few digits, where 64 bits can say so exactly.
    lambda whole, power: float(Fraction(2 * whole + 1, 2) / 2**power),
    st.integers(-(10**6), 10**6),
    st.integers(0, 20),
)
SHORT = st.builds(
    lambda digits, power: float(f"{digits}e{power}"),
    st.integers(-(10**7), 10**7),
    st.integers(-9, 4),
)
NUMBERS = st.one_of(
    st.floats(),
    st.floats(width=32),
    st.floats(-1e6, 1e6),
    st.integers(-(2**53), 2**53),
    HALVES,
    SHORT,
)
"""Also infinite ones, and NaN."""


WRITTEN = {"show": number_in_words, "signed": signed}


@pytest.mark.parametrize(("name", "cases"), [("show", FIGURES), ("signed", SIGNED)])
def test_the_browser_writes_these_numbers_so(
    bare: Bare, name: str, cases: list[tuple[float, int, str]]
) -> None:
    rows = [[number, digits] for number, digits, _ in cases]
    assert bare(FILE, name, each=True)(rows) == [words for _, _, words in cases]


def test_the_browser_writes_these_shares_so(bare: Bare) -> None:
    rows = [[share] for share, _ in SHARES]
    assert bare(FILE, "shareInWords", each=True)(rows) == [words for _, words in SHARES]


DIGITS = range(2, 7)


def words_in_browser(name: str, numbers: tuple[float, ...]) -> list[Question]:
    return [in_browser(FILE, name)(number, digits) for number in numbers for digits in DIGITS]


@for_any(numbers=Several(NUMBERS, 1, 10))
def test_numbers_are_the_same_words(numbers: tuple[float, ...]) -> Law:
    for name, write in WRITTEN.items():
        expected = [write(number, digits) for number in numbers for digits in DIGITS]
        assert (yield words_in_browser(name, numbers)) == expected, name


ANY_SHARE = st.one_of(
    st.floats(0, 1),
    st.floats(0, 1, width=32),
    st.integers(0, 10**6).map(lambda whole: whole / 10**6),
    st.integers(0, 2**14).map(lambda whole: whole / 2**14),
    st.sampled_from((math.nan, 1 + 2**-23)),
)


@for_any(shares=Several(ANY_SHARE, 1, 10))
def test_shares_are_the_same_words(shares: tuple[float, ...]) -> Law:
    found = yield [in_browser(FILE, "shareInWords")(share) for share in shares]
    assert found == [share_in_words(share) for share in shares]
