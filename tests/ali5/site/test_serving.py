"""The site behaves the same however it is started."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit
from streamlit.proto.BackMsg_pb2 import BackMsg

from ali5.site.hosting import listen
from tests.ali5.site.guard.test_headers import ALWAYS
from tests.ali5.site.knocking import Knock, visiting, wait_for
from tests.conftest import ROOT

MB = 2**20

WAYS = {
    "ali5": "-c|import sys, ali5.__main__; sys.exit(ali5.__main__.main())|--no-browser|--port|{}",
    "python -m ali5": "-m|ali5|--no-browser|--port|{}",
    "streamlit run": "-m|streamlit|run|{root}/app/main.py|--server.port|{}",
    "uvicorn": "-m|uvicorn|ali5.site.app.main:app|--port|{}",
}

SAID = {
    "ALI5_DEVICE": "cpu",
    "ALI5_ALLOW_HOST": "ali5.example.org",
    "ALI5_VISITOR_UPLOADS": "4M",
    "ALI5_ALL_UPLOADS": "6M",
}


def start(way: str, port: int, folder: Path, **said: str) -> subprocess.Popen[str]:
    words = WAYS[way].format(port, root=ROOT).split("|")
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **said},
    )


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def end(server: subprocess.Popen[str], by: signal.Signals = signal.SIGTERM) -> str:
    """Stop a server; returns all that it has said."""
    server.send_signal(by)
    try:
        return server.communicate(timeout=30)[0]
    finally:
        server.kill()


@pytest.fixture(scope="module", params=WAYS)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Knock]:
    """A site that was started from an empty folder; what it says stays free of Streamlit."""
    knock, folder = Knock(free_port()), tmp_path_factory.mktemp("elsewhere")
    server = start(request.param, knock.port, folder, **SAID)
    wait_for(knock, server)
    yield knock
    said = end(server)
    assert "Traceback" not in said
    assert "You can now view" not in said
    assert "skills" not in said
    assert ("Stop it with Ctrl-C" in said) == ("ali5" in request.param)
    assert not list(folder.iterdir())


def test_every_kind_of_path_has_the_headers(site: Knock) -> None:
    files = Path(streamlit.__file__).parent / "static" / "static" / "js"
    script = next(files.glob("index.*.js")).name
    for path, status in {
        "/": 200,
        "/pixels": 200,
        "/pixels?picture=cat": 200,
        f"/static/js/{script}": 200,
        "/_stcore/health": 200,
        "/_stcore/host-config": 200,
        "/_stcore/metrics": 200,
        "/pixels/_stcore/health": 404,
        "/media/none.png": 404,
        "/component/none/x.js": 404,
        "/_stcore/bidi-components/none/x.js": 404,
        "/%2e%2e/secret": 400,
        "//evil.example/": 400,
        "/pixels/": 301,
    }.items():
        assert site.ask(path).status == status, path
        assert (site.headers or {}).items() >= ALWAYS.items(), path
        assert "'sha256-" in (site.headers or {})["content-security-policy"], path
        assert (site.headers or {})["cross-origin-opener-policy"] == "same-origin", path


def test_names_and_pages_that_are_not_the_site_s_are_refused(site: Knock) -> None:
    evil = f"evil.example:{site.port}"
    assert site.ask("/", Host=evil).status == 400
    assert "--allow-host" in site.body
    assert (site.headers or {}).items() >= ALWAYS.items()
    assert site.shake(evil, f"http://{evil}") == 400, "a page elsewhere gets in by its own name"
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", f"https://{evil}"):
        assert site.shake(origin=origin) == 403
        assert site.ask("/_stcore/upload_file/a/b", "PUT", b"x", Origin=origin).status == 403
    assert site.shake(origin=f"http://127.0.0.1:{site.port}") == 101
    assert site.shake("ali5.example.org", "https://ali5.example.org") == 101
    assert site.shake() == 101


def test_a_visitor_may_bring_so_much_and_no_more(site: Knock) -> None:
    with visiting(site) as visitor, visiting(site) as other:
        first, second = visitor.place_for("a.png"), visitor.place_for("b.png")
        assert visitor.put(first, 3 * MB) == 204
        assert visitor.put(second, 2 * MB) == 413
        assert "for one visitor" in site.body
        assert visitor.put(second.rpartition("/")[0] + "/nobody-asked", 2 * MB) == 413
        assert other.put(other.place_for("c.png"), 2 * MB) == 204
        assert other.put(other.place_for("d.png"), 2 * MB) == 413
        assert site.body.startswith("Others have brought so much")
        assert visitor.take_away(first) == 204
        assert visitor.put(second, 2 * MB) == 204


def test_nobody_can_have_anything_installed(site: Knock) -> None:
    with visiting(site) as visitor:
        message = BackMsg()
        session = visitor.place_for("x").split("/")[-2]
        message.backend_operation_request.request_id = "1"
        message.backend_operation_request.session_id = session
        message.backend_operation_request.install_skills.SetInParent()
        found = visitor.say(message, "backend_operation_response").backend_operation_response
        assert "headless" in found.error_reason + found.error_msg


INSIDE = """
import json, socket, sys, tempfile, time, urllib.request

