"""What the README shows works as it stands there."""

import re

import pytest

from ali5.places import ASSETS
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_the_notebook_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ASSETS / "photographs")
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(code.strip().splitlines()) <= 11
    exec(compile(code, "README.md", "exec"), {})
    assert "layer1.0.conv1 convolution (1, 32, 32, 32)" in capsys.readouterr().out


def test_the_files_it_names_exist() -> None:
    for path in re.findall(r"`((?:ali5|app|pages|assets|tests|\.ci)/[^` ]*)`", README):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"\]\((assets/[^)]+)\)", README):
        assert (ROOT / path).exists(), path
