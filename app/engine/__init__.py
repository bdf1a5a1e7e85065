"""The engine as the site uses it: loaded in the background, shared, one slot a core.

Importing this module does not import torch.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import streamlit as st
from PIL import Image

from . import collector
from .cache import ByteCache, forget_everywhere

if TYPE_CHECKING:
    from torch import Tensor

    from ali5.classifying.comparing import Answer
    from ali5.networks.networks import Network
    from ali5.tracing.trace import Trace

NETWORK_BYTES = 1_500_000_000
"""Weights kept in memory for all visitors together."""

TRACE_BYTES = 800_000_000
"""Traces kept in memory for all visitors together."""

ANSWER_BYTES = 16_000_000
"""Answers of networks, without their maps, kept in memory for all visitors together."""


@dataclass(frozen=True)
class Picture:
    """A visitor's picture or a sample.

    Attributes:
        name: Name of the sample, or "own".
        image: Upright, RGB.
        digest: Of its pixels; what caches go by.
        caption: What to call it.
        notes: What was done to open it, and where it comes from.
        prepared: The tensor that a network of the user's own was given instead, if it was.
    """

    name: str
    image: Image.Image
    digest: str
    caption: str
    notes: tuple[str, ...] = ()
    prepared: Tensor | None = None

    @property
    def given(self) -> Image.Image | Tensor:
        """What a network is given."""
        return self.image if self.prepared is None else self.prepared


_loading = threading.Lock()
_loader: threading.Thread | None = None


def start_loading() -> threading.Thread:
    """Begin to load torch and the first network in the background, once."""
    global _loader
    with _loading:
        if _loader is None:
            _loader = threading.Thread(target=_load, name="ali5-loader", daemon=True)
            _loader.start()
        return _loader


def is_loaded() -> bool:
    """Tell whether torch is there."""
    return _loader is not None and not _loader.is_alive()


def wait_until_loaded(seconds: float) -> bool:
    """Wait for torch, at most so long; tell whether it is there."""
    start_loading().join(seconds)
    return is_loaded()


def _load() -> None:
    try:
        network("resnet18", "compact", "bundled")  # imports torch
    finally:
        collector.tidy()


def _network_bytes(built: Network) -> int:
    return sum(value.nbytes for value in built.module.state_dict().values())


def _drop_traces(network_key: Hashable) -> None:
    """A trace holds its network: when that has to go, its traces go with it."""
    _traces.forget(lambda key: isinstance(key, tuple) and key[:3] == network_key)


_traces: ByteCache[Trace] = ByteCache(TRACE_BYTES, lambda trace: trace.nbytes)
_answers: ByteCache[Answer] = ByteCache(ANSWER_BYTES, lambda answer: answer.nbytes)
_networks: ByteCache[Network] = ByteCache(NETWORK_BYTES, _network_bytes, _drop_traces)
_slots = threading.BoundedSemaphore(os.cpu_count() or 1)


@contextlib.contextmanager
def slot() -> Iterator[None]:
    """Hold one of as many places as there are cores while computing.

    When a visitor has already asked for something newer, the run ends here instead of computing.
    """
    with _slots:
        st.session_state.get("_")  # a yield point: Streamlit stops an outdated run at it
        yield


@contextlib.contextmanager
def background_slot() -> Iterator[None]:
    """Hold a place as `slot` does, in a thread that belongs to no run of a page."""
    with _slots:
        yield


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


class Held(Protocol):
    """What a session holds: a picture, a head or a file of weights."""

    @property
    def digest(self) -> str:
        """What caches go by."""
        ...


def forget_with(held: Held) -> None:
    """Let what was made for a visitor's own thing go once no session holds it any more."""
    with _counting:
        _holders[held.digest] += 1
    # A finalizer may run in the middle of anything: it only takes note.
    weakref.finalize(held, _gone.append, held.digest).atexit = False


def forget_what_is_gone() -> None:
    """Let go of what was made for things that no session holds any more."""
    gone = set()
    with _counting:
        while _gone:
            digest = _gone.popleft()
            _holders[digest] -= 1
            if not _holders[digest]:
                del _holders[digest]
                gone.add(digest)
    if gone:
        forget_everywhere(gone)


_gone: deque[str] = deque()
"""Digests of what a session has let go of."""

_holders: Counter[str] = Counter()
"""How many hold what has a digest: two visitors can bring the same file."""

_counting = threading.Lock()


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
