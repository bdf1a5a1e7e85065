"""Who may ask: the names that the site is reached by, and the pages that may talk to it.

A web page elsewhere can let a name of its own lead to this computer (DNS rebinding), and the
browser then takes the site for a part of that page. So only names that are the site's are answered.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection
from typing import NamedTuple

from .asgi import App, Receive, Scope, Send, refuse, values_of

_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::(?P<port>[0-9]{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}

_UNKNOWN = (
    "The site is not reached by this name. Open it at the address that was printed when it was "
    "started, or start it with --allow-host NAME (or ALI5_ALLOW_HOST=NAME) for one more."
)
_FOREIGN = "Pages from elsewhere may not use this site. Open it in a tab of its own."


class Place(NamedTuple):
    """A host as browsers name it, and its port if there was one.

    Attributes:
        host: In lower case, without a dot at the end; an address is in its shortest form.
        port: From 0 to 65535, or None.
    """

    host: str
    port: int | None


def place_of(text: str) -> Place | None:
    """Read a Host header, or what follows the scheme in an Origin; None if it is none."""
    found = _HOST.fullmatch(text.lower())
    if found is None:
        return None
    port = None if found["port"] is None else int(found["port"])
    if port is not None and port > 65535:
        return None
    if found["v6"] is not None:
        address = address_of(found["v6"])
        return None if address is None else Place(str(address), port)
    name = found["name"].rstrip(".")
    return Place(name, port) if name else None


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address; an IPv4 one that is written as IPv6 is that IPv4 one. None if it is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def url_of(scheme: str, host: str, port: int | None) -> str:
    """Return the address of a site, as it ends in "/"; an address of IPv6 stands in brackets."""
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{'' if port is None else f':{port}'}/"


def is_of_this_computer(host: str) -> bool:
    """Whether a host, in lower case, only ever means the computer that the browser runs on."""
    address = address_of(host)
    return host == "localhost" if address is None else address.is_loopback


class Names:
    """Refuses requests for a host that is not the site's, and from pages that are not.

    Allowed are this computer's own names, the address that the request has come to, and, where
    that is no loopback address, the computer's name in the network.
    """

    def __init__(self, app: App, allowed: Collection[str] = ()) -> None:
        """Guard an application.

        Args:
            app: The next one.
            allowed: Further names in lower case; "*.example.org" for all below it, "*" for any.
        """
        self._app = app
        self._allowed = frozenset(allowed)
        name = socket.gethostname().lower().rstrip(".")
        short = name.partition(".")[0]
        self._machine = {name, short, f"{short}.local"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it."""
        if scope["type"] in ("http", "websocket"):
            hosts = values_of(scope, b"host")
            host = place_of(hosts[0]) if len(hosts) == 1 else None
            if host is None or not self._is_ours(host.host, scope):
                return await refuse(scope, send, 400, _UNKNOWN)
            origins = values_of(scope, b"origin")
            if not all(self._may_ask(origin, host) for origin in origins):
                return await refuse(scope, send, 403, _FOREIGN)
        return await self._app(scope, receive, send)

    def _is_ours(self, host: str, scope: Scope) -> bool:
        if is_of_this_computer(host) or "*" in self._allowed or self._is_named(host):
            return True
        server = scope.get("server") or ("", None)
        here = address_of(str(server[0]))
        if here is None or here.is_loopback:
            return False
        return host in self._machine or address_of(host) == here

    def _is_named(self, host: str) -> bool:
        above = host.partition(".")[2]
        parents = [host]
        while above:
            parents.append(f"*.{above}")
            above = above.partition(".")[2]
        return not self._allowed.isdisjoint(parents)

    def _may_ask(self, origin: str, host: Place) -> bool:
        """Whether a page may: it is the site's own, seen through a proxy or not."""
        scheme, _, rest = origin.lower().partition("://")
        page, default = place_of(rest), _DEFAULT_PORTS.get(scheme)
        if page is None or default is None:
            return False
        port = page.port or default
        if (page.host, port) == (host.host, host.port or default):
            return True
        # A proxy may have asked by another name than the browser did.
        return port == default and self._is_named(page.host)