asked = []
real = socket.getaddrinfo
def getaddrinfo(host, *more, **named):
    if host not in ("127.0.0.1", "0.0.0.0", None):
        asked.append(str(host))
        time.sleep(5)  # as a name server that does not answer
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")
    return real(host, *more, **named)
socket.getaddrinfo = getaddrinfo

spilled = []
tempfile.SpooledTemporaryFile.rollover = lambda file: spilled.append(file)
try:
    import resource
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
except ImportError:
    resource = None

from ali5.site.hosting import Site
from ali5.site.settings import settle
from tests.ali5.site.knocking import Knock, visiting

site = Site(settle({"host": "0.0.0.0"}, {}))
knock = Knock(int(site.url.rpartition(":")[2].strip("/")))
found = {"url": site.url, "foreign": [knock.shake(origin="http://evil.example") for _ in range(3)]}
with visiting(knock) as visitor:
    found["large"] = visitor.put(visitor.place_for("x.png"), 3 * 2**20)
    from ali5.site.building import stored_bytes
    from streamlit import runtime
    found["stored"] = [stored_bytes(None), stored_bytes(visitor.place_for("y").split("/")[-2])]
    session = visitor.place_for("z").split("/")[-2]
    runtime.get_instance().close_session(session)
    found["after"] = [stored_bytes(None), stored_bytes(session)]
serving = runtime.get_instance()
found["away"] = type(serving._session_mgr._session_storage).__name__
found["downloads"] = type(serving.media_file_mgr).__name__
from streamlit import net_util
found["addresses"] = [net_util.get_external_ip(), net_util.get_internal_ip()]
if resource is not None:
    found["files"] = resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 256
site.stop()
print(json.dumps({**found, "asked": asked, "spilled": len(spilled), "running": site.running}))
"""


def test_nobody_is_asked_for_anything_and_nothing_is_written(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", INSIDE],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    import json

    found = json.loads(run.stdout.splitlines()[-1])
    assert found["foreign"] == [403] * 3
    assert found["asked"] == [], "a name server that does not answer would let everybody wait"
    assert found["addresses"] == [None, None]
    assert found["away"] == "Away", "who has left would keep files open until they are garbage"
    assert found["downloads"] == "Downloads", "in a class a download would fail"
    assert found["large"] == 204
    assert found["spilled"] == 0
    assert found["stored"] == [3 * MB, 3 * MB]
    assert found["after"] == [0, 0]
    assert found.get("files", True)
    assert not found["running"]
    assert found["url"].startswith("http://127.0.0.1:")


def test_no_piece_of_an_answer_waits_for_the_one_before() -> None:
    found: list[int] = []

    async def serve() -> None:
        async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there = writer.get_extra_info("socket")
            found.append(there.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = listen("127.0.0.1")
        async with await asyncio.start_server(answer, sock=listener):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            await reader.read()
            writer.close()

    asyncio.run(serve())
    assert found
    assert found[0]


def test_streamlit_does_not_look_whether_this_is_a_prompt() -> None:
    from streamlit import env_util

    from ali5.site.building import parts

    parts()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspect, "stack", lambda: pytest.fail("it looks through all modules"))
        assert not env_util.is_repl()
