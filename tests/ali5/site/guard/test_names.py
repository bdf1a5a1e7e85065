"""Who may ask, and under which name."""

from __future__ import annotations

import socket

import pytest

from ali5.site.guard.names import Names, Place, place_of
from tests.ali5.site.guard.asking import Answer, Behind, ask, scope_of

NAME = socket.gethostname().lower()


def asked(host: str, *origins: str, allowed: tuple[str, ...] = (), **more: str) -> Answer:
    behind = Behind()
    found = ask(Names(behind, allowed), scope_of(hosts=[host], origins=origins, **more))
    assert bool(behind.asked) == (found.status in (None, 200) and not found.closed)
    return found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("localhost", Place("localhost", None)),
        ("LocalHost.:8501", Place("localhost", 8501)),
        ("[::1]:80", Place("::1", 80)),
        ("[0:0:0:0:0:0:0:1]", Place("::1", None)),
        ("[::ffff:127.0.0.1]:1", Place("127.0.0.1", 1)),
        ("127.0.0.1:65535", Place("127.0.0.1", 65535)),
        *(
            (text, None)
            for text in (
                "",
                ".",
                ":8501",
                "localhost:",
                "localhost:65536",
                "localhost:-1",
                "localhost:8501:1",
                "evil@localhost",
                "localhost:8501@evil.example",
                "localhost/evil",
                "localhost?x",
                "localhost#x",
                "localhost evil.example",
                "::1",
                "[::1",
                "[evil]",
                "[::1]evil",
                "loc%61lhost",
                "localhost,evil.example",
                "\u0131localhost",
            )
        ),
    ],
)
def test_a_host_is_read_as_browsers_write_it(text: str, place: Place | None) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", ["localhost", "localhost.:8501", "127.0.0.9:1", "[::1]:8501"])
def test_this_computer_is_answered(host: str, kind: str) -> None:
    assert asked(host, kind=kind).status in (None, 200)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("server", ["127.0.0.1", "192.168.1.5"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8501",
        "evil-localhost",
        "0.0.0.0:8501",
        "192.168.1.6",
        "8.8.8.8",
        "[2001:db8::5]",
        "2130706433",
        "evil@127.0.0.1",
        "",
    ],
)
def test_a_name_that_is_not_the_site_s_is_refused(host: str, server: str, kind: str) -> None:
    found = asked(host, f"http://{host}", kind=kind, server=server)
    assert found.status == 400
    assert "--allow-host" in found.body


def test_one_name_is_needed_and_not_two() -> None:
    for hosts in ([], ["localhost", "localhost"], ["localhost", "evil.example"]):
        assert ask(Names(Behind()), scope_of(hosts=hosts)).status == 400


def test_on_the_network_the_address_asked_and_the_computer_s_names_are_answered() -> None:
    names = [NAME, NAME.partition(".")[0], f"{NAME.partition('.')[0]}.local"]
    for host in ("192.168.1.5:8501", *names):
        assert asked(host, server="192.168.1.5").status == 200
        assert asked(host, server="::ffff:192.168.1.5").status == 200
        if host != "localhost":
            assert asked(host, server="127.0.0.1").status == 400, "nobody gets here by that"
            assert asked(host, server="/tmp/a socket").status == 400
    assert asked("[fe80::1]:8501", server="fe80::1%eth0").status == 200


def test_names_can_be_allowed() -> None:
    allowed = ("ali5.example.org", "*.school.example")
    for host in (
        "ali5.example.org",
        "ALI5.example.org.:443",
        "a.school.example",
        "a.b.school.example",
    ):
        assert asked(host, allowed=allowed).status == 200
    for host in ("example.org", "school.example", "evilschool.example", "ali5.example.org.evil"):
        assert asked(host, allowed=allowed).status == 400
    assert asked("any.example", allowed=("*",)).status == 200
    assert asked("any.example", "https://other.example", allowed=("*",)).status == 403


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8501", "http://localhost:8501"),
        ("localhost:8501", "http://LOCALHOST:8501"),
        ("[::1]:8501", "http://[::1]:8501"),
        ("localhost", "http://localhost"),
        ("localhost", "http://localhost:80"),
        ("localhost:80", "http://localhost"),
        ("localhost", "https://localhost"),
        ("localhost:443", "https://localhost"),
    ],
)
def test_the_site_s_own_page_may_ask(host: str, origin: str, kind: str) -> None:
    assert asked(host, origin, kind=kind).status in (None, 200)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:8501",
        "null",
        "",
        "http://localhost",
        "http://localhost:8502",
        "https://localhost:8502",
        "http://127.0.0.1:8501",
        "http://[::1]:8501",
        "http://0.0.0.0:8501",
        "http://localhost:8501@evil.example",
        "http://evil.example@localhost:8501",
        "http://localhost:8501.evil.example",
        "http://localhost.evil.example:8501",
        "http://localhost:8501/",
        "http://localhost:8501 http://evil.example",
        "ftp://localhost:8501",
        "file://",
        "chrome-extension://localhost:8501",
        "localhost:8501",
        "//localhost:8501",
    ],
)
def test_a_page_from_elsewhere_may_not(origin: str, kind: str) -> None:
    found = asked("localhost:8501", origin, kind=kind)
    assert found.status == 403
    assert "tab of its own" in found.body


def test_behind_a_proxy_that_asks_by_another_name_the_allowed_page_may_ask() -> None:
    allowed = ("ali5.example.org",)
    for origin in ("https://ali5.example.org", "http://ali5.example.org:80"):
        assert asked("127.0.0.1:8501", origin, allowed=allowed).status == 200
    for origin in ("https://ali5.example.org:8443", "https://evil.example.org"):
        assert asked("127.0.0.1:8501", origin, allowed=allowed).status == 403


def test_a_server_that_cannot_say_no_in_words_closes_the_websocket() -> None:
    scope = scope_of(kind="websocket", hosts=["evil.example"]) | {"extensions": {}}
    assert ask(Names(Behind()), scope).closed
