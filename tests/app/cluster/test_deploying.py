"""`ali5 deploy`, and how the process begins that leads a site's requests."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ali5.__main__ import main
from ali5.errors import Ali5Error
from ali5.site.app.cluster.beginning import settle
from ali5.site.settings import settle as settle_site
from tests.conftest import ROOT


def test_a_config_says_what_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ali5.yaml"
    words = ["--replicas", "3", "--memory", "2G", "--gpu-replicas", "4", "--gpu-share", "0.25"]
    # In another process: Ray, as it is imported, warns of its own.
    said = subprocess.run(
        [sys.executable, "-m", "ali5", "deploy", "--write", str(file), *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    assert f"serve deploy {file}" in said
    config = yaml.safe_load(file.read_text("utf-8"))
    (application,) = config["applications"]
    assert application["args"] == {
        "replicas": 3,
        "threads": 1,
        "memory": "2G",
        "gpu_replicas": 4,
        "gpu_share": 0.25,
    }
    assert config["proxy_location"] == "Disabled", "nobody asks it by HTTP"
    module = application["import_path"].partition(":")[0]
    assert importlib.util.find_spec(module) is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cluster", "http://a:80"], "--engine has to be"),
        (["--memory", "3M"], "--memory has to be"),
        (["--gpu-share", "2"], "--gpu-share above 0"),
        (["--gpu-replicas", "-1"], "--gpu-replicas has to be 0"),
    ],
)
def test_what_cannot_be_deployed_is_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy", *words]) == 2
    assert said in capsys.readouterr().err


def test_without_ray_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> Any:
        return None

    monkeypatch.setattr("ali5.site.settings.find_spec", find)
    assert settle_site({"engine": "here"}, {}).engine == "here"
    with pytest.raises(Ali5Error, match=r"--engine needs Ray.*pip install 'ali5\[ray\]'"):
        settle_site({"engine": "ray"}, {})


def test_one_for_this_site_alone_has_a_token_of_its_own() -> None:
    tokens = set()
    for address in ("ray", "ray:3"):
        environ = {"ALI5_ENGINE": address}
        settle(environ, address)
        assert environ["RAY_AUTH_MODE"] == "token"
        tokens.add(environ["RAY_AUTH_TOKEN"])
        assert "ALI5_ENGINE" not in environ, "its replicas would ask others"
    assert len(tokens) == 2
    assert all(len(each) == 64 for each in tokens)


@pytest.mark.parametrize("address", ["auto", "ray://127.0.0.1:10001"])
def test_that_of_a_cluster_is_left_alone(address: str) -> None:
    environ = {"RAY_AUTH_TOKEN": "theirs", "RAY_AUTH_MODE": "token"}
    settle(environ, address)
    assert environ["RAY_AUTH_TOKEN"] == "theirs"
    assert environ["RAY_USAGE_STATS_ENABLED"] == "0", "it tells nobody"
