"""The Why page, part by part: the classes, the map, all methods together, the sanity check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from ali5.door import whole
from ali5.explain.attributions.methods import METHODS, Method
from ali5.known.records import TAUGHT

from ... import address, engine
from ...address import plain_choices, read_plain
from ...canvas.component import component
from ...canvas.targets import show_targets
from ...choose.choice import Choice
from ...choose.colours import choose_colours, read_colours
from ...choose.network import telling
from ...engine import Passage
from ...words import numeral, plain
from .answers import CHECKS, Check, check_of, overlay_of, tile_of
from .question import Classes, Question, classes_of, places_of
from .settings import RANGES, SENT, WORDS, Settings, opening_of

if TYPE_CHECKING:
    pass

_overlay = component(__file__, "overlay", sends={"settings": SENT})
_tile = component(__file__, "tile", sends={"open": whole(1, 1_000_000)})

DEFAULT = "grad-cam"

TILE_PX = 154
"""Width of a small map: six of them in a row, two on a phone."""

SANITY_PX = 250
"""Width of a map of the sanity checks: three in a row."""


def ask(choice: Choice, passage: Passage) -> tuple[Question, Classes]:
    """Show the choice of method and step; return the question and all classes.

    Raises:
        Ali5Error: The method looks at maps, and the network has none.
    """
    with st.container(horizontal=True, gap="small"):
        method = choose_method()
        step = choose_step(passage, method)
    classes = engine.ask(classes_of, passage)
    question = Question(choice, passage.subject.picture, target_of(classes), method, step)
    return question, classes


def choose_method() -> Method:
    """Show the choice of method; return what is chosen."""
    titles = {method.id: method.title for method in METHODS.values()}
    return METHODS[address.choose("Method", titles, name="method", default=DEFAULT)]


def choose_step(passage: Passage, method: Method) -> str | None:
    """Show the choice of the step whose maps are looked at, if the method looks at any."""
    if not method.at_step:
        return None
    places = engine.ask(places_of, passage)
    return address.choose(
        "Maps of step",
        places.sizes,
        name="step",
        default=places.usual,
        as_list=True,
        explanation="Late steps know what, early ones know where. The end of the last "
        "convolutional stage is what the paper looks at.",
    )


def target_of(classes: Classes) -> int:
    """Return the class that the address names, or the most likely one."""
    wanted = address.text("class")
    return classes.names.index(wanted) if wanted in classes.names else classes.best


def show_classes(question: Question, classes: Classes) -> None:
    """Show the classes to ask for, the most likely ones first."""
    names = classes.names
    best = names[classes.best]

    def opened(name: str) -> None:
        if name in names:
            address.write(**{"class": None if name == best else name})

    show_targets(classes.shown, names[question.target], opened)


def read_settings(method: Method) -> Settings:
    """Return what the address says about how a map is shown."""
    return Settings(**read_plain(opening_of(method), RANGES, WORDS))


def write_settings(method: Method, sent: Mapping[str, Any]) -> None:
    """Put the settings that the browser has sent into the address."""
    address.write(**plain_choices(sent, opening_of(method), (*RANGES, *WORDS)))


def show_method(method: Method) -> None:
    """Say what a method claims, where it ends, and who published it."""
    with st.container(border=True):
        st.markdown(f"**What {method.title} claims.** {method.claim}")
        st.markdown(f"**Its limits.** {method.limits}")
        st.caption(f"{method.authors}: “[{method.paper}]({method.link})”. {method.computed}")


def show_map(passage: Passage, question: Question) -> None:
    """Show the map over the picture.

    Raises:
        Ali5Error: The method cannot look into this network.
    """
    method = question.method
    bar = st.empty()
    found = engine.ask(
        overlay_of, passage, question, read_settings(method), read_colours(), telling(bar)
    )
    bar.empty()
    _overlay(
        key="overlay",
        data=found.packed,
        settings=lambda sent: write_settings(method, sent),
    )
    choose_colours()
    for note in found.notes:
        st.caption(note)


def show_all_methods(passage: Passage, question: Question, name: str) -> None:
    """Show all methods on the same question, one after the other as they are computed.

    Args:
        passage: The picture's way through the network.
        question: What is asked.
        name: Of the class.
    """
    title = f"All {numeral(len(METHODS))} methods side by side: do they agree?"
    place = address.unfold(title, name="compare")
    if not place.open:
        return
    with place:
        st.markdown(
            f"Every method is asked why “{plain(name)}”. Under each is how well its order "
            f"of the pixels, by magnitude, agrees with that of {question.method.title}: 1 is the "
            "same order, 0 no relation. Each means something else by “why”; where they disagree, "
            "none of them is the whole reason."
        )
        bar = st.empty()
        with st.container(horizontal=True, gap="small"):
            for method in METHODS.values():
                step = question.step if method.at_step else None
                packed = engine.ask(
                    tile_of,
                    passage,
                    replace(question, method=method, step=step),
                    question,
                    read_settings(method),
                    read_colours(),
                    telling(bar),
                )
                bar.empty()
                _show_tile(packed, f"tile-{method.id}", TILE_PX, _opener(method))
        st.caption("Each has a range of its own: only the places can be compared, not the values.")


def show_sanity(passage: Passage, question: Question) -> None:
    """Show the same map for another class, and of the same network before it learned anything."""
    place = address.unfold("Two sanity checks: another class, random weights", name="sanity")
    if not place.open:
        return
    with place:
        st.markdown(
            "A map that tells why it is **this class** must change when another one is asked for. "
            "And a map of what a network **has learned** must change when that is taken away: so "
            "the same network with random weights is asked for the same class (Adebayo et al. "
            "2018: “[Sanity checks for saliency maps](https://arxiv.org/abs/1810.03292)”)."
        )
        bar = st.empty()
        checks: list[Check] = []
        with st.container(horizontal=True, gap="small"):
            for kind in CHECKS:
                check = engine.ask(
                    check_of,
                    passage,
                    question,
                    kind,
                    read_settings(question.method),
                    read_colours(),
                    telling(bar),
                )
                bar.empty()
                if check is not None:
                    _show_tile(check.packed, f"sanity-{kind}", SANITY_PX, None)
                    checks.append(check)
        for check in checks:
            if check.verdict:
                st.markdown(f"**{plain(check.title)}.** {check.verdict}")
        if not passage.network.trained:
            st.info("This network has random weights already: there is nothing to take away.")
        elif passage.network.weights == TAUGHT:
            st.info(
                "A head that you taught has classes of its own: the network with random weights "
                "has no such answer, so there is nothing to compare it with."
            )
        elif passage.network.own:
            st.info(
                "ALI5 cannot know how your module is initialised, so it has no copy with random "
                "weights. Give one to ali5.explore, and compare the maps."
            )
        st.caption(
            "One network and one picture show what can happen, not how often. All weights are "
            "replaced at once; the paper also replaces them layer by layer."
        )


def _show_tile(packed: bytes, key: str, width: int, open_: Callable[[], None] | None) -> None:
    """Show a small map; call `open_` when it is clicked, if it can be.

    Args:
        packed: As `answers.py` gives it.
        key: Of the component.
        width: In CSS pixels.
        open_: Called without anything.
    """

    def opened(_: object) -> None:
        if open_ is not None:
            open_()

    _tile(key=key, data=packed, width=width, open=opened)


def _opener(method: Method) -> Callable[[], None]:
    return lambda: address.write(method=None if method.id == DEFAULT else method.id)
