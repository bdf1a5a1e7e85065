"""Serve the site from this process: for the command line, and for `ali5.explore`.

The engine knows nothing of the site but where it lies; Streamlit and its server are imported here
by name, when somebody wants to look. All that stays the user's: names of modules, `__main__`.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import ipaddress
import os
import socket
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ali5.errors import Ali5Error

from .building import parts
from .guard.names import is_of_this_computer, url_of
from .settings import Settings

PATIENCE_S = 30

PARTING_S = 3
"""So long a visitor's last answer may take when the site is stopped."""

MOST_PER_MESSAGE = 25 * 2**20
"""Bytes of one message from a browser; Streamlit takes no more of it either."""

MAIN_OF_THE_USER = sys.modules.get("__main__")
"""What `ali5` was imported for; Streamlit puts its script in that place whenever it runs."""

FIRST_PORT, LAST_PORT = 8501, 8600


def listen(host: str, port: int | None = None) -> socket.socket:
    """Return a socket that listens on a host.

    Args:
        host: A name or an address of this computer; "0.0.0.0" or "::" are all of them.
        port: The first one from 8501 that nobody listens on, if not given.

    Raises:
        Ali5Error: There is no such host here, or the port is not free.
    """
    if port is not None and not 1 <= port <= 65535:
        raise Ali5Error(f"There is no port {port}: they go from 1 to 65535.")
    try:
        family, *_, where = socket.getaddrinfo(host, port or FIRST_PORT, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise Ali5Error(f"There is no host '{host}'. Try 127.0.0.1, or 0.0.0.0 for all.") from error
    trials = range(FIRST_PORT, LAST_PORT + 1) if port is None else [port]
    for each in trials:
        # By its protocol asyncio knows that every piece is to go out at once: else one waits, up to
        # 40 ms, until the other side has said that it has the last.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name != "nt":  # there it would let two servers have one port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6 and hasattr(socket, "IPV6_V6ONLY"):
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != "::")
            listener.bind((where[0], each, *where[2:]))
            listener.listen(2048)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRNOTAVAIL:
                raise Ali5Error(f"'{host}' is not an address of this computer.") from error
            if port is not None:
                why = "is taken" if error.errno == errno.EADDRINUSE else "cannot be used"
                raise Ali5Error(
                    f"Port {port} on {host} {why}. Name another one with --port, or none for the "
                    "first that is free."
                ) from error
            continue
        return listener
    raise Ali5Error(
        f"There is no free port from {FIRST_PORT} to {LAST_PORT} on {host}. Name one with --port."
    )


def check_certificate(settings: Settings) -> None:
    """See to it that https is possible with the files that were named, if any were.

    Raises:
        Ali5Error: It is not.
    """
    if not settings.is_secure:
        return
    for file in (settings.cert, settings.key):
        if not Path(file).is_file():
            raise Ali5Error(f"There is no file '{file}' for https.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.cert, settings.key, password=""
        )
    except (OSError, ValueError) as error:
        raise Ali5Error(
            f"'{settings.cert}' and '{settings.key}' are no certificate and its key in PEM format, "
            "the key without a password."
        ) from error


class Site:
    """The site, served in the background of this process until it is stopped.

    Attributes:
        url: Its address, as it is opened on this computer.
        urls: The addresses that it may be reached by from others, if it listens to them.
    """

    def __init__(self, settings: Settings) -> None:
        """Start it.

        Raises:
            Ali5Error: It cannot be served as the settings say.
        """
        check_certificate(settings)
        self._socket = listen(settings.host, settings.port)
        self.url, self.urls = _addresses(settings, self._socket.getsockname()[1])
        uvicorn = importlib.import_module("uvicorn")
        app = importlib.import_module("streamlit").App(**parts(settings))
        modern = "websockets-sansio" in importlib.import_module("uvicorn.config").WS_PROTOCOLS
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            ssl_certfile=settings.cert or None,
            ssl_keyfile=settings.key or None,
            timeout_graceful_shutdown=PARTING_S,
            ws="websockets-sansio" if modern else "auto",
            ws_max_size=MOST_PER_MESSAGE,
            ws_per_message_deflate=False,
        )
        self._server: Any = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="ali5-site", daemon=True)
        self._thread.start()
        until = time.monotonic() + PATIENCE_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > until:
                raise Ali5Error("The site cannot be served. Its log says why.")
            time.sleep(0.02)

    def _run(self) -> None:
        with contextlib.suppress(SystemExit), contextlib.closing(self._socket):
            self._server.run(sockets=[self._socket])

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
        with contextlib.suppress(KeyboardInterrupt):
            self.serve()

    def serve(self) -> None:
        """Wait until it is stopped; whatever ends the waiting stops it."""
        try:
            while self.running:
                self._thread.join(0.5)
        finally:
            self.stop()


def _addresses(settings: Settings, port: int) -> tuple[str, list[str]]:
    """Return the address on this computer, and those on the network."""
    scheme = "https" if settings.is_secure else "http"
    if settings.host == "0.0.0.0":
        own, others = "127.0.0.1", _outward(False)
    elif settings.host == "::":
        own, others = "127.0.0.1", outward_addresses()
    else:
        own = settings.host
        others = [] if is_of_this_computer(own) else [own]
    return url_of(scheme, own, port), [url_of(scheme, host, port) for host in others]


def outward_addresses() -> list[str]:
    """Return the addresses that this computer has on its network, that of IPv4 first."""
    return [*_outward(False), *_outward(True)]


def _outward(is_v6: bool) -> list[str]:
    """Return the address that this computer has on its network, if there is one.

    Nothing is sent and no name is looked up: a route is asked for, to an address of no one.
    """
    family, nobody = (socket.AF_INET6, "2001:db8::1") if is_v6 else (socket.AF_INET, "192.0.2.1")
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as trial:
            trial.connect((nobody, 9))
            found = str(trial.getsockname()[0])
    except OSError:
        return []
    address = ipaddress.ip_address(found.partition("%")[0])
    return [] if address.is_loopback or address.is_unspecified else [str(address)]
