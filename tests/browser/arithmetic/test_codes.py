"""Codes of maps: the browser reads the values out of them that Python wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ali5.tracing.walls import LEVELS, Scale

Bare = Callable[..., Callable[..., Any]]
CODES = np.arange(256, dtype=np.uint8)[: LEVELS + 4]
NUMBERS = st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False)
RANGES = st.one_of(
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair))),
    NUMBERS.map(lambda value: (value, value)),
    NUMBERS.map(lambda value: (min(value, 0.0), max(value, 0.0))),
)


def test_scales_and_values_of_codes_are_the_same(bare: Bare) -> None:
    make_scale = bare("canvas/shared.js", "makeScale")
    values_of = bare("canvas/shared.js", "valueOfCode", each=True)

    @settings(max_examples=500, deadline=None)
    @given(RANGES)
    def is_the_same(ends: tuple[float, float]) -> None:
        scale, mine = Scale(*ends), make_scale(list(ends))
        assert (float(mine["minimum"]), float(mine["maximum"])) == ends
        assert (float(mine["low"]), float(mine["high"])) == (scale.low, scale.high)
        assert mine["constant"] is scale.is_constant
        found = np.array(values_of([[code, mine] for code in CODES.tolist()]), np.float64)
        expected = scale.decode(CODES)
        close = np.allclose(found, expected, rtol=0, atol=1e-6 * scale.high, equal_nan=True)
        assert close

    is_the_same()
