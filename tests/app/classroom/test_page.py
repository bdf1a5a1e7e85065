"""The class's page, and what learners may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import ali5
from ali5.errors import Busy
from ali5.site.app import presence
from ali5.site.app.allowed import editions_of
from ali5.site.app.classroom import page
from ali5.site.app.classroom.ways import address_for_learners, code_of
from ali5.site.app.engine import Picture, slots
from ali5.site.app.labs.learning import session
from ali5.site.classroom import CLASSROOM
from ali5.site.settings import Settings
from tests.pages import open_page

KEY = "chalk-and-board"

OWN_EDITION = {"network": "alexnet", "edition": "torchvision"}


@pytest.fixture
def classroom() -> Iterator[None]:
    CLASSROOM.begin(Settings(classroom=True, teacher_key=KEY))
    yield
    CLASSROOM.begin(Settings())


@pytest.mark.parametrize(
    ("url", "outward", "address"),
    [
        ("http://127.0.0.1:8501/class", ["10.0.0.5"], "http://10.0.0.5:8501/"),
        ("https://localhost:8501/class", ["10.0.0.5", "fd00::5"], "https://10.0.0.5:8501/"),
        ("http://[::1]:8501/", ["fd00::5"], "http://[fd00::5]:8501/"),
        ("http://127.0.0.1:8501/class", [], ""),
        ("https://ali5.school.example/class", [], "https://ali5.school.example/"),
        ("http://192.168.1.9:8501/class", ["10.0.0.5"], "http://192.168.1.9:8501/"),
        ("", [], ""),
    ],
)
def test_others_can_open_the_address(url: str, outward: list[str], address: str) -> None:
    assert address_for_learners(url, outward) == address


@pytest.mark.parametrize(
    ("host", "is_alone"),
    [
        *(("127.0.0.1", True), ("localhost", True), ("::1", True)),
        *(("0.0.0.0", False), ("192.168.1.9", False), ("school.example", False)),
    ],
)
def test_no_address_is_shown_that_nobody_can_reach(host: str, is_alone: bool) -> None:
    CLASSROOM.begin(Settings(classroom=True, host=host))
    try:
        assert CLASSROOM.is_alone == is_alone
        (warning,) = open_page("classroom").warning  # here no browser has opened it
        assert ("to this computer only" in warning.value) == is_alone
    finally:
        CLASSROOM.begin(Settings())


def test_a_longer_address_has_a_code_of_its_own() -> None:
    codes = {code_of(f"http://10.0.0.{number}:8501/") for number in range(5)}
    assert len(codes) == 5
    assert all(code.startswith("data:image/svg+xml") for code in codes)


def words_of(at: AppTest) -> str:
    return " ".join(
        str(each.value) for kind in ("markdown", "error", "warning") for each in at.get(kind)
    )


def test_the_key_makes_a_teacher_and_leaves_the_address(
    classroom: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "outward_addresses", lambda: ["10.0.0.5"])
    at = open_page("classroom")
    assert not at.toggle
    at = open_page("classroom", key="chalk-and-bored")
    assert not at.toggle
    assert "not the key" in words_of(at)
    assert "key" not in at.query_params
    at = open_page("classroom", key=KEY)
    assert "key" not in at.query_params
    assert [each.value for each in at.toggle] == [False, False]
    at.toggle(key="class-is_open").set_value(True).run()
    assert (CLASSROOM.is_open, CLASSROOM.is_unhurried) == (True, False)


def test_a_new_class_has_another_key(classroom: None) -> None:
    at = open_page("classroom", key=KEY)
    CLASSROOM.begin(Settings(classroom=True))
    at.run()
    assert not at.toggle


def test_without_a_class_there_is_nothing_to_open() -> None:
    assert not CLASSROOM.opens("")
    assert editions_of(ali5.catalog()["alexnet"]) is ali5.catalog()["alexnet"].editions


def offered(at: AppTest, label: str) -> list[str]:
    return next(each.options for each in at.get("button_group") if each.label == label)


def test_learners_bring_and_download_no_weights(classroom: None) -> None:
    at = open_page("explore", **OWN_EDITION)
    assert offered(at, "Edition") == ["Compact", "Paper"]
    assert offered(at, "Weights") == ["Trained", "Untrained"]
    assert not at.get("file_uploader") or "Weights" not in at.get("file_uploader")[0].label
    at = open_page("learning", data="mnist")
    assert "Download MNIST" not in [each.label for each in at.button]
    CLASSROOM.is_open = True
    at = open_page("explore", **OWN_EDITION)
    assert offered(at, "Edition") == ["Compact", "Paper", "torchvision"]
    assert offered(at, "Weights") == ["ImageNet", "Untrained", "Your file"]


def test_the_teacher_brings_what_they_like(classroom: None) -> None:
    at = open_page("classroom", key=KEY)
    at.switch_page("../../pages/explore.py").run()
    assert "Your file" in offered(at, "Weights")


def test_who_computes_too_long_reads_when_it_goes_on(
    classroom: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "SECONDS_OF_A_MINUTE", 0.05)
    monkeypatch.setattr(slots, "GRACE_S", 0.0)
    at = open_page("explore", network="lenet5")
    at.session_state["account"].charge(0.1)
    noise = Image.effect_noise((64, 64), 80).convert("RGB")
    at.session_state["own-picture"] = Picture("own", noise, "nobody has seen it", "a photo")
    at.query_params["picture"] = "own"
    at.run()
    assert "Your class shares this computer" in words_of(at)
    CLASSROOM.is_unhurried = True
    at.run()
    assert "Your class shares this computer" not in words_of(at)


def test_what_a_page_does_not_catch_is_said_too(
    classroom: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Busy("Go on in 7 s.")

    monkeypatch.setattr("ali5.site.app.labs.pooling.page.show_pooling", refuse)
    assert "Go on in 7 s" in words_of(open_page("pooling"))


def test_lessons_are_shorter_for_learners(classroom: None) -> None:
    assert session.most_seconds() == 120
    CLASSROOM.is_unhurried = True
    assert session.most_seconds() == 600
