"""One question of the page "Why", and the maps that answer it. No Streamlit.

Importing this module does not import torch.
"""

from __future__ import annotations

import functools
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ali5.explain.attributions.methods import Method
from ali5.known.records import TAUGHT

from ... import engine
from ...canvas.seen import sharper_picture
from ...choose.choice import Choice
from ...engine import Picture
from ...engine.cache import ByteCache
from ...words import share_in_words

if TYPE_CHECKING:
    from ali5.explain.attributions.attribution import Attribution
    from ali5.tracing.trace import Trace

SHORT_S = 0.4
"""What takes longer shows its progress."""

_maps: ByteCache[Attribution] = ByteCache(lambda found: found.nbytes)


@dataclass(frozen=True, eq=False)
class Question:
    """One question: which network, which picture, which class, which way.

    Attributes:
        choice: The network as it was chosen.
        picture: What it looks at.
        target: Number of the class.
        method: How it is asked.
        step: Whose maps are looked at; None for methods that look at the pixels.
    """

    choice: Choice
    picture: Picture
    target: int
    method: Method
    step: str | None


@dataclass(frozen=True, eq=False)
class Asked:
    """A question, and what is asked.

    Attributes:
        question: The question.
        trace: The picture's way through the network.
    """

    question: Question
    trace: Trace

    @property
    def choice(self) -> Choice:
        """The network as it was chosen."""
        return self.question.choice

    @property
    def picture(self) -> Picture:
        """What it looks at."""
        return self.question.picture

    @property
    def target(self) -> int:
        """Number of the class."""
        return self.question.target

    @property
    def method(self) -> Method:
        """How it is asked."""
        return self.question.method

    @functools.cached_property
    def name(self) -> str:
        """Of the class."""
        return classes_of(self.trace).names[self.target]


def names_of(trace: Trace) -> tuple[str, ...]:
    """Return the names of the classes; where two are the same, with their numbers."""
    labels = trace.network.labels
    count = Counter(labels)
    return tuple(
        label if count[label] == 1 else f"{label} ({number})" for number, label in enumerate(labels)
    )


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes that can be asked for.

    Attributes:
        names: Of all, each only once.
        best: Number of the most likely one.
        shown: All, most likely first, as [name, share 0..1, share in words].
    """

    names: tuple[str, ...]
    best: int
    shown: list[list[Any]]


def classes_of(trace: Trace) -> Classes:
    """Return the classes that can be asked for, found once for each trace: do not change them."""

    def work() -> Classes:
        shares = trace.steps[-1].output[0].float().cpu().numpy()
        finite, names = np.nan_to_num(shares), names_of(trace)
        shown = [
            [names[each], round(float(finite[each]), 6), share_in_words(float(shares[each]))]
            for each in np.argsort(-finite, kind="stable")
        ]
        return Classes(names, int(trace.steps[-1].output[0].argmax()), shown)

    return engine.once(trace, "classes", work)


@dataclass(frozen=True)
class Places:
    """The steps whose maps can be looked at.

    Attributes:
        sizes: What to call each of them, with the size of its maps, the last one first.
        usual: What the papers look at.
    """

    sizes: dict[str, str]
    usual: str


def places_of(trace: Trace) -> Places:
    """Return the steps whose maps can be looked at.

    Raises:
        Ali5Error: No step has maps of more than one place.
    """
    from ali5.explain.attributions.attribution import default_step, map_steps

    usual = default_step(trace)
    sizes = {
        name: f"{name} ({trace[name].shape[2]} × {trace[name].shape[3]})"
        for name in reversed(map_steps(trace))
    }
    sizes[usual] += ", the last stage"
    return Places(sizes, usual)


def explained(asked: Asked, tell: engine.Tell) -> Attribution:
    """Return the map that answers a question, computed once for all visitors, with progress.

    Args:
        asked: The question.
        tell: Called, if it takes a while, with the share of it that is done and words.

    Raises:
        Ali5Error: The method cannot look into this network.
    """
    from ali5.explain.attributions.attribution import attribution

    choice = asked.choice
    seen = engine.key_of(*choice.key, asked.picture)
    key = (*seen, asked.method.id, asked.target, asked.question.step)
    started = time.monotonic()

    def progress(done: int, count: int) -> None:
        heavy = count == 1 and choice.edition.multiply_adds > 1e9
        if heavy or time.monotonic() - started > SHORT_S:
            words = f": pass {done + 1} of {count}" if count > 1 else " …"
            tell(done / count, f"{asked.method.title}{words}")

    return _maps.get(
        key,
        lambda: attribution(
            asked.trace,
            asked.method.id,
            asked.target,
            asked.question.step,
            progress=progress,
            turn=engine.slot,
        ),
    )


def photo_of(asked: Asked) -> NDArray[np.uint8]:
    """Return the part of the picture that the network sees, RGB, [H, W, 3]."""
    if asked.picture.prepared is not None:
        from ali5.tracing.own import as_picture

        return np.asarray(as_picture(asked.trace.image))  # a tensor is neither resized nor cut
    return sharper_picture(asked.picture.image, asked.trace.network.edition.preprocessing)


def rival_of(asked: Asked) -> Asked | None:
    """Return the same question about the most likely of the other classes, if there is one."""
    shares = asked.trace.steps[-1].output[0].clone()
    shares[asked.target] = -1
    other = int(shares.argmax())
    if other == asked.target:
        return None
    return replace(asked, question=replace(asked.question, target=other))


def twin_of(asked: Asked) -> Asked | None:
    """Return the same question to the network with random weights, if it has others and can."""
    name, edition = asked.choice.architecture.id, asked.choice.edition
    network = asked.trace.network
    if not network.trained or network.own or network.weights == TAUGHT:
        return None
    built = engine.network(name, edition.name, "untrained")
    choice = Choice(asked.choice.architecture, edition, "untrained")
    trace = engine.traced(built, choice.weights, asked.picture)
    return Asked(replace(asked.question, choice=choice), trace)
