"""`ali5 deploy`: a cluster comes to run the engine, or the file is written that says how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ali5.errors import Ali5Error

from .connecting import attach, deploy_here
from .deploy import APPLICATION, IMPORT_PATH


def config_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `serve deploy` takes.

    Args:
        options: As for `deploy.engine`.
    """
    return {
        "proxy_location": "Disabled",  # sites ask it within Ray, and nobody by HTTP
        "applications": [
            {
                "name": APPLICATION,
                "route_prefix": None,
                "import_path": IMPORT_PATH,
                "args": dict(options),
            }
        ],
    }


def deploy(cluster: str, options: Mapping[str, Any], file: Path | None) -> str:
    """Have a cluster run the engine, or write a config file; return what to say of it.

    Args:
        cluster: "auto" or "ray://HOST:PORT".
        options: As for `deploy.engine`.
        file: Where to write the config instead; None to deploy.

    Raises:
        Ali5Error: The cluster cannot be reached, or the file cannot be written.
    """
    if file is not None:
        try:
            file.write_text(yaml.safe_dump(config_of(options), sort_keys=False), "utf-8")
        except OSError as error:
            raise Ali5Error(f"'{file}' cannot be written: {error.strerror}.") from error
        return f"{file}: deploy it with `serve deploy {file}` on the cluster."
    attach(cluster)
    deploy_here(options)
    return f"The engine runs. Open a site with `ali5 --engine {cluster}`."
