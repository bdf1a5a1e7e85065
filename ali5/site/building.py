"""The site as one ASGI application: Streamlit, set up and guarded, however it is started.

`parts` is what `streamlit.App` is made of. `ali5`, `python -m ali5` and `ali5.explore` serve it by
`ali5.site.hosting`; `app/main.py` is for `streamlit run` and for servers such as uvicorn.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ali5.paths import SITE

from .bundles import Bundles
from .classroom import CLASSROOM
from .crowd import Crowd, most_away, most_here, raise_file_limit, remember_few
from .files import Files
from .guard import faults
from .guard.faults import SENTENCE, Faults
from .guard.headers import Headers
from .guard.names import Names, address_of
from .guard.uploads import Limits, Uploads
from .memory import budget_bytes
from .settings import HERE, Settings, settle
from .static import Static
from .warming import Knocks, Warming

if TYPE_CHECKING:
    from streamlit import App
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

VISIT = SITE / "app" / "entry" / "each-visit.py"
"""The script that is run for every visit: beside it lies nothing that could be imported."""

MOST_OF_A_FILE = 64 * 2**20
"""Bytes of an upload; own weights may be as large as Streamlit lets anything be."""

_FIXED = {"server.headless": True, "browser.gatherUsageStats": False}
"""What no setting of Streamlit's own changes: it offers nothing, and tells nobody."""


def parts(settings: Settings | None = None) -> dict[str, Any]:
    """Set Streamlit up in this process, and return what its `App` is to be made of.

    Args:
        settings: Those of the environment, if not given.

    Raises:
        Ali5Error: A setting of the environment is not possible.
    """
    settings = settle() if settings is None else settings
    if settings.memory is not None:  # for whoever keeps something in this process
        os.environ["ALI5_MEMORY"] = str(settings.memory)
    os.environ["ALI5_ENGINE"] = settings.engine
    CLASSROOM.begin(settings)
    # Before torch is loaded: GNU's OpenMP lets threads that wait for one another run on the spot
    # for milliseconds. Beside a busy browser this kept every layer waiting for its turn on a core.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import streamlit
    from starlette.middleware import Middleware
    from streamlit import config

    _configure(config, settings)
    _stay_here()
    _log_no_refusals()
    largest = config.get_option("server.maxUploadSize") * 2**20
    kept = min(settings.all_uploads, budget_bytes() // 2)  # the rest is for what is computed
    limits = Limits(MOST_OF_A_FILE, largest, min(settings.visitor_uploads, kept), kept)
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    warming = Warming(settings.engine == HERE)
    return {
        "script_path": VISIT,
        "middleware": [
            Middleware(Knocks, warming=warming),
            Middleware(Headers, page=page),
            Middleware(Faults),
            Middleware(Names, allowed=_names(config, settings)),
            Middleware(Crowd),
            Middleware(Uploads, limits=limits, stored=stored_bytes),
            Middleware(Bundles),
            Middleware(Static, folder=page.parent),
            Middleware(Files),
        ],
        "lifespan": _lifespan_with(warming),
        "on_script_error": _say_that_it_failed,
    }


def _configure(config: Any, settings: Settings) -> None:
    """Set Streamlit up as the site wants it, wherever its script lies.

    What its own command line or environment says stays as it is, but for what is fixed.
    """
    file = SITE / "app" / ".streamlit" / "config.toml"
    sections = [("", tomllib.loads(file.read_text("utf-8")))]
    for section, values in sections:
        for name, value in values.items():
            key = f"{section}{name}"
            if isinstance(value, dict):
                sections.append((f"{key}.", value))
            elif "environment variable" not in config.get_where_defined(key):
                config.set_option(key, value, str(file))
    if settings.is_secure:
        config.set_option("server.sslCertFile", settings.cert, str(file))
        config.set_option("server.sslKeyFile", settings.key, str(file))
    for key, value in _FIXED.items():
        config.set_option(key, value, str(file))


def _names(config: Any, settings: Settings) -> set[str]:
    """Return the names that the site is served by, in lower case; addresses are known as they are.

    Those are ours and Streamlit's own, for whoever starts it by `streamlit run`.
    """
    theirs = [config.get_option("server.address") or "", *config.get_option("server.allowedHosts")]
    given = {name.lower().rstrip(".") for name in (settings.host, *theirs)}
    return {*settings.allow_host, *(name for name in given if name and address_of(name) is None)}


def _stay_here() -> None:
    """Let Streamlit ask nobody for this computer's addresses, and write no upload to a disk."""
    from starlette.formparsers import MultiPartParser
    from streamlit import env_util, net_util

    net_util.get_external_ip = lambda: None
    net_util.get_internal_ip = lambda: None
    MultiPartParser.spool_max_size = 2**40
    # It would look through the files of all modules while the first visitor waits, for up to half a
    # second, only to tell somebody at a prompt that this is no way to start it.
    env_util.is_repl = lambda: False


def _log_no_refusals() -> None:
    """Keep uvicorn from writing a line for every websocket that is refused: anybody can knock.

    It takes the answer to a refused one for none at all.
    """
    words = "ASGI callable returned without completing handshake."
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.getMessage() != words)


def _lifespan_with(warming: Warming) -> Callable[[App], AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[None]:
        from streamlit import runtime

        from .downloads import keep_downloads

        files = raise_file_limit()
        Crowd.most = most_here(files)
        remember_few(runtime.get_instance(), most_away(files))
        keep_downloads(runtime.get_instance())
        hush_libtiff()
        async with warming.lifespan(app):
            yield

    return lifespan


def hush_libtiff() -> None:
    """Let libtiff complain of odd files to nobody: whoever opens one gets a sentence from us."""
    from PIL import _imaging

    with contextlib.suppress(OSError, AttributeError):  # it can be a part of Pillow's own file
        library = ctypes.CDLL(_imaging.__file__)
        library.TIFFSetErrorHandler(None)
        library.TIFFSetWarningHandler(None)


def _say_that_it_failed(error: Exception) -> bool:
    """Show a sentence instead of the error, which Streamlit has written to its log."""
    import streamlit as st

    found = faults.says(error)
    st.error(found or f"{SENTENCE} Whoever runs this site finds the reason in its log.")
    return True


def stored_bytes(session: str | None) -> int:
    """Return how many bytes of uploads are kept of a session, or with None of all sessions."""
    from streamlit import runtime

    if not runtime.exists():
        return 0
    kept: MemoryUploadedFileManager = runtime.get_instance().uploaded_file_mgr  # type: ignore[assignment]
    if session is None:
        return sum(each.byte_length for group in kept.get_stats().values() for each in group)
    files = kept.file_storage.get(session, {})
    return sum(len(each.data) for each in list(files.values()))
