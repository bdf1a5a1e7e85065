"""How a process comes to speak with Ray: it starts one on this machine, or finds one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import ray
from ray import serve

from ali5.errors import Ali5Error
from ali5.site.memory import budget_bytes

from ..engine.far.line import is_local
from .deploy import APPLICATION, cores, engine

STORE_BYTES = 200 * 2**20
"""For what goes to and fro between replicas; the answers of ALI5 are smaller than that goes by."""

LOOPBACK = "127.0.0.1"

NOT_DEPLOYED = (
    "ALI5's engine is not deployed on the cluster at {address}. Whoever runs it does that with "
    "`ali5 deploy`."
)


UNREACHABLE = (
    "There is no cluster of Ray at {address} that can be reached from here: {why} Start one with "
    "`ray start --head`, and see to it that the same versions of Ray and Python run there."
)


def connect(address: str) -> None:
    """Connect this process to the engine.

    Args:
        address: "ray" or "ray:3" starts one here, for this process alone; "auto" or
            "ray://HOST:PORT" is a cluster that runs it.

    Raises:
        Ali5Error: It cannot be reached, or does not run there.
    """
    if is_local(address):
        _start(int(address.partition(":")[2] or cores()))
        return
    attach(address)
    if APPLICATION not in serve.status().applications:
        raise Ali5Error(NOT_DEPLOYED.format(address=address))


def attach(address: str) -> None:
    """Connect this process to a cluster.

    Raises:
        Ali5Error: It cannot be reached.
    """
    try:
        ray.init(address, **_quietly())
    except Exception as error:
        why = str(error).strip().partition("\n")[0].rstrip(".") + "."
        raise Ali5Error(UNREACHABLE.format(address=address, why=why)) from error


def deploy_here(options: Mapping[str, Any]) -> None:
    """Have the cluster that this process is connected to run the engine; waits until it does.

    Args:
        options: As for `deploy.engine`.
    """
    serve.start(proxy_location="Disabled", logging_config=_logging())
    serve.run(engine(options), name=APPLICATION, route_prefix=None, logging_config=_logging())


def _start(replicas: int) -> None:
    ray.init(
        address="local",
        num_cpus=replicas,
        include_dashboard=False,
        object_store_memory=STORE_BYTES,
        _node_ip_address=LOOPBACK,
        **_quietly(),
    )
    deploy_here({"replicas": replicas, "memory": str(budget_bytes() // replicas)})


def _logging() -> dict[str, Any]:
    return {"encoding": "JSON", "log_level": "WARNING", "enable_access_log": False}


def _quietly() -> dict[str, Any]:
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    return {"logging_level": logging.WARNING, "log_to_driver": True}
