"""Streamlit's files are handed out as they are, and nothing else of the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ali5.site.static import Static

SCRIPT = b"export {};"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "page/static/js").mkdir(parents=True)
    (tmp_path / "page/static/js/index.abc.js").write_bytes(SCRIPT)
    (tmp_path / "page/static/note.txt").write_bytes(b"no type of ours")
    (tmp_path / "page/index.html").write_bytes(b"the page")
    (tmp_path / "secret.js").write_bytes(b"secret")
    return tmp_path / "page"


def ask(folder: Path, path: str, method: str = "GET", **headers: str) -> tuple[int, Any, bytes]:
    """What is answered: status, headers and body; 404 by the application behind."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def behind(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(Static(behind, folder)(scope, None, send))  # type: ignore[arg-type]
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


def test_a_script_comes_whole_and_for_good(folder: Path) -> None:
    status, headers, body = ask(folder, "/static/js/index.abc.js")
    assert (status, body) == (200, SCRIPT)
    assert headers[b"content-type"].startswith(b"text/javascript")
    assert headers[b"content-length"] == b"10"
    assert b"immutable" in headers[b"cache-control"]


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        *(("/index.html", "GET", {}), ("/static/note.txt", "GET", {}), ("/", "GET", {})),
        *(("/static/../../secret.js", "GET", {}), ("//static/js/index.abc.js", "GET", {})),
        ("/static/js/..%2f..%2f..%2fsecret.js", "GET", {}),
        *(("/static/js/index.abc.js", "HEAD", {}), ("/static/js/index.abc.js", "POST", {})),
        ("/static/js/index.abc.js", "GET", {"range": "bytes=0-1"}),
    ],
)
def test_all_else_is_the_application_s(
    folder: Path, path: str, method: str, headers: dict[str, str]
) -> None:
    assert ask(folder, path, method, **headers)[0] == 404


def test_what_does_not_come_by_http_is_handed_on(folder: Path) -> None:
    seen: list[str] = []

    async def behind(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    for kind in ("lifespan", "websocket"):
        scope = {"type": kind, "path": "/static/js/index.abc.js", "headers": []}
        asyncio.run(Static(behind, folder)(scope, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan", "websocket"]
