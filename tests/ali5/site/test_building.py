"""What a process is set up for."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.conftest import ROOT

ODD_TIFF = """
import io, sys
from PIL import Image
from ali5.site.building import hush_libtiff

if sys.argv[1] == "hushed":
    hush_libtiff()
file = io.BytesIO()
Image.effect_noise((64, 64), 50).save(file, "TIFF", compression="tiff_lzw")
raw = bytearray(file.getvalue())
raw[8:200] = b"\\xff" * 192
try:
    Image.open(io.BytesIO(raw)).load()
except OSError:
    print("refused")
"""


def test_an_odd_picture_writes_nothing_into_the_log() -> None:
    said = {}
    for how in ("as it comes", "hushed"):
        found = subprocess.run(
            [sys.executable, "-c", ODD_TIFF, how], cwd=ROOT, capture_output=True, text=True
        )
        assert found.stdout == "refused\n"
        said[how] = found.stderr
    assert "code not yet in table" in said["as it comes"], "else this test proves nothing"
    assert not said["hushed"]


def test_a_pillow_without_libtiff_of_its_own_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from ali5.site import building

    monkeypatch.setattr(building.ctypes, "CDLL", lambda _: SimpleNamespace())
    building.hush_libtiff()
