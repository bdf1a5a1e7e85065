"""A class has rules, and a key for its teacher."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ali5.errors import Ali5Error
from ali5.site import greeting, hosting
from ali5.site.classroom import CLASSROOM, Classroom, way_in
from ali5.site.settings import Settings, settle


def test_a_class_is_served_to_the_network_if_nothing_else_is_said() -> None:
    assert settle({"classroom": "yes"}, {}).host == "0.0.0.0"
    assert settle({}, {"ALI5_CLASSROOM": "on"}) == settle({"classroom": "yes"}, {})
    assert settle({"classroom": "yes", "host": "127.0.0.1"}, {}).host == "127.0.0.1"
    assert settle({}, {"ALI5_CLASSROOM": "no"}) == Settings()
    for text in ("maybe", "2"):
        with pytest.raises(Ali5Error, match="ALI5_CLASSROOM has to be yes or no"):
            settle({}, {"ALI5_CLASSROOM": text})


def test_each_class_has_a_key_of_its_own_that_opens_only_itself() -> None:
    room = Classroom()
    assert not room.opens("")
    keys = set()
    for _ in range(20):
        room.begin(Settings(classroom=True))
        assert room.opens(room.key)
        assert not room.opens("")
        assert not room.opens(room.key[:-1])
        assert not room.opens("schlüssel")
        keys.add(room.key)
    assert len(keys) == 20
    room.begin(Settings(classroom=True, teacher_key="chalk-and-board"))
    assert room.opens("chalk-and-board")
    room.is_open = room.is_unhurried = True
    room.begin(Settings(teacher_key="chalk-and-board"))
    assert room == Classroom()
    assert not room.opens("chalk-and-board")


@pytest.mark.parametrize("key", ["short", "with space in it", "ключ-учителя", 65 * "a", "a&b=cdef"])
def test_a_key_that_does_not_fit_into_an_address_is_refused(key: str) -> None:
    with pytest.raises(Ali5Error, match="--teacher-key has to be 8 to 64 letters"):
        settle({"teacher_key": key}, {})


@pytest.mark.parametrize(
    ("host", "others"),
    [("127.0.0.1", []), ("::1", []), ("192.168.1.9", ["http://192.168.1.9:8501/"])],
)
def test_the_address_that_is_served_is_said(host: str, others: list[str]) -> None:
    own, found = hosting._addresses(Settings(host=host), 8501)
    assert found == others
    assert host in own


@pytest.mark.parametrize("urls", [[], ["http://192.168.7.20:8501/"]])
def test_the_terminal_shows_the_ways_in(urls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    site = SimpleNamespace(url="http://127.0.0.1:8501/", urls=urls)
    words = greeting.greeting("9.9", site)  # type: ignore[arg-type]
    assert words.startswith("ALI5 9.9 ")
    assert "http://127.0.0.1:8501/" in words
    assert all(url in words for url in urls)
    assert ("--cert" in words) == bool(urls)
    assert "class" not in words
    monkeypatch.setattr(CLASSROOM, "is_on", True)
    monkeypatch.setattr(CLASSROOM, "key", "chalk-and-board")
    monkeypatch.setattr(CLASSROOM, "is_alone", False)
    words = greeting.greeting("9.9", site)  # type: ignore[arg-type]
    assert way_in(site.url) == "http://127.0.0.1:8501/class?key=chalk-and-board"
    assert way_in(site.url) in words
    assert f"{[*urls, site.url][0]}class\n" in words
    assert ("in no network" in words) != bool(urls)
    monkeypatch.setattr(CLASSROOM, "is_alone", True)
    words = greeting.greeting("9.9", site)  # type: ignore[arg-type]
    assert ("to this computer only" in words) != bool(urls)


@pytest.mark.parametrize(
    ("platform", "environ", "has"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "w3m"}, True),
        ("win32", {}, True),
        ("darwin", {}, True),
    ],
)
def test_a_browser_is_opened_where_there_is_a_screen(
    platform: str, environ: dict[str, str], has: bool
) -> None:
    assert greeting.has_screen(platform, environ) == has
