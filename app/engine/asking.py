"""How the site asks the engine: with plain values, and what comes back are plain values, too.

A request is a function that works something out: of a trace, of a network, or of plain values. The
site says which one, about which picture and network, and with which settings; it never holds the
trace, the network or a tensor.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast, overload

from ali5.errors import WeightsError
from ali5.known.catalog import architecture
from ali5.known.records import WEIGHT_KINDS
from ali5.site.exploring import own

from .far import far
from .kept import is_kept_here, key_of, network, network_with_head, traced
from .passage import Chosen, Passage, Subject, facts_of, steps_of
from .remembered import name_alike, name_of, once
from .turns import aside

if TYPE_CHECKING:
    from ali5.networks.networks import Network
    from ali5.tracing.trace import Trace

Progress = Callable[[int, int], None]
"""Called by work before each step, with its number and the count of all."""

Tell = Callable[[float, str], None]
"""Called by work that takes a while, with the share of it that is done, 0..1, and words."""

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def look(subject: Subject, progress: Progress | None = None) -> Passage:
    """Let a network look at a picture; return what a page needs to know of it.

    Args:
        subject: Which network, at which picture.
        progress: Called before each step with its number and the count of all.

    Raises:
        Ali5Error: The network cannot be had, or cannot look at this picture.
    """
    elsewhere = far()
    if elsewhere is not None:
        with aside():
            return elsewhere.look(subject, progress)
    trace = _trace_of(subject, progress)
    network, steps = once(trace, "facts", lambda: (facts_of(trace.network), steps_of(trace)))
    return Passage(subject, name_of(trace), network, steps, trace.notes)


@overload
def ask(
    request: Callable[Concatenate[Trace, Given], Answer],
    about: Passage,
    *args: Given.args,
    **named: Given.kwargs,
) -> Answer: ...


@overload
def ask(
    request: Callable[Concatenate[Network, Given], Answer],
    about: Chosen,
    *args: Given.args,
    **named: Given.kwargs,
) -> Answer: ...


def ask(
    request: Callable[..., Answer],
    about: Passage | Subject | Chosen,
    *args: object,
    **named: object,
) -> Answer:
    """Return what a request finds out of a trace, or of a network alone.

    Args:
        request: One of `app.requests.REQUESTS`; what it works on is its first argument.
        about: What that is.
        args, named: Its settings.

    Raises:
        Ali5Error: What the request says; or its network cannot be had any more.
    """
    if isinstance(about, Passage):
        about = about.subject
    elsewhere = far()
    if elsewhere is not None:
        with aside():
            return cast(Answer, elsewhere.ask(request, about, args, named))
    known: Any = network_of(about) if isinstance(about, Chosen) else _trace_of(about)
    from ali5.networks.devices import with_room  # torch, which has made what is known

    def answer(here: Any) -> Answer:
        if here is not known and isinstance(about, Subject):
            name_alike(here, known)
        return request(here, *args, **named)

    return with_room(answer, known)


def work_out(request: Callable[Given, Answer], *args: Given.args, **named: Given.kwargs) -> Answer:
    """Return what a request finds out of plain values alone: one of `app.requests.REQUESTS`.

    Raises:
        Ali5Error: What the request says.
    """
    elsewhere = far()
    if elsewhere is not None:
        with aside():
            return cast(Answer, elsewhere.ask(request, None, args, named))
    return request(*args, **named)


def network_of(chosen: Chosen) -> Network:
    """Return a network, built once for all visitors.

    Raises:
        WeightsError: Its weights were a visitor's, and are not kept any more.
        TooLarge: Its weights are more than all that may be kept.
    """
    mine = own()
    if mine is not None and chosen.weights == mine.key:
        return mine.network
    if chosen.backbone is not None:
        return _with_head(chosen, chosen.backbone)
    if not is_kept_here(*chosen.key) and not is_of_the_catalog(chosen):
        title = architecture(chosen.name).title
        raise WeightsError(
            f"This {title} was yours and is not kept any more: it was forgotten, or had to make "
            "room. Choose another network, or bring it again."
        )
    return network(*chosen.key)


def is_ready(chosen: Chosen) -> bool:
    """Whether a network can be had without waiting."""
    elsewhere = far()
    if elsewhere is not None:
        return elsewhere.is_known(chosen)
    mine = own()
    return is_kept_here(*chosen.key) or (mine is not None and chosen.weights == mine.key)


def is_built(name: str, edition: str, weights: str) -> bool:
    """Tell whether a network is kept; `weights` may be a file's digest."""
    elsewhere = far()
    if elsewhere is not None:
        with aside():
            return elsewhere.is_built(name, edition, weights)
    return is_kept_here(name, edition, weights)


def is_of_the_catalog(chosen: Chosen) -> bool:
    """Whether a network can always be built again."""
    return chosen.weights in WEIGHT_KINDS or chosen.weights.startswith("step-")


def _with_head(chosen: Chosen, backbone: Chosen) -> Network:
    """Return a network with a taught head; it is put together anew if it had to make room."""
    built = network_of(backbone)

    def put_together() -> Network:
        from ali5.classifying.teach.files import read_taught
        from ali5.classifying.teach.last_layer import trunk_of, with_head

        return with_head(trunk_of(built), read_taught(chosen.head)[0])

    return network_with_head(chosen.weights, put_together)


class _Held(threading.local):
    """The traces that a run has asked about: they stay until it ends, also where few are kept."""

    def __init__(self) -> None:
        self.depth = 0
        self.traces: dict[Hashable, Trace] = {}


_held = _Held()


@contextlib.contextmanager
def holding() -> Iterator[None]:
    """Keep what this thread's requests are about until the outermost of these ends."""
    _held.depth += 1
    try:
        yield
    finally:
        _held.depth -= 1
        if not _held.depth:
            _held.traces.clear()


def _trace_of(subject: Subject, progress: Progress | None = None) -> Trace:
    key = key_of(*subject.network.key, subject.picture)
    found = _held.traces.get(key)
    if found is None:
        built = network_of(subject.network)
        found = traced(built, subject.network.weights, subject.picture, progress)
        if _held.depth:
            _held.traces[key] = found
    return found
