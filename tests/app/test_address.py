"""What an address says is read within what is possible."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ali5.site.app import address

RANGES = {"shift": (-30, 30), "size": (2, 9)}
DEFAULT = SimpleNamespace(shift=5, size=3, kind="max")


def plain(monkeypatch: pytest.MonkeyPatch, **said: str) -> dict:
    monkeypatch.setattr(address, "st", SimpleNamespace(query_params=said))
    return address.read_plain(DEFAULT, RANGES, {"kind": ("max", "mean")})


@given(st.integers(-40, 40), st.integers(-40, 40))
def test_whole_numbers_come_back_if_they_are_possible(shift: int, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        found = plain(patch, shift=str(shift), size=str(size))
    assert found["shift"] == (shift if -30 <= shift <= 30 else DEFAULT.shift)
    assert found["size"] == (size if 2 <= size <= 9 else DEFAULT.size)


@pytest.mark.parametrize(
    "said", ["", "-", "--3", "3-", "+3", "1.5", "-1e3", " 3", "²", "9" * 5000, "-" + "9" * 5000]
)
def test_what_is_no_whole_number_is_the_default(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plain(monkeypatch, shift=said, size=said, kind=said) == vars(DEFAULT)
    assert plain(monkeypatch) == vars(DEFAULT)
