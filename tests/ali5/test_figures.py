"""Numbers in words, in Python; `tests/browser/arithmetic/test_figures.py` has the browser's."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ali5.figures import number_in_words, share_in_words, signed

FIGURES = [
    *((0.0, 4, "0"), (-0.0, 4, "0"), (1.0, 4, "1"), (-1.0, 4, "−1"), (0.5, 4, "0.5")),
    *((3.14159265, 4, "3.142"), (3.14159265, 2, "3.1"), (2.5, 6, "2.5"), (100.0, 2, "100")),
    *((-0.0012345, 4, "−0.001234"), (0.001, 4, "0.001"), (0.0005, 4, "5e−4")),
    *((0.00012345, 4, "1.23e−4"), (0.00099999, 4, "1e−3"), (-1.5e-300, 3, "−1.5e−300")),
    *((12345.0, 4, "12350"), (12345.0, 6, "12345"), (99999.6, 4, "100000"), (1e5, 4, "1e+5")),
    *((123456.0, 4, "1.23e+5"), (123456.0, 2, "1e+5"), (-123456.0, 6, "−1.2346e+5")),
    *((0.125, 2, "0.13"), (-0.125, 2, "−0.13"), (0.375, 2, "0.38"), (2.5e-5, 2, "3e−5")),
    *((math.inf, 4, "+∞"), (-math.inf, 4, "−∞"), (math.nan, 4, "NaN"), (5e-324, 6, "4.9407e−324")),
]
"""Numbers, how many digits, and how they are written; in the middle, away from zero."""

SIGNED = [
    *((2.5, 4, "+2.5"), (-2.5, 4, "−2.5"), (0.0, 4, "0"), (-0.0, 4, "0"), (math.inf, 4, "+∞")),
    *((0.00012345, 3, "+1.2e−4"), (math.nan, 4, "NaN")),
]

SHARES = [
    *((1.0, "100 %"), (0.99991, "> 99.9 %"), (0.5, "50.0 %"), (0.0123, "1.23 %")),
    *((0.001, "0.10 %"), (0.00001, "< 0.01 %"), (0.0, "< 0.01 %"), (math.nan, "not a number")),
    *((0.1225, "12.3 %"), (0.09999, "10.00 %"), (1.0000001, "> 99.9 %")),
]


@pytest.mark.parametrize(("number", "digits", "words"), FIGURES)
def test_a_number_is_written_with_the_digits_that_help(
    number: float, digits: int, words: str
) -> None:
    assert number_in_words(number, digits) == words


@pytest.mark.parametrize(("number", "digits", "words"), SIGNED)
def test_a_difference_has_its_sign(number: float, digits: int, words: str) -> None:
    assert signed(number, digits) == words


@pytest.mark.parametrize(("share", "words"), SHARES)
def test_a_share_is_written_with_the_digits_that_say_something(share: float, words: str) -> None:
    assert share_in_words(share) == words


@given(st.floats(-1e300, 1e300), st.integers(2, 6))
def test_figures_are_as_near_as_their_digits_allow(number: float, digits: int) -> None:
    read = float(number_in_words(number, digits).replace("−", "-"))
    assert abs(read - number) <= 0.5000001 * abs(number) * 10.0 ** (2 - digits) + 5e-324
    assert "-" not in number_in_words(number, digits)
