"""Files that every visitor is given alike."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from ali5.site.files import PLACE, Files, publish
from ali5.site.guard.asgi import Message, Scope
from tests.ali5.site.guard.asking import Behind, ask, scope_of


def asked(path: str, method: str = "GET", encoding: str = "") -> tuple[dict[str, str], bytes]:
    """The headers and the bytes of an answer."""
    scope = scope_of(path, method=method)
    if encoding:
        scope["headers"].append((b"accept-encoding", encoding.encode()))
    found: dict[str, str] = {}
    body = b""

    async def send(message: Message) -> None:
        nonlocal body
        if message["type"] == "http.response.start":
            found["status"] = str(message["status"])
            found.update((key.decode(), value.decode()) for key, value in message["headers"])
        else:
            body += message["body"]

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def call() -> None:
        await Files(Behind())(scope, receive, send)

    asyncio.run(call())
    return found, body


def test_a_file_is_kept_by_the_browser_and_its_name_changes_with_it() -> None:
    one, other = publish("part", "js", b"1;"), publish("part", "js", b"2;")
    assert one != other
    for base in ("", "/behind/a-proxy"):
        headers, body = asked(f"{base}/{PLACE}/{one}")
        assert (headers["status"], body) == ("200", b"1;")
        assert headers["content-type"].startswith("text/javascript")
        assert "immutable" in headers["cache-control"]
    assert publish("part", "js", b"1;") == one


def test_scripts_are_sent_small_to_who_can_read_that() -> None:
    name = publish("long", "js", b"0;" * 5000)
    headers, body = asked(f"/{PLACE}/{name}", encoding="br, gzip")
    assert headers["content-encoding"] == "gzip"
    assert len(body) == int(headers["content-length"]) < 200
    assert gzip.decompress(body) == b"0;" * 5000
    picture = publish("picture", "webp", b"0;" * 5000)
    headers, body = asked(f"/{PLACE}/{picture}", encoding="gzip")
    assert (headers["content-type"], len(body)) == ("image/webp", 10_000)


@pytest.mark.parametrize("name", ["none.js", "../building.py", "", "%2e%2e/settings.py", "x.py"])
def test_nothing_else_is_served(name: str) -> None:
    publish("part", "js", b"1;")
    headers, body = asked(f"/{PLACE}/{name}")
    assert headers["status"] == ("404" if "/" not in name else "200")  # what lies behind it
    assert b"1;" not in body


def test_a_file_can_only_be_read() -> None:
    name = publish("part", "js", b"1;")
    assert asked(f"/{PLACE}/{name}", "HEAD")[1] == b""
    assert asked(f"/{PLACE}/{name}", "DELETE")[0]["status"] == "405"


def test_everything_else_goes_on() -> None:
    scopes: list[Scope] = [scope_of("/"), scope_of("/_stcore/stream", kind="websocket")]
    for scope in scopes:
        assert ask(Files(Behind()), scope) == ask(Behind(), scope)
