"""What the command line says when the site is up, and the browser that it opens."""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
import threading
import webbrowser
from collections.abc import Mapping

from .classroom import CLASSROOM, way_in, why_unreachable
from .hosting import Site


def greeting(version: str, site: Site) -> str:
    """Return the words: what this is, where it is, how to stop it."""
    lines = [f"ALI5 {version} looks into neural networks.", ""]
    lines.append(f"  On this computer  {site.url}")
    lines += [f"  On the network    {url}" for url in site.urls]
    if site.urls and not site.url.startswith("https"):
        lines.append("  Browsers give a camera to https only: see --cert and --key.")
    if CLASSROOM.is_on:
        lines += [
            "",
            "For the projector: the address in large letters, with a QR code",
        ]
        lines.append(f"  {(site.urls or [site.url])[0]}class")
        if not site.urls:
            lines += [f"  {line}" for line in textwrap.wrap(why_unreachable(), 78)]
        lines += ["For you alone: no limits, and switches for those of the class"]
        lines.append(f"  {way_in(site.url)}")
    return "\n".join([*lines, "", "Stop it with Ctrl-C."])


def open_browser(url: str) -> None:
    """Open a page, and wait for nobody."""
    if has_screen(sys.platform, os.environ):

        def open_() -> None:
            with contextlib.suppress(webbrowser.Error):
                webbrowser.open(url)

        threading.Thread(target=open_, name="ali5-browser", daemon=True).start()


def has_screen(platform: str, environ: Mapping[str, str]) -> bool:
    """Whether a browser would have a window: without one, some would take the terminal."""
    named = any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    return platform in ("win32", "cygwin", "darwin") or named
