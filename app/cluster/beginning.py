"""How the process beside the site begins: what Ray reads when it is imported is set before."""

from __future__ import annotations

import os
import secrets
from collections.abc import MutableMapping

from ..engine.far.line import is_local


def begin(address: str) -> int:
    """Do what the site says until it ends; return the exit status.

    Args:
        address: "ray", "ray:3", "auto" or "ray://HOST:PORT".
    """
    settle(os.environ, address)
    from .driver import serve_site

    return serve_site(address)


def settle(environ: MutableMapping[str, str], address: str) -> None:
    """Set what Ray goes by.

    Args:
        environ: Of this process, before Ray is imported.
        address: As for `begin`.
    """
    environ.pop("ALI5_ENGINE", None)  # replicas compute themselves
    environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it tells nobody
    environ.setdefault("RAY_SERVE_LOG_TO_STDERR", "0")
    # Who has lost Ray for so long ends, and the site, which waits no longer than that, begins anew.
    environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", "8")
    if is_local(address):
        # Its name says for which systems that is the default: nothing listens to other machines.
        environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        environ["RAY_AUTH_MODE"] = "token"  # nobody else on this machine may ask it
        environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
