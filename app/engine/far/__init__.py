"""An engine elsewhere: the same questions, answered by other processes, on other machines maybe.

The site keeps there what is computed, and here only what it knows of networks and of what they have
looked at. Without `--engine`, nothing of this is used.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from ali5.known.catalog import catalog
from ali5.known.records import WEIGHT_KINDS

from .. import slots
from ..cache import ByteCache
from ..passage import Chosen, NetworkFacts, Passage, StepFacts, Subject
from ..picture import Picture
from ..remembered import bytes_of
from . import wire
from .line import ASK, AWAY, EngineAway, Line

DRIVER = "ali5.site.app.cluster.beginning"
"""By name: it lies above, and runs in a process of its own."""

HERE = "here"
"""What `ALI5_ENGINE` says where the engine is in the site's own process."""

OPENING = "open_weights"
"""The request that has a replica keep what nobody else could make again."""

MOST_SENT = 4096
"""Of so many pictures and files the site knows whom it has sent them to; else it is told."""

TRIES = 3
"""So often parts are sent that have been forgotten meanwhile."""

_Found = tuple[str, NetworkFacts, tuple[StepFacts, ...], tuple[str, ...]]


class Far:
    """An engine elsewhere.

    Args:
        line: What leads there.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self._passages: ByteCache[_Found] = ByteCache(bytes_of)
        self._facts: dict[Hashable, NetworkFacts] = {}
        self._sent: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._sending = threading.Lock()
        self._spread = itertools.count()

    def look(self, subject: Subject, progress: Callable[[int, int], None] | None) -> Passage:
        """Let a network look at a picture, as `asking.look` does."""
        chosen, picture = subject.network, subject.picture
        key = (*chosen.key, picture.digest, "passage")

        def find() -> _Found:
            route = self.route_of(subject, ())
            name, network, steps, notes = self._call(route, ("look", "", subject, (progress,), {}))
            network = self._facts.setdefault(chosen.key, network)
            return name, network, steps, notes

        name, network, steps, notes = self._passages.get(key, find)
        return Passage(subject, name, network, steps, notes)

    def ask(
        self,
        request: Callable[..., Any],
        about: Subject | Chosen | None,
        given: Sequence[Any],
        named: Mapping[str, Any],
    ) -> Any:
        """Return what a request finds, as `asking.ask` and `asking.work_out` do."""
        asked = ("ask", wire.name_of(request), about, tuple(given), dict(named))
        answer = self._call(self.route_of(about, given, request.__name__), asked)
        if isinstance(answer, NetworkFacts) and isinstance(about, Chosen):
            return self._facts.setdefault(about.key, answer)
        return answer

    def is_built(self, name: str, edition: str, weights: str) -> bool:
        """Tell whether a network with a visitor's weights is kept there."""
        chosen = Chosen(name, edition, weights)
        given = (name, edition, weights)
        return bool(self._call(self.route_of(chosen, ()), ("is built", "", None, given, {})))

    def is_known(self, chosen: Chosen) -> bool:
        """Tell whether a network has been asked for before: then it is most likely there."""
        return chosen.key in self._facts

    def route_of(
        self, about: Subject | Chosen | None, given: Sequence[Any], request: str = ""
    ) -> str:
        """Return by what a request finds the replica that has what it needs.

        That is a network and a picture, so that all requests about the two find the same one. Of a
        visitor's own weights or head there is one copy; and many pictures are spread.
        """
        pictures = [each.digest for each in given if isinstance(each, Picture)]
        if about is None:
            words = list(itertools.takewhile(lambda each: isinstance(each, str), given))
            if request == OPENING:
                return str(given[-1])  # the digest that its network is asked for by
            if len(words) == 3 and words[0] in catalog():  # what a `Chosen` is kept by
                return self.route_of(Chosen(*words), given)
            return "/".join(words + pictures) or str(next(self._spread))
        chosen = about if isinstance(about, Chosen) else about.network
        if not _is_of_the_catalog(chosen):
            return chosen.weights
        if isinstance(about, Subject):
            pictures = [about.picture.digest]
        elif any(isinstance(each, (list, tuple)) for each in given):
            pictures = [str(next(self._spread))]
        return "/".join([*chosen.key, *pictures])

    def _call(self, route: str, asked: tuple[Any, ...]) -> Any:
        account = slots.account()
        if account is not None:
            account.check()
        letter = wire.write(asked)
        parts = letter.some(self._new_to(route, letter.parts))

        def told(words: bytes) -> None:
            number, given = wire.unpickled(words)
            (_place_told if number == wire.PLACE else letter.told[number])(*given)

        for _ in range(TRIES):
            call = (route, letter.words, tuple(letter.parts), parts, bool(letter.told))
            words = self.line.call(ASK, call, slots.yield_here, told)
            reply: wire.Reply = wire.unpickled(words)
            if account is not None:
                account.charge(reply.seconds)
            if reply.kind != "missing":
                return _come_of(reply)
            parts = letter.some(reply.missing)
        raise EngineAway(AWAY)

    def _new_to(self, route: str, digests: Mapping[str, object]) -> list[str]:
        """Return the parts that may not have come where a route leads."""
        new = []
        with self._sending:
            for digest in digests:
                if (route, digest) not in self._sent:
                    new.append(digest)
                self._sent[route, digest] = None
                self._sent.move_to_end((route, digest))
            while len(self._sent) > MOST_SENT:
                self._sent.popitem(last=False)
        return new


def _nothing(place: int) -> None:
    pass


_place_told: Callable[[int], object] = _nothing


def tell_place_by(tell: Callable[[int], object]) -> None:
    """Call `tell` with how many compute before what a thread waits for; with 0 once it computes."""
    global _place_told
    _place_told = tell


def _come_of(reply: wire.Reply) -> Any:
    said = wire.unpickled(reply.said)
    if reply.kind == "fine":
        return said
    if reply.kind == "refused":
        raise said
    raise RuntimeError(f"A request failed where it was answered.\n{said}")


def _is_of_the_catalog(chosen: Chosen) -> bool:
    return chosen.weights in WEIGHT_KINDS or chosen.weights.startswith("step-")


_finding = threading.Lock()
_far: dict[str, Far] = {}


def far() -> Far | None:
    """Return the engine elsewhere that the site was started with; None if there is none."""
    address = os.environ.get("ALI5_ENGINE") or HERE
    if address == HERE:
        return None
    with _finding:
        if address not in _far:
            _far[address] = Far(Line(address, DRIVER))
        return _far[address]
