"""Networks, traces and answers, each made once for all visitors and kept while there is room."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from ali5.errors import TooLarge
from ali5.known.records import TAUGHT
from ali5.site.memory import in_words

from .budget import BUDGET
from .cache import ByteCache
from .picture import Picture
from .remembered import name as name_trace
from .slots import slot

if TYPE_CHECKING:
    from ali5.classifying.answers import Answer
    from ali5.networks.networks import Network
    from ali5.tracing.trace import Trace

BYTES_OF_A_WEIGHT = 4
"""The catalog's networks compute in 32 bits."""


def _network_bytes(built: Network) -> int:
    return sum(value.nbytes for value in built.module.state_dict().values())


_traces: ByteCache[Trace] = ByteCache(lambda trace: trace.nbytes)
_answers: ByteCache[Answer] = ByteCache(lambda answer: answer.nbytes)
_networks: ByteCache[Network] = ByteCache(_network_bytes)
"""One that has to make room goes after its traces, which hold it."""


_trace_bytes: dict[tuple[str, str], int] = {}
"""What the last trace through an edition came to: the next one will come to about as much."""


def check_it_fits(name: str, edition: str) -> None:
    """Refuse an edition whose weights are more than all that may be kept, before it is loaded.

    Raises:
        TooLarge: It cannot be shown with so little memory; says how much it takes.
    """
    from ali5.known.catalog import architecture

    known = architecture(name)
    size, limit = BYTES_OF_A_WEIGHT * known.edition(edition).parameters, BUDGET.limit
    if size > limit:
        raise TooLarge(
            f"{known.title} ({edition}) has {in_words(size)} of weights, and ALI5 may keep "
            f"{in_words(limit)} on this computer. Choose a smaller network or edition, or start "
            f"ALI5 with more memory (--memory {size // 10**9 + 1}G)."
        )
    BUDGET.make_room(size)


def kept_by_network() -> dict[str, int]:
    """Return the bytes that are kept for each network: its weights, traces and answers."""
    found: dict[str, int] = {}
    for cache in (_networks, _traces, _answers):
        for key, size in cache.sizes().items():
            name = str(key[0]) if isinstance(key, tuple) else ""
            found[name] = found.get(name, 0) + size
    return found


def network(name: str, edition: str, weights: str) -> Network:
    """Return a network of the catalog, built once for all visitors.

    Args:
        name: Its id.
        edition: Its edition.
        weights: "bundled", "published" or "untrained".

    Raises:
        TooLarge: Its weights are more than all that may be kept.
    """
    given = None if weights == "bundled" else weights

    def make() -> Network:
        from ali5.networks.networks import load

        check_it_fits(name, edition)
        return load(name, edition, given, device=device())

    return _networks.get((name, edition, weights), make)


def own_network(name: str, edition: str, digest: str, make: Callable[[], Network]) -> Network:
    """Return a network with a visitor's weights, built once for the same file.

    Args:
        name: Its id.
        edition: Its edition.
        digest: Of the file.
        make: Builds it.

    Raises:
        TooLarge: Its weights are more than all that may be kept.
    """

    def make_if_it_fits() -> Network:
        check_it_fits(name, edition)
        return make()

    return _networks.get((name, edition, digest), make_if_it_fits)


def network_with_head(digest: str, make: Callable[[], Network]) -> Network:
    """Return a network with a head that a visitor has taught, put together once.

    It shares its other weights with the network that it was taught on, and keeps them alive: so
    they count for both.

    Args:
        digest: Of the head.
        make: Puts it together.
    """
    return _networks.get((TAUGHT, "", digest), make)


def forget_other_own(key: str) -> None:
    """Forget the traces of networks that `ali5.explore` showed before this one."""
    _traces.forget(
        lambda each: isinstance(each, tuple) and each[2].startswith("own-") and each[2] != key
    )


def is_kept_here(name: str, edition: str, weights: str) -> bool:
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
        edition = built.architecture.id, built.edition.name
        with slot(), BUDGET.room_for(_trace_bytes.get(edition, 0)):
            made = trace(built, picture.given, progress)
        _trace_bytes[edition] = made.nbytes
        return made

    key = _key_for(built, weights, picture)
    return name_trace(_traces.get(key, run), key)


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
    key = (*_key_for(built, weights, picture), variant)
    return name_trace(_traces.get(key, run), key)
