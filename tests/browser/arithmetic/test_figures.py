"""Numbers in words: the browser writes them as Python does."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ali5.figures import number_in_words, share_in_words, signed
from tests.ali5.test_figures import FIGURES, SHARES, SIGNED

Bare = Callable[..., Callable[..., Any]]
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


@pytest.mark.parametrize("name", WRITTEN)
def test_numbers_are_the_same_words(bare: Bare, name: str) -> None:
    write = bare(FILE, name, each=True)

    @settings(max_examples=500, deadline=None)
    @given(rows=st.lists(st.tuples(NUMBERS, st.integers(2, 6)), min_size=1, max_size=20))
    def agree(rows: list[tuple[float, int]]) -> None:
        assert write([list(row) for row in rows]) == [WRITTEN[name](*row) for row in rows]

    agree()


def test_shares_are_the_same_words(bare: Bare) -> None:
    write = bare(FILE, "shareInWords", each=True)
    shares = st.one_of(
        st.floats(0, 1),
        st.floats(0, 1, width=32),
        st.integers(0, 10**6).map(lambda whole: whole / 10**6),
        st.integers(0, 2**14).map(lambda whole: whole / 2**14),
        st.sampled_from((math.nan, 1 + 2**-23)),
    )

    @settings(max_examples=500, deadline=None)
    @given(rows=st.lists(shares, min_size=1, max_size=20))
    def agree(rows: list[float]) -> None:
        assert write([[share] for share in rows]) == [share_in_words(share) for share in rows]

    agree()
