"""Serve the site from this process: for the command line, and for `ali5.explore`.

The engine knows nothing of the site but where it lies; Streamlit and its server are imported here
by name, when somebody wants to look. All that stays the user's: names of modules, `__main__`.
"""

from __future__ import annotations

import contextlib
import importlib
import socket
import sys
import threading
import time
import tomllib
from typing import Any

from ali5.errors import Ali5Error
from ali5.paths import SITE

PATIENCE_S = 30

ENTRY = SITE / "app" / "entry" / "in-process.py"
"""The script that is run for every visit: beside it lies nothing that could be imported."""

MAIN_OF_THE_USER = sys.modules.get("__main__")
"""What `ali5` was imported for; Streamlit puts its script in that place whenever it runs."""


def free_port(host: str) -> int:
    """Return the first port from 8501 that nobody listens on.

    Raises:
        Ali5Error: There is no such host, or no free port.
    """
    try:
        family = socket.getaddrinfo(host, 8501, type=socket.SOCK_STREAM)[0][0]
    except socket.gaierror as error:
        raise Ali5Error(f"There is no host '{host}'. Try 127.0.0.1, or 0.0.0.0 for all.") from error
    for port in range(8501, 8601):
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except OSError:
                continue
            return port
    raise Ali5Error(f"There is no free port from 8501 to 8600 on {host}. Name one with --port.")


def _configure(options: Any) -> None:
    """Set Streamlit up as the site wants it, wherever its script lies."""
    file = SITE / "app" / ".streamlit" / "config.toml"
    sections = [("", tomllib.loads(file.read_text("utf-8")))]
    for section, values in sections:
        for name, value in values.items():
            if isinstance(value, dict):
                sections.append((f"{section}{name}.", value))
            else:
                options.set_option(f"{section}{name}", value, str(file))


class Site:
    """The site, served in the background of this process until it is stopped.

    Attributes:
        url: Its address.
    """

    def __init__(self, port: int | None = None) -> None:
        """Start it, on 127.0.0.1 only.

        Args:
            port: The first free one from 8501, if not given.

        Raises:
            Ali5Error: It cannot be served there.
        """
        host = "127.0.0.1"
        port = free_port(host) if port is None else port
        uvicorn, streamlit = (
            importlib.import_module("uvicorn"),
            importlib.import_module("streamlit"),
        )
        _configure(importlib.import_module("streamlit.config"))
        config = uvicorn.Config(
            streamlit.App(ENTRY),
            host=host,
            port=port,
            log_config=None,
            log_level="warning",
            access_log=False,
            ws_max_size=2**26,
        )
        self.url = f"http://{host}:{port}/"
        self._server: Any = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="ali5-site", daemon=True)
        self._thread.start()
        until = time.monotonic() + PATIENCE_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > until:
                raise Ali5Error(f"The site cannot be served on port {port}. Name another one.")
            time.sleep(0.02)

    def _run(self) -> None:
        with contextlib.suppress(SystemExit):  # the port is taken
            self._server.run()

    @property
    def running(self) -> bool:
        """Whether it still answers."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)

    def wait(self) -> None:
        """Wait until it is stopped, or the user presses Ctrl-C."""
        try:
            while self.running:
                self._thread.join(0.5)
        except KeyboardInterrupt:
            self.stop()
