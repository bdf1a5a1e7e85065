"""Knocking at a running site: with any Host and Origin, and as a visitor without a browser."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


@dataclass
class Knock:
    """A site on this computer, and what it answered last."""

    port: int
    status: int = 0
    headers: Mapping[str, str] | None = None
    body: str = ""

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> Knock:
        """Ask it; a header's name is written with `_`, and Host is this computer if not given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Host": f"127.0.0.1:{self.port}"} | named)
        answer = connection.getresponse()
        self.status, self.body = answer.status, answer.read().decode("utf-8", "replace")
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return self

    def shake(self, host: str = "", origin: str = "") -> int:
        """Return the status that a websocket's handshake is answered with."""
        lines = [
            "GET /_stcore/stream HTTP/1.1",
            f"Host: {host or f'127.0.0.1:{self.port}'}",
            *([f"Origin: {origin}"] if origin else []),
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: streamlit",
        ]
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode())
            return int(line.recv(4096).split()[1])


class Visitor:
    """Somebody with a session, who never asks for a page."""

    def __init__(self, knock: Knock, line: ClientConnection) -> None:
        self.knock, self.line = knock, line
        self.token = "2|00000000|0102030405060708|1"  # what cookie and header have in common

    def say(self, message: BackMsg, wanted: str) -> ForwardMsg:
        """Send a message, and return the first answer of a kind."""
        self.line.send(message.SerializeToString())
        while True:
            found = ForwardMsg.FromString(self.line.recv(timeout=30))
            if found.WhichOneof("type") == wanted:
                return found

    def place_for(self, name: str) -> str:
        """Return the path that a file is to be put to."""
        message = BackMsg()
        message.file_urls_request.request_id = "1"
        message.file_urls_request.file_names.append(name)
        found = self.say(message, "file_urls_response")
        return found.file_urls_response.file_urls[0].upload_url

    def put(self, path: str, size: int, name: str = "x.png") -> int:
        """Upload so many bytes; returns the status."""
        head = f'--b\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'
        body = head.encode() + bytes(size) + b"\r\n--b--\r\n"
        return self.knock.ask(
            path,
            "PUT",
            body,
            Content_Type="multipart/form-data; boundary=b",
            X_Xsrftoken=self.token,
            Cookie=f"_streamlit_xsrf={self.token}",
        ).status

    def take_away(self, path: str) -> int:
        """Delete an upload; returns the status."""
        cookie = f"_streamlit_xsrf={self.token}"
        return self.knock.ask(path, "DELETE", X_Xsrftoken=self.token, Cookie=cookie).status


@contextmanager
def visiting(knock: Knock) -> Iterator[Visitor]:
    """Come as a visitor, and leave."""
    address = f"ws://127.0.0.1:{knock.port}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None) as line:  # type: ignore[list-item]
        yield Visitor(knock, line)


def wait_for(knock: Knock, server: subprocess.Popen[str]) -> None:
    """Wait until a site answers."""
    for _ in range(600):
        try:
            assert knock.ask("/_stcore/health").body == "ok"
            return
        except OSError:
            assert server.poll() is None, server.communicate()
            time.sleep(0.05)
    raise AssertionError("it does not answer")
