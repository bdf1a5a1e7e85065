"""What torch is spared where there is no card."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from types import ModuleType

import pytest

from ali5.networks import bindings
from tests.conftest import ROOT

NAME = "cuda.bindings"


@pytest.mark.parametrize("driver", [False, True])
def test_only_without_a_driver_there_are_none(
    monkeypatch: pytest.MonkeyPatch, driver: bool
) -> None:
    monkeypatch.setattr(bindings, "has_driver", lambda: driver)
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    with bindings.spared():
        assert (NAME in sys.modules) == (not driver)
        if not driver:
            with pytest.raises(ImportError):
                importlib.import_module(NAME)
    assert NAME not in sys.modules


def test_those_that_were_imported_before_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    there = ModuleType(NAME)
    monkeypatch.setattr(bindings, "has_driver", lambda: False)
    monkeypatch.setitem(sys.modules, NAME, there)
    with bindings.spared():
        assert sys.modules[NAME] is there
    assert sys.modules[NAME] is there


def test_a_system_that_can_have_no_driver_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bindings.sys, "platform", "darwin")
    assert not bindings.has_driver()


LOADED = """
import json, sys
from ali5.networks.bindings import has_driver
from ali5.site.warming import load_engine
load_engine()
import torch
named = [name for name in sys.modules if name.partition(".")[0] == "cuda"]
print(json.dumps([has_driver(), named, float(torch.ones(3).sum())]))
"""


def test_the_site_s_torch_works_without() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True
    )
    driver, named, total = json.loads(run.stdout)
    assert driver or not named
    assert total == 3
