"""A web server on this computer that serves one file, well or badly."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ali5.known.records import Published


@dataclass
class Server:
    """What it serves and how, and what it was asked.

    Attributes:
        content: The file.
        cuts: Bytes after which the connection is cut, for each request in turn; then no more.
        ranges: Whether it can begin in the middle.
        stall_s: Wait so long after the first half of an answer.
        go_on: Wait for this after the first half of an answer.
        status: Answer with this instead, for each request in turn; then no more.
        asked: The Range header of every request, "" if there was none.
    """

    content: bytes
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    stall_s: float = 0.0
    go_on: threading.Event | None = None
    status: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    address: str = ""

    @property
    def published(self) -> Published:
        """The file's record, with the right checksum."""
        start = hashlib.sha256(self.content).hexdigest()[:8]
        return Published(f"{self.address}/small-{start}.pth", len(self.content) / 2**20, 0.5, 0.8)


@contextmanager
def serving(content: bytes, **how: object) -> Iterator[Server]:
    """Serve a file at 127.0.0.1 for as long as the block lasts."""
    server = Server(content, **how)  # type: ignore[arg-type]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            server.asked.append(wanted)
            if server.status:
                self.send_error(server.status.pop(0))
                return
            start = int(wanted[6:].rstrip("-")) if wanted and server.ranges else 0
            if wanted and server.ranges and start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = server.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if server.cuts:
                body = body[: server.cuts.pop(0)]
            half = len(body) // 2
            self.wfile.write(body[:half])
            self.wfile.flush()
            time.sleep(server.stall_s)
            if server.go_on is not None:
                server.go_on.wait(120)
            self.wfile.write(body[half:])

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A visitor who goes away in the middle is no fault."""

    http = Quiet(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
