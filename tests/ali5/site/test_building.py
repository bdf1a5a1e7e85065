"""What a process is set up for, on systems that have it and on systems that do not."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from ali5.site.building import MOST_OPEN_FILES, raise_file_limit
from tests.conftest import ROOT

FOREVER = -1


class Limits:
    """A stand-in for the module of that name: what a process may open, and what it asks for."""

    RLIMIT_NOFILE, RLIM_INFINITY = 7, FOREVER

    def __init__(self, soft: int, hard: int, refused: bool = False) -> None:
        self.now, self.refused = (soft, hard), refused

    def getrlimit(self, _which: int) -> tuple[int, int]:
        return self.now

    def setrlimit(self, _which: int, wanted: tuple[int, int]) -> None:
        if self.refused:
            raise ValueError("current limit exceeds maximum limit")
        self.now = wanted


@pytest.mark.parametrize(
    ("limits", "soft"),
    [
        (Limits(256, FOREVER), MOST_OPEN_FILES),
        (Limits(1024, 4096), 4096),
        (Limits(20_000, FOREVER), 20_000),
        (Limits(FOREVER, FOREVER), FOREVER),
        (Limits(256, FOREVER, refused=True), 256),
    ],
)
def test_as_many_files_are_opened_as_the_system_allows(
    limits: Limits, soft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hard = limits.now[1]
    monkeypatch.setitem(sys.modules, "resource", limits)
    raise_file_limit()
    assert limits.now == (soft, hard)


def test_a_system_without_such_a_limit_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    raise_file_limit()


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
