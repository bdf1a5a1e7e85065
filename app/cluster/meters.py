"""What an operator may know of a replica: how much is asked, waited for, found and kept.

Ray gives these out as Prometheus metrics. They name networks, never pictures, files or visitors.
"""

from __future__ import annotations

import json
import logging

from ray.util.metrics import Counter, Gauge, Histogram

from ali5.known.catalog import catalog

from .. import engine
from . import answering

OTHER = "other"
"""What is asked of no network of the catalog: labs, own weights, taught heads."""

_log = logging.getLogger("ali5.engine")


class Meters:
    """The counters of one replica."""

    def __init__(self) -> None:
        tags = ("network",)
        self._requests = Counter(
            "ali5_requests", "Requests answered, by whether they computed.", ("network", "found")
        )
        self._seconds = Histogram(
            "ali5_answer_seconds",
            "From a request's coming to its answer.",
            [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
            tags,
        )
        self._computed = Counter("ali5_computing_seconds", "Time that requests computed.", tags)
        self._waiting = Gauge("ali5_waiting", "Requests that wait for their turn to compute.")
        self._kept = Gauge("ali5_kept_bytes", "What is kept, by network.", tags)

    def note(self, route: str, computed: float, took: float) -> None:
        """Note that a request was answered.

        Args:
            route: What it was about.
            computed: Seconds that it computed; 0 if all was there.
            took: Seconds from its coming to its answer.
        """
        network = network_in(route)
        found = "computed" if computed else "kept"
        self._requests.inc(1, {"network": network, "found": found})
        self._seconds.observe(took, {"network": network})
        if computed:
            self._computed.inc(computed, {"network": network})
        self._waiting.set(answering.waiting())
        for name, size in engine.kept_by_network().items():
            self._kept.set(size, {"network": name if name in catalog() else OTHER})
        if _log.isEnabledFor(logging.INFO):
            said = {"network": network, "found": found, "seconds": round(took, 4)}
            _log.info(json.dumps(said))


def network_in(route: str) -> str:
    """Return the network that a route names; `OTHER` for none of the catalog."""
    name = route.partition("/")[0]
    return name if name in catalog() else OTHER
