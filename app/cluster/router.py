"""Ray Serve's way to ask `routing`."""

from __future__ import annotations

from typing import Any

from ray.serve.request_router import PendingRequest, ReplicaID, RequestRouter, RunningReplica

from .routing import Homes


class ByTrace(RequestRouter):  # type: ignore[misc]
    """Leads a request to the replica that has its trace; its first argument says which one."""

    def initialize_state(self, **_: Any) -> None:
        """Begin without knowing any."""
        self._led = Homes()

    async def choose_replicas(
        self,
        candidate_replicas: list[RunningReplica],
        pending_request: PendingRequest | None = None,
    ) -> list[list[RunningReplica]]:
        """Return the replica that a request is for, and then all others: the least busy is next."""
        known = {str(each.replica_id.unique_id): each for each in candidate_replicas}
        route = _route_of(pending_request)
        return [[known[name] for name in rank] for rank in self._led.ranks(route, known)]

    def on_request_routed(
        self, pending_request: PendingRequest, replica_id: ReplicaID, result: Any
    ) -> None:
        """Note where it went."""
        self._led.note(_route_of(pending_request), str(replica_id.unique_id))


def _route_of(pending: PendingRequest | None) -> str:
    return str(pending.args[0]) if pending is not None and pending.args else ""
