"""Where a replica listens: on the address of its machine in the cluster, and on no other."""

from __future__ import annotations

import contextlib
from typing import Any

import ray


def keep_to_this_address() -> None:
    """Have Serve open a replica's port on this node's address alone; call it while that begins.

    Everything else of Ray does so by itself, and Serve for want of a setting on all addresses.
    There is no public way; `tests/test_cluster.py` notices when this one changes.
    """
    address = ray.util.get_node_ip_address()
    host = f"[{address}]" if ":" in address else address
    with contextlib.suppress(ImportError, AttributeError):
        from ray.serve._private import replica

        add_port = replica.add_port_to_grpc_server

        def add(server: Any, where: str) -> Any:
            return add_port(server, where.replace("[::]", host))

        replica.add_port_to_grpc_server = add
