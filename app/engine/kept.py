"""Networks, traces and answers, each made once for all visitors and kept while there is room."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from .cache import ByteCache
from .picture import Picture
from .slots import slot

if TYPE_CHECKING:
    from ali5.classifying.comparing import Answer
    from ali5.networks.networks import Network
    from ali5.tracing.trace import Trace

NETWORK_BYTES = 1_500_000_000
"""Weights kept in memory for all visitors together."""

TRACE_BYTES = 700_000_000
"""Traces kept in memory for all visitors together, without what is remembered of them."""

ANSWER_BYTES = 16_000_000
"""Answers of networks, without their maps, kept in memory for all visitors together."""


def _network_bytes(built: Network) -> int:
    return sum(value.nbytes for value in built.module.state_dict().values())


def _drop_traces(network_key: Hashable) -> None:
    """A trace holds its network: when that has to go, its traces go with it."""
    _traces.forget(lambda key: isinstance(key, tuple) and key[:3] == network_key)


_traces: ByteCache[Trace] = ByteCache(TRACE_BYTES, lambda trace: trace.nbytes)
_answers: ByteCache[Answer] = ByteCache(ANSWER_BYTES, lambda answer: answer.nbytes)
_networks: ByteCache[Network] = ByteCache(NETWORK_BYTES, _network_bytes, _drop_traces)


def network(name: str, edition: str, weights: str) -> Network:
    """Return a network of the catalog, built once for all visitors.

    Args:
        name: Its id.
        edition: Its edition.
        weights: "bundled", "published" or "untrained".
    """
    from ali5.networks.networks import load

    given = None if weights == "bundled" else weights
    return _networks.get(
        (name, edition, weights), lambda: load(name, edition, given, device=device())
    )


def own_network(name: str, edition: str, digest: str, make: Callable[[], Network]) -> Network:
    """Return a network with a visitor's weights, built once for the same file.

    Args:
        name: Its id.
        edition: Its edition.
        digest: Of the file.
        make: Builds it.
    """
    return _networks.get((name, edition, digest), make)


def forget_other_own(key: str) -> None:
    """Forget the traces of networks that `ali5.explore` showed before this one."""
    _traces.forget(
        lambda each: isinstance(each, tuple) and each[2].startswith("own-") and each[2] != key
    )


def is_built(name: str, edition: str, weights: str) -> bool:
    """Tell whether a network can be had without waiting; `weights` may be a file's digest."""
    return (name, edition, weights) in _networks


def device() -> str:
    """Return the device that the site was started with."""
    return os.environ.get("ALI5_DEVICE", "auto")


def traced(
    built: Network,
    weights: str,
    picture: Picture,
    progress: Callable[[int, int], None] | None = None,
) -> Trace:
    """Return one picture's way through a network, computed once for all visitors.

    Args:
        built: The network.
        weights: What it was asked for by, a kind of weights or the digest of a file.
        picture: What it looks at.
        progress: Called before each step with its number and the count of all.
    """
    from ali5.tracing.trace import trace

    def run() -> Trace:
        with slot():
            return trace(built, picture.given, progress)

    return _traces.get(_key_for(built, weights, picture), run)


def answered(
    built: Network,
    weights: str,
    picture: Picture,
    progress: Callable[[int, int], None] | None = None,
) -> Answer:
    """Return what a network makes of a picture, computed once for all visitors; no map is kept.

    Args:
        built: The network.
        weights: What it was asked for by, a kind of weights or the digest of a file.
        picture: What it looks at.
        progress: Called before each step with its number and the count of all.
    """
    from ali5.classifying.comparing import answer

    def run() -> Answer:
        with slot():
            return answer(built, picture.given, progress)

    return _answers.get(_key_for(built, weights, picture), run)


def key_of(name: str, edition: str, weights: str, picture: Picture) -> tuple[Hashable, ...]:
    """Return what the caches go by.

    A tensor that was given with a picture holds other numbers than a network makes of the picture.
    """
    return name, edition, weights, picture.digest, picture.prepared is not None


def _key_for(built: Network, weights: str, picture: Picture) -> tuple[Hashable, ...]:
    return key_of(built.architecture.id, built.edition.name, weights, picture)


def kept_answer(name: str, edition: str, weights: str, picture: Picture) -> Answer | None:
    """Return what `answered` has computed before and still keeps."""
    return _answers.kept(key_of(name, edition, weights, picture))


def varied(
    built: Network, weights: str, picture: Picture, variant: Hashable, run: Callable[[], Trace]
) -> Trace:
    """Return what `run` makes of a picture and a network, once for all visitors.

    Args:
        built: The network.
        weights: What it was asked for by, a kind of weights or the digest of a file.
        picture: What it looks at.
        variant: What is changed in the one or the other.
        run: Computes it; takes a slot itself.
    """
    return _traces.get((*_key_for(built, weights, picture), variant), run)
