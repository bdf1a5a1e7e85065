"""How long the largest pictures take to open: `pytest tests/benchmarks/test_images.py -s`."""

from __future__ import annotations

import sys

import pytest

from tests.ali5.pictures.test_images import LARGEST, open_largest


@pytest.mark.skipif(sys.platform != "linux", reason="the peak memory is read from /proc")
@pytest.mark.parametrize(("kind", "mode"), LARGEST)
def test_the_largest_picture_beside_plain_decoding(kind: str, mode: str) -> None:
    """Ours is upright, in RGB and without transparency; Pillow only decodes."""
    ((_, ours, pillows),) = open_largest((kind, mode))
    print(f"\nthe largest {kind} in {mode}: {ours:.2f} s, {ours / pillows:.1f} × Pillow's decoding")
