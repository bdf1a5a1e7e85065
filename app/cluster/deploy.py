"""The engine as an application of Ray Serve: `engine` builds it, here or from a config file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ray import serve
from ray.serve.config import RequestRouterConfig

from .replica import MOST_AT_ONCE, Replica

APPLICATION = "ali5"
"""What it is called in the cluster."""

CPU, GPU = "engine", "engine-gpu"
"""Its deployments: the second one is there where GPUs are given."""

MOST_QUEUED = 200
"""So many requests of one site wait for a replica that may take them; more are refused."""

IMPORT_PATH = "ali5.site.app.cluster.deploy:engine"
ROUTER = "ali5.site.app.cluster.router:ByTrace"


def engine(options: Mapping[str, Any]) -> Any:
    """Return the application.

    Args:
        options: `replicas` (1 if not given), `threads` of each (1), `memory` that each keeps at
            most ("512M"); `gpu_replicas` (0), and `gpu_share` (1.0), the part of a GPU that each of
            these has.
    """
    threads, memory = int(options.get("threads", 1)), str(options.get("memory", ""))
    cpu = _deployment(CPU, int(options.get("replicas", 1)), {"num_cpus": threads}, threads)
    gpus = int(options.get("gpu_replicas", 0))
    if not gpus:
        return cpu.bind(threads, memory, "cpu")
    share = float(options.get("gpu_share", 1.0))
    gpu = _deployment(GPU, gpus, {"num_cpus": 1, "num_gpus": share}, 1)
    return cpu.bind(threads, memory, "cpu", gpu.bind(1, memory, "auto"))


def _deployment(name: str, replicas: int, needs: dict[str, float], threads: int) -> Any:
    environment = {"env_vars": {"OMP_NUM_THREADS": str(threads), "GOMP_SPINCOUNT": "1000"}}
    return serve.deployment(
        Replica,
        name=name,
        num_replicas=replicas,
        max_ongoing_requests=MOST_AT_ONCE,
        max_queued_requests=MOST_QUEUED,
        ray_actor_options={**needs, "runtime_env": environment},
        request_router_config=RequestRouterConfig(request_router_class=ROUTER),
        health_check_period_s=5,
        health_check_timeout_s=30,
        graceful_shutdown_timeout_s=5,
        logging_config={"encoding": "JSON", "log_level": "WARNING", "enable_access_log": False},
    )


def cores() -> int:
    """Return how many replicas a machine can have that compute with one thread each."""
    return os.cpu_count() or 1
