"""The Why page, part by part: the classes, the map, all methods together, the sanity check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from ali5.errors import Ali5Error
from ali5.explain.attributions.methods import METHODS, Method
from ali5.known.records import TAUGHT
from ali5.pictures.samples import samples

from ... import address
from ...canvas.targets import show_targets
from ...choose.choice import Choice
from ...choose.colours import choose_colours
from ...engine import Picture
from ...words import plain, unmarked
from .sent import Shown, Tile, show_overlay, show_tile
from .view import (
    DEFAULT,
    Asked,
    alike_in_words,
    choose_method,
    choose_step,
    class_verdict,
    classes_of,
    explained,
    names_of,
    open_class,
    opening_of,
    photo_of,
    random_in_words,
    random_verdict,
    read_settings,
    reading_in_words,
    rival_of,
    target_of,
    twin_of,
    write_settings,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from ali5.explain.attributions.attribution import Attribution
    from ali5.tracing.trace import Trace

TILE_PX = 154
"""Width of a small map: six of them in a row, two on a phone."""

SANITY_PX = 250
"""Width of a map of the sanity checks: three in a row."""


def ask(choice: Choice, picture: Picture, trace: Trace) -> Asked:
    """Show the choice of method and step; return the question.

    Raises:
        Ali5Error: The method looks at maps, and the network has none.
    """
    with st.container(horizontal=True, gap="small"):
        method = choose_method()
        step = choose_step(trace, method)
    names = names_of(trace)
    return Asked(choice, picture, trace, names, target_of(trace, names), method, step)


def show_classes(asked: Asked) -> None:
    """Show the classes to ask for, the most likely ones first."""
    show_targets(classes_of(asked), asked.name, lambda name: open_class(asked, name))


def show_method(method: Method) -> None:
    """Say what a method claims, where it ends, and who published it."""
    with st.container(border=True):
        st.markdown(f"**What {method.title} claims.** {method.claim}")
        st.markdown(f"**Its limits.** {method.limits}")
        st.caption(f"{method.authors}: “[{method.paper}]({method.link})”. {method.computed}")


def show_map(asked: Asked) -> Attribution:
    """Show the map over the picture.

    Raises:
        Ali5Error: The method cannot look into this network.
    """
    found = explained(asked)
    method = asked.method
    title = asked.trace.network.architecture.heading
    at = f", maps of {found.step}" if found.step else ""
    words = reading_in_words(found, asked.name)
    random = random_in_words(asked.trace)
    weights = asked.choice.edition.name + (", untrained" if random else "")
    shown = Shown(
        found,
        method,
        asked.name,
        caption=f"{method.title} of “{asked.name}”{at}{', random weights' if random else ''}",
        words=[*([random] if random else []), *words],
        lines=[
            f"{method.title} ({method.authors}){at}",
            f"{title}, {weights}: why “{asked.name}”? On {unmarked(asked.picture.caption)}.",
            *words[:2],
            *([random] if random else []),
            *(note for note in asked.picture.notes if asked.picture.name in samples()),
        ],
        file=f"why-{asked.choice.architecture.id}-{method.id}",
    )

    def changed(text: str) -> None:
        write_settings(method, text)

    show_overlay(shown, photo_of(asked), read_settings(method), opening_of(method), changed)
    choose_colours()
    for note in found.notes:
        st.caption(note)
    return found


def show_all_methods(asked: Asked, chosen: Attribution) -> None:
    """Show all methods on the same question, one after the other as they are computed."""
    place = address.unfold("All six methods side by side: do they agree?", name="compare")
    if not place.open:
        return
    from ali5.explain.attributions.agreement import rank_correlation

    with place:
        st.markdown(
            f"Every method is asked why “{plain(asked.name)}”. Under each is how well its order "
            f"of the pixels, by magnitude, agrees with that of {asked.method.title}: 1 is the same "
            "order, 0 no relation. Each means something else by “why”; where they disagree, none "
            "of them is the whole reason."
        )
        bar = st.empty()
        with st.container(horizontal=True, gap="small"):
            for method in METHODS.values():
                same = method.id == asked.method.id
                step = (asked.step or _last_stage(asked.trace)) if method.at_step else None
                tile, found = _tile(replace(asked, method=method, step=step), method.title, bar)
                if found is not None and not same:
                    tile = replace(
                        tile, words=alike_in_words(rank_correlation(chosen.map, found.map))
                    )
                show_tile(
                    replace(tile, chosen=same, words="chosen" if same else tile.words),
                    f"tile-{method.id}",
                    TILE_PX,
                    _opener(method),
                )
        st.caption("Each has a range of its own: only the places can be compared, not the values.")


def show_sanity(asked: Asked, chosen: Attribution) -> None:
    """Show the same map for another class, and of the same network before it learned anything."""
    place = address.unfold("Two sanity checks: another class, random weights", name="sanity")
    if not place.open:
        return
    from ali5.explain.attributions.agreement import rank_correlation

    with place:
        st.markdown(
            "A map that tells why it is **this class** must change when another one is asked for. "
            "And a map of what a network **has learned** must change when that is taken away: so "
            "the same network with random weights is asked for the same class (Adebayo et al. "
            "2018: “[Sanity checks for saliency maps](https://arxiv.org/abs/1810.03292)”)."
        )
        bar = st.empty()
        checks: list[tuple[str, str]] = []
        with st.container(horizontal=True, gap="small"):
            show_tile(_tile(asked, f"“{asked.name}”")[0], "sanity-chosen", SANITY_PX, None)
            for key, title, other, verdict in _checks(asked):
                tile, found = _tile(other, title, bar)
                if found is not None:
                    # Maps of two classes may be opposites; random weights have signs by chance.
                    signed = asked.method.signed and key == "class"
                    alike = rank_correlation(chosen.cells, found.cells, signed)
                    tile = replace(tile, words=alike_in_words(alike))
                    checks.append((title, verdict(alike)))
                show_tile(tile, f"sanity-{key}", SANITY_PX, None)
        for title, verdict_ in checks:
            st.markdown(f"**{plain(title)}.** {verdict_}")
        if not asked.trace.network.trained:
            st.info("This network has random weights already: there is nothing to take away.")
        elif asked.trace.network.weights == TAUGHT:
            st.info(
                "A head that you taught has classes of its own: the network with random weights "
                "has no such answer, so there is nothing to compare it with."
            )
        elif asked.trace.network.own:
            st.info(
                "ALI5 cannot know how your module is initialised, so it has no copy with random "
                "weights. Give one to ali5.explore, and compare the maps."
            )
        st.caption(
            "One network and one picture show what can happen, not how often. All weights are "
            "replaced at once; the paper also replaces them layer by layer."
        )


def _checks(asked: Asked) -> Iterator[tuple[str, str, Asked, Callable[[float], str]]]:
    """Yield what a map is compared with: key, title, question, and what a rank correlation says."""
    other = rival_of(asked)
    if other is not None:
        yield "class", f"“{other.name}”", other, lambda alike: class_verdict(asked, other, alike)
    twin = twin_of(asked)
    if twin is not None:
        yield "random", "Random weights", twin, lambda alike: random_verdict(asked, alike)


def _tile(
    asked: Asked, title: str, bar: DeltaGenerator | None = None
) -> tuple[Tile, Attribution | None]:
    settings = read_settings(asked.method)
    try:
        found = explained(asked, bar)
    except Ali5Error as error:
        return Tile(title, asked.method, None, None, settings, str(error)), None
    return Tile(title, asked.method, found, photo_of(asked), settings, ""), found


def _opener(method: Method) -> Callable[[], None]:
    return lambda: address.write(method=None if method.id == DEFAULT else method.id)


def _last_stage(trace: Trace) -> str | None:
    from ali5.explain.attributions.attribution import default_step

    try:
        return default_step(trace)
    except Ali5Error:  # its sentence is shown where the method is asked
        return None
