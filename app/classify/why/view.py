"""The Why page, part by part: the classes, the map, all methods together, the sanity check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from ali5.door import whole
from ali5.errors import Ali5Error
from ali5.explain.attributions.methods import METHODS, Method
from ali5.known.records import TAUGHT
from ali5.pictures.samples import samples

from ... import address
from ...address import plain_choices, read_plain
from ...canvas.component import component
from ...canvas.targets import show_targets
from ...choose.choice import Choice
from ...choose.colours import choose_colours, read_colours
from ...engine import Picture, once
from ...words import numeral, plain, unmarked
from .question import Asked, classes_of, explained, names_of, photo_of, rival_of, twin_of
from .sent import Shown, Tile, pack_overlay, pack_tile
from .settings import RANGES, SENT, WORDS, Settings, opening_of
from .words import (
    alike_in_words,
    class_verdict,
    random_in_words,
    random_verdict,
    reading_in_words,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from ali5.explain.attributions.attribution import Attribution
    from ali5.tracing.trace import Trace

_overlay = component(__file__, "overlay", sends={"settings": SENT})
_tile = component(__file__, "tile", sends={"open": whole(1, 1_000_000)})

DEFAULT = "grad-cam"

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


def target_of(trace: Trace, names: tuple[str, ...]) -> int:
    """Return the class that the address names, or the most likely one."""
    wanted = address.text("class")
    if wanted in names:
        return names.index(wanted)
    return int(trace.steps[-1].output[0].argmax())


def show_classes(asked: Asked) -> None:
    """Show the classes to ask for, the most likely ones first."""
    names = asked.names
    best = names[int(asked.trace.steps[-1].output[0].argmax())]

    def opened(name: str) -> None:
        if name in names:
            address.write(**{"class": None if name == best else name})

    show_targets(classes_of(asked), asked.name, opened)


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


def show_map(asked: Asked) -> Attribution:
    """Show the map over the picture.

    Raises:
        Ali5Error: The method cannot look into this network.
    """
    found = _explained(asked, st.empty())
    method = asked.method
    title = asked.trace.network.architecture.heading
    at = f", maps of {found.step}" if found.step else ""
    words = once(found, ("reading", asked.name), lambda: reading_in_words(found, asked.name))
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

    settings, opening = read_settings(method), opening_of(method)
    _overlay(
        key="overlay",
        data=pack_overlay(shown, photo_of(asked), settings, opening, read_colours()),
        settings=lambda sent: write_settings(method, sent),
    )
    choose_colours()
    for note in found.notes:
        st.caption(note)
    return found


def show_all_methods(asked: Asked, chosen: Attribution) -> None:
    """Show all methods on the same question, one after the other as they are computed."""
    title = f"All {numeral(len(METHODS))} methods side by side: do they agree?"
    place = address.unfold(title, name="compare")
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
                tile, found = _tile_of(replace(asked, method=method, step=step), method.title, bar)
                if found is not None and not same:
                    tile = replace(
                        tile, words=alike_in_words(rank_correlation(chosen.map, found.map))
                    )
                _show_tile(
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
            _show_tile(
                _tile_of(asked, f"“{asked.name}”", st.empty())[0], "sanity-chosen", SANITY_PX, None
            )
            for key, title, other, verdict in _checks(asked):
                tile, found = _tile_of(other, title, bar)
                if found is not None:
                    # Maps of two classes may be opposites; random weights have signs by chance.
                    signed = asked.method.signed and key == "class"
                    alike = rank_correlation(chosen.cells, found.cells, signed)
                    tile = replace(tile, words=alike_in_words(alike))
                    checks.append((title, verdict(alike)))
                _show_tile(tile, f"sanity-{key}", SANITY_PX, None)
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


def _explained(asked: Asked, bar: DeltaGenerator) -> Attribution:
    """Return the map that answers a question; its progress is shown in an empty place."""

    def tell(share: float, words: str) -> None:
        bar.progress(share, words)

    found = explained(asked, tell)
    bar.empty()
    return found


def _tile_of(asked: Asked, title: str, bar: DeltaGenerator) -> tuple[Tile, Attribution | None]:
    settings = read_settings(asked.method)
    try:
        found = _explained(asked, bar)
    except Ali5Error as error:
        return Tile(title, asked.method, None, None, settings, str(error)), None
    return Tile(title, asked.method, found, photo_of(asked), settings, ""), found


def _show_tile(tile: Tile, key: str, width: int, open_: Callable[[], None] | None) -> None:
    """Show a small map; call `open_` when it is clicked, if it can be.

    Args:
        tile: The map and what is said about it.
        key: Of the component.
        width: In CSS pixels.
        open_: Called without anything.
    """

    def opened(_: object) -> None:
        if open_ is not None:
            open_()

    _tile(
        key=key,
        data=pack_tile(tile, open_ is not None, read_colours()),
        width=width,
        open=opened,
    )


def _opener(method: Method) -> Callable[[], None]:
    return lambda: address.write(method=None if method.id == DEFAULT else method.id)


def _last_stage(trace: Trace) -> str | None:
    from ali5.explain.attributions.attribution import default_step

    try:
        return default_step(trace)
    except Ali5Error:  # its sentence is shown where the method is asked
        return None
