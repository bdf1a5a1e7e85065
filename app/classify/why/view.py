"""The Why page: what is asked, the maps that answer it, and what they say in words."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ali5.explain.attributions.methods import METHODS, Method
from ali5.known.records import TAUGHT

from ... import address, engine
from ...address import plain_choices, read_plain
from ...canvas.seen import sharper_picture
from ...choose.choice import Choice
from ...engine import Picture
from ...engine.cache import ByteCache
from ...words import number_in_words, plain, share_in_words

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from ali5.explain.attributions.attribution import Attribution
    from ali5.tracing.trace import Trace

DEFAULT = "grad-cam"

MAP_BYTES = 64_000_000
"""Maps kept in memory for all visitors together: about 300 of 224 x 224 pixels."""

ALIKE, HALF_ALIKE = 0.9, 0.5
"""Rank correlations from which on maps of two classes, or with random weights, are called alike.

Measured on six photographs with ResNet-18 and AlexNet: guided backprop of two classes 0.96 to 1.00,
Grad-CAM++ 0.66 to 0.95, Grad-CAM -0.8 to 0.9; with random weights guided backprop 0.33 to 0.61,
integrated gradients 0.15 to 0.55.
"""

SHORT_S = 0.4
"""What takes longer shows its progress."""

_maps: ByteCache[Attribution] = ByteCache(MAP_BYTES, lambda found: found.nbytes)


@dataclass(frozen=True)
class Settings:
    """How a map is shown.

    Attributes:
        opacity: How much of the photograph it covers, in percent.
        look: "smooth", or "cells" as they were computed.
        range: Where the colours end: "full" at the strongest pixel, "trim" below the strongest
            hundredth of them.
    """

    opacity: int = 60
    look: str = "smooth"
    range: str = "full"


_RANGES = {"opacity": (0, 100)}
_WORDS = {"look": ("smooth", "cells"), "range": ("full", "trim")}


@dataclass(frozen=True, eq=False)
class Asked:
    """One question: which network, which picture, which class, which way.

    Attributes:
        choice: The network as it was chosen.
        picture: What it looks at.
        trace: The picture's way through it.
        names: Of all classes, each only once.
        target: Number of the class.
        method: How it is asked.
        step: Whose maps are looked at; None for methods that look at the pixels.
    """

    choice: Choice
    picture: Picture
    trace: Trace
    names: tuple[str, ...]
    target: int
    method: Method
    step: str | None

    @property
    def name(self) -> str:
        """Of the class."""
        return self.names[self.target]


def opening_of(method: Method) -> Settings:
    """Return how maps of a method are shown at first: single strong pixels would hide the rest."""
    noisy = method.id in ("saliency", "guided-backprop", "integrated-gradients")
    return Settings(range="trim" if noisy else "full")


def read_settings(method: Method) -> Settings:
    """Return what the address says about how a map is shown."""
    return Settings(**read_plain(opening_of(method), _RANGES, _WORDS))


def write_settings(method: Method, text: str) -> None:
    """Put the settings that the browser has sent, as JSON, into the address."""
    known = {name: json.loads(text)[name] for name in asdict(Settings())}
    _, choices = plain_choices(json.dumps(known), opening_of(method), _RANGES, _WORDS)
    address.write(**choices)


def choose_method() -> Method:
    """Show the choice of method; return what is chosen."""
    titles = {method.id: method.title for method in METHODS.values()}
    return METHODS[address.choose("Method", titles, name="method", default=DEFAULT)]


def choose_step(trace: Trace, method: Method) -> str | None:
    """Show the choice of the step whose maps are looked at, if the method looks at any."""
    if not method.at_step:
        return None
    from ali5.explain.attributions.attribution import default_step, map_steps

    last = default_step(trace)
    sizes = {
        name: f"{name} ({trace[name].shape[2]} × {trace[name].shape[3]})"
        for name in reversed(map_steps(trace))
    }
    sizes[last] += ", the last stage"
    return address.choose(
        "Maps of step",
        sizes,
        name="step",
        default=last,
        as_list=True,
        explanation="Late steps know what, early ones know where. The end of the last "
        "convolutional stage is what the paper looks at.",
    )


def names_of(trace: Trace) -> tuple[str, ...]:
    """Return the names of the classes; where two are the same, with their numbers."""
    labels = trace.network.labels
    count = Counter(labels)
    return tuple(
        label if count[label] == 1 else f"{label} ({number})" for number, label in enumerate(labels)
    )


def target_of(trace: Trace, names: tuple[str, ...]) -> int:
    """Return the class that the address names, or the most likely one."""
    wanted = address.text("class")
    if wanted in names:
        return names.index(wanted)
    return int(trace.steps[-1].output[0].argmax())


def classes_of(asked: Asked) -> list[list[Any]]:
    """Return all classes, most likely first, as [name, share 0..1, share in words]."""
    shares = asked.trace.steps[-1].output[0].float().cpu().numpy()
    order = np.argsort(-np.nan_to_num(shares), kind="stable")
    return [
        [
            asked.names[each],
            round(float(np.nan_to_num(shares[each])), 6),
            share_in_words(float(shares[each])),
        ]
        for each in order
    ]


def open_class(asked: Asked, name: str) -> None:
    """Ask for another class."""
    best = int(asked.trace.steps[-1].output[0].argmax())
    if name in asked.names:
        address.write(**{"class": None if name == asked.names[best] else name})


def explained(asked: Asked, place: DeltaGenerator | None = None) -> Attribution:
    """Return the map that answers a question, computed once for all visitors, with progress.

    Args:
        asked: The question.
        place: Where the progress is shown; here, if not given.

    Raises:
        Ali5Error: The method cannot look into this network.
    """
    from ali5.explain.attributions.attribution import attribution

    choice = asked.choice
    seen = engine.key_of(choice.architecture.id, choice.edition.name, choice.weights, asked.picture)
    key = (*seen, asked.method.id, asked.target, asked.step)
    bar = st.empty() if place is None else place
    started = time.monotonic()

    def progress(done: int, count: int) -> None:
        heavy = count == 1 and choice.edition.multiply_adds > 1e9
        if heavy or time.monotonic() - started > SHORT_S:
            words = f": pass {done + 1} of {count}" if count > 1 else " …"
            bar.progress(done / count, f"{asked.method.title}{words}")

    found = _maps.get(
        key,
        lambda: attribution(
            asked.trace,
            asked.method.id,
            asked.target,
            asked.step,
            progress=progress,
            turn=engine.slot,
        ),
    )
    bar.empty()
    return found


def photo_of(asked: Asked) -> NDArray[np.uint8]:
    """Return the part of the picture that the network sees, RGB, [H, W, 3]."""
    if asked.picture.prepared is not None:
        from ali5.tracing.own import as_picture

        return np.asarray(as_picture(asked.trace.image))  # a tensor is neither resized nor cut
    return sharper_picture(asked.picture.image, asked.trace.network.edition.preprocessing)


def place_in_words(row: float, column: float, height: int, width: int) -> str:
    """Say where a place is: "above and left of the middle"."""
    down, right = (row + 0.5) / height, (column + 0.5) / width
    vertical = "above" if down < 0.4 else "below" if down > 0.6 else ""
    sideways = "left of" if right < 0.4 else "right of" if right > 0.6 else ""
    if not vertical and not sideways:
        return "in the middle"
    return f"{' and '.join(filter(None, (vertical, sideways)))} the middle"


def reading_in_words(found: Attribution, name: str) -> list[str]:
    """Say what a map shows, one sentence each: for those who do not see it, and to check it."""
    from ali5.explain.attributions.agreement import read_map

    method = METHODS[found.method]
    reading = read_map(found.map)
    sentences = []
    if reading.missing:
        sentences.append(f"{reading.missing:,} values are not finite numbers and are marked.")
    if reading.value == 0:
        why = (
            f": no place speaks for “{name}”, and {method.title} cuts off what speaks against it"
            if method.at_step
            else ""
        )
        return [*sentences, f"The map is zero everywhere{why}."]
    height, width = found.map.shape
    place = place_in_words(reading.row, reading.column, height, width)
    sentences.append(
        f"The strongest place is at row {reading.row}, column {reading.column}, {place} "
        f"({number_in_words(reading.value)})."
    )
    half = share_in_words(reading.half)
    sentences.append(f"Half of the weight lies in {half} of the picture; 50 % would be even.")
    if method.signed:
        against = share_in_words(reading.negative)
        sentences.append(f"{against} of the weight speaks against “{name}”.")
    if found.start is not None:
        total, rise = float(found.map.sum()), found.score - found.start
        sentences.append(
            f"All values add up to {number_in_words(total)}; from black to the picture, the logit "
            f"goes from {number_in_words(found.start)} to {number_in_words(found.score)}, by "
            f"{number_in_words(rise)}. The rest is the error of the sum."
        )
    return sentences


def random_in_words(trace: Trace) -> str:
    """Say that a map means nothing yet, if the network has learned nothing."""
    if trace.network.trained:
        return ""
    return "These weights are random: the map explains a network that has learned nothing."


def alike_in_words(correlation: float) -> str:
    """Say how alike two maps are."""
    if math.isnan(correlation):
        return "cannot be compared: one map is the same everywhere"
    return f"rank correlation {number_in_words(round(correlation, 2))}"


def rival_of(asked: Asked) -> Asked | None:
    """Return the same question about the most likely of the other classes, if there is one."""
    shares = asked.trace.steps[-1].output[0].clone()
    shares[asked.target] = -1
    other = int(shares.argmax())
    return None if other == asked.target else replace(asked, target=other)


def twin_of(asked: Asked) -> Asked | None:
    """Return the same question to the network with random weights, if it has others and can."""
    name, edition = asked.choice.architecture.id, asked.choice.edition
    network = asked.trace.network
    if not network.trained or network.own or network.weights == TAUGHT:
        return None
    built = engine.network(name, edition.name, "untrained")
    choice = Choice(asked.choice.architecture, edition, "untrained")
    trace = engine.traced(built, choice.weights, asked.picture)
    return replace(asked, choice=choice, trace=trace)


def class_verdict(asked: Asked, other: Asked, correlation: float) -> str:
    """Say what it means that the maps of two classes are so much alike."""
    if math.isnan(correlation):
        return f"The maps {alike_in_words(correlation)}."
    words = f"The two maps have a {alike_in_words(correlation)}: "
    if correlation > ALIKE:
        return words + (
            f"{asked.method.title} draws nearly the same for both, so this map hardly tells why "
            f"it is “{plain(asked.name)}” and not “{plain(other.name)}”."
        )
    return words + "the map changes with the class that is asked for, as it should."


def random_verdict(asked: Asked, correlation: float) -> str:
    """Say what it means that the maps with learned and with random weights are so much alike."""
    if math.isnan(correlation):
        return f"The maps {alike_in_words(correlation)}."
    words = f"The two maps have a {alike_in_words(correlation)}: "
    if correlation > HALF_ALIKE:
        return words + (
            f"a map much like it comes without any learning. What {asked.method.title} shows here "
            "may come from the picture and the architecture rather than from what was learned."
        )
    return words + "the map changes when what was learned is taken away, as it should."


def code_of(asked: Asked) -> str:
    """Return the same as a program."""
    choice, picture = asked.choice, asked.picture
    lines = ["import ali5"]
    if picture.is_sample:
        lines.append(picture.opening_import)
    step = f', step="{asked.step}"' if asked.step else ""
    return "\n".join(
        [
            *lines,
            "",
            f"network = {choice.code}",
            f"trace = ali5.trace(network, {picture.opening_code})",
            f"target = {asked.target}  # {' '.join(asked.name.split())}",
            f'found = ali5.explain.attribution(trace, "{asked.method.id}", target{step})',
            "print(found.map.shape, found.score, ali5.explain.read_map(found.map))",
        ]
    )
