"""Numbers as a visitor reads them: `app/canvas/figures.js` writes the same. No torch.

Both round the exact value of a number, and what lies in the middle away from zero.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

PLAIN_FROM, PLAIN_TO = 1e-3, 1e5
"""What is smaller than the one, or not smaller than the other, is written with a power of ten."""


def number_in_words(number: float, digits: int = 4) -> str:
    """Write a number with as many digits as help, and a true minus sign.

    Args:
        number: Any, also NaN or infinite.
        digits: Significant ones at most, 2 or more; one less before a power of ten.
    """
    number = float(number)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+∞" if number > 0 else "−∞"
    if number == 0:
        return "0"
    plain = PLAIN_FROM <= abs(number) < PLAIN_TO
    exact = Decimal(number)
    last = exact.adjusted() + 1 - (digits if plain else digits - 1)
    rounded = exact.quantize(Decimal(1).scaleb(last), ROUND_HALF_UP).normalize()
    if plain:
        return f"{rounded:f}".replace("-", "−")
    power = rounded.adjusted()
    return f"{rounded.scaleb(-power):f}e{power:+d}".replace("-", "−")


def signed(number: float, digits: int = 4) -> str:
    """Write a number as `number_in_words` does, with a plus sign if it is above zero."""
    words = number_in_words(number, digits)
    return f"+{words}" if number > 0 and not words.startswith("+") else words


def share_in_words(share: float) -> str:
    """Write a share of one as a percentage with as many digits as say something."""
    percent = float(share) * 100
    if math.isnan(percent):
        return "not a number"
    if percent >= 99.95:
        return "100 %" if share == 1 else "> 99.9 %"
    if percent >= 10:
        return f"{_rounded(percent, '0.1')} %"
    return f"{_rounded(percent, '0.01')} %" if percent >= 0.01 else "< 0.01 %"


def _rounded(number: float, last: str) -> Decimal:
    return Decimal(number).quantize(Decimal(last), ROUND_HALF_UP)
