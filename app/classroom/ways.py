"""The address that learners open, and its QR code. No Streamlit."""

from __future__ import annotations

from urllib.parse import urlsplit

import segno

from ali5.site.guard.names import is_of_this_computer, url_of


def address_for_learners(url: str, outward: list[str]) -> str:
    """Return the address to open on another device; "" if there is none.

    Args:
        url: How the teacher's browser has opened the site.
        outward: This computer's addresses on its network.
    """
    seen = urlsplit(url)
    host = (seen.hostname or "").rstrip(".")
    if host and is_of_this_computer(host):
        host = next(iter(outward), "")
    return url_of(seen.scheme, host, seen.port) if host else ""


def code_of(address: str) -> str:
    """Return the QR code of an address as a picture for `<img>`, with its quiet zone.

    It can be read with a seventh of it covered (level M of ISO/IEC 18004).
    """
    code = segno.make_qr(address, error="m")
    return str(code.svg_data_uri(scale=8, border=4, light="#fff"))
