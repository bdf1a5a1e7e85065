"""Codes of maps: the browser reads the values out of them that Python wrote."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from ali5.tracing.walls import LEVELS, Scale
from tests.browser.arithmetic.together import Law, for_any, in_browser

SHARED = "canvas/shared.js"
SHARE = 16
"""Of the codes each scale is asked about one in so many, and the last ones: all in many scales."""
NUMBERS = st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False)
RANGES = st.one_of(
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair))),
    NUMBERS.map(lambda value: (value, value)),
    NUMBERS.map(lambda value: (min(value, 0.0), max(value, 0.0))),
)


@for_any(ends=RANGES, start=st.integers(0, SHARE - 1))
def test_scales_and_values_of_codes_are_the_same(ends: tuple[float, float], start: int) -> Law:
    scale = Scale(*ends)
    codes = np.array([*range(start, LEVELS, SHARE), *range(LEVELS, LEVELS + 4)], np.uint8)
    mine = yield in_browser(SHARED, "makeScale")(list(ends))
    assert (float(mine["minimum"]), float(mine["maximum"])) == ends
    assert (float(mine["low"]), float(mine["high"])) == (scale.low, scale.high)
    assert mine["constant"] is scale.is_constant
    values = yield [in_browser(SHARED, "valueOfCode")(code, mine) for code in codes.tolist()]
    found = np.array(values, np.float64)
    expected = scale.decode(codes)
    assert np.allclose(found, expected, rtol=0, atol=1e-6 * scale.high, equal_nan=True)
