"""Somebody who explores a network of their own has code of their own: its names stay theirs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

OWN_FILES = {
    "app/__init__.py": "OWNER = 'me'",
    "app/address.py": "OWNER = 'me'",
    "pages/__init__.py": "OWNER = 'me'",
    "words.py": "OWNER = 'me'",
    "engine/__init__.py": "OWNER = 'me'",
    "labs/notes.py": "OWNER = 'me'",  # a folder without __init__.py is a package, too
    "navigation.py": "OWNER = 'me'",
}

SCRIPT = """
import importlib, json, pickle, sys, threading, urllib.request

import torch
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from torch import nn
from websockets.sync.client import connect

import app
import ali5

found = {"before": app.OWNER, "lazily": {}, "absent": []}


class Mine(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.last = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

    def forward(self, image):
        if threading.current_thread() is not threading.main_thread():  # the site is running
            for name in ("app.address", "words", "engine", "labs.notes", "navigation"):
                found["lazily"][name] = importlib.import_module(name).OWNER
            for name in ("canvas", "choose", "presence", "explore"):
                try:
                    importlib.import_module(name)
                except ModuleNotFoundError:
                    found["absent"].append(name)
            found["main"] = sys.modules["__main__"].Mine is Mine
        if image.mean() > 100:  # so that the steps are written down while this runs
            image = image / 2
        return self.last(self.conv(image).relu().mean((2, 3)))


site = ali5.explore(Mine(), size=32, open_browser=False, wait=False)
with urllib.request.urlopen(site.url + "_stcore/health") as answer:
    found["health"] = answer.read().decode()
asked = BackMsg()
asked.rerun_script.query_string = ""
address = site.url.replace("http", "ws", 1) + "_stcore/stream"
told = []
with connect(address, subprotocols=["streamlit"], max_size=None) as visitor:
    visitor.send(asked.SerializeToString())
    while True:
        message = ForwardMsg.FromString(visitor.recv(timeout=120))
        told.append(str(message.delta))
        if message.WhichOneof("type") == "script_finished":
            found["finished"] = message.script_finished
            break
found["said"] = "Mine looks at the photograph" in "".join(told)
found["failed"] = [each for each in told if "exception {" in each]
import pages

found["after"] = [app.OWNER, pages.OWNER, importlib.import_module("app.address").OWNER]
found["pickled"] = type(pickle.loads(pickle.dumps(Mine()))) is Mine
found["engine"] = ali5.__file__
site.stop()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as somebody who installs ALI5 gets it."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    how = ("--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    subprocess.run([*pip, "wheel", *how, ROOT], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    how = ("--quiet", "--no-deps", "--no-compile", "--target", folder)
    subprocess.run([*pip, "install", *how, wheel], check=True)
    return folder


def test_the_wheel_holds_the_whole_site(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "app", "pages", "assets", "ali5"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    ).stdout.split("\n")
    tools = {"app/biome.json", "app/jsconfig.json"}
    wanted = {name for name in tracked if name and (ROOT / name).is_file()} - tools
    packed = {name.removeprefix("ali5/_ui/") for name in zipfile.ZipFile(wheel).namelist()}
    assert {Path(name).suffix for name in wanted} >= {".py", ".js", ".css", ".toml", ".json"}
    assert not wanted - packed
    assert not tools & packed


@pytest.mark.parametrize("where", ["wheel", "checkout"])
def test_names_stay_the_user_s_before_while_and_after_the_site_runs(
    where: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for name, text in OWN_FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{text}\n", "utf-8")
    (tmp_path / "look.py").write_text(SCRIPT, "utf-8")
    ours = request.getfixturevalue("installed") if where == "wheel" else ROOT
    run = subprocess.run(
        [sys.executable, "look.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ours), "ALI5_DEVICE": "cpu"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert Path(found["engine"]).is_relative_to(ours)
    assert found["health"] == "ok"
    assert found["said"], found["failed"]
    assert not found["failed"]
    assert found["before"] == "me"
    assert found["lazily"] == dict.fromkeys(
        ("app.address", "words", "engine", "labs.notes", "navigation"), "me"
    )
    assert set(found["absent"]) == {"canvas", "choose", "presence", "explore"}
    assert found["after"] == ["me", "me", "me"]
    assert found["main"]
    assert found["pickled"]
