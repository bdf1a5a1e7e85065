"""What the browser is told with every answer."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from ali5.site.guard.asgi import Receive, Scope, Send
from ali5.site.guard.faults import SENTENCE, Faults
from ali5.site.guard.headers import Headers, policy_for
from ali5.site.guard.names import Names
from tests.ali5.site.guard.asking import Behind, ask, scope_of

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=()",
}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "index.html"
    file.write_bytes(b"<script>one</script><script src='x'></script><script>\n two </script>")
    return file


def test_scripts_of_the_page_may_run_and_no_others(page: Path) -> None:
    policy = dict(part.split(" ", 1) for part in policy_for(page.read_bytes()).split("; "))
    sums = [base64.b64encode(hashlib.sha256(text).digest()) for text in (b"one", b"\n two ")]
    hashes = [f"'sha256-{each.decode()}'" for each in sums]
    assert policy["script-src"].split() == ["'self'", "blob:", "'wasm-unsafe-eval'", *hashes]
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe-inline" not in policy["script-src"]
    assert not any("http" in value or "*" in value for value in policy.values())


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_every_answer_has_them_also_a_refusal(host: str, page: Path) -> None:
    for kind in ("http", "websocket"):
        found = ask(Headers(Names(Behind()), page), scope_of(kind=kind, hosts=[host]))
        if found.status is not None:
            assert found.headers.items() >= ALWAYS.items()
            assert found.headers["content-security-policy"] == policy_for(page.read_bytes())


def test_they_replace_what_the_application_says(page: Path) -> None:
    async def lax(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"X-Frame-Options", b"ALLOWALL"), (b"etag", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    found = ask(Headers(lax, page), scope_of())
    assert found.headers["etag"] == "1"
    assert found.headers["x-frame-options"] == "SAMEORIGIN"
    assert "X-Frame-Options" not in found.headers


def test_pages_are_kept_apart_where_browsers_do_so(page: Path) -> None:
    guard = Headers(Behind(), page)
    for scope, has in (
        (scope_of(hosts=["localhost:1"]), True),
        (scope_of(hosts=["192.168.1.5"]), False),
        (scope_of(hosts=["192.168.1.5"], scheme="https"), True),
    ):
        assert ("cross-origin-opener-policy" in ask(guard, scope).headers) == has


def test_what_raises_is_a_sentence_and_a_traceback_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ValueError("/home/somebody/secret")

    found = ask(Faults(broken), scope_of("/x"))
    assert (found.status, found.body) == (500, SENTENCE)
    assert "/home/somebody/secret" in caplog.text
    with pytest.raises(ValueError, match="secret"):
        ask(Faults(broken), scope_of(kind="websocket"))
