"""The Why page, part by part: the classes, the map, all methods together, the sanity check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from ali5.errors import Ali5Error
from ali5.explain.methods import METHODS, Method
from ali5.samples import samples
from app import address
from app.canvas.overlay import Shown, Tile, show_overlay, show_tile
from app.canvas.targets import show_targets
from app.classify.why import (
    DEFAULT,
    Asked,
    alike_in_words,
    choose_method,
    choose_step,
    classes_of,
    explained,
    names_of,
    open_class,
    opening_of,
    photo_of,
    random_in_words,
    read_settings,
    reading_in_words,
    target_of,
    twin_of,
    write_settings,
)
from app.engine import Picture
from app.networks import Choice

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from ali5.explain.asking import Attribution
    from ali5.tracing import Trace

TILE_PX = 154
"""Width of a small map: six of them in a row, two on a phone."""


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
    weights = "untrained" if random else asked.choice.edition.name
    shown = Shown(
        found,
        method,
        asked.name,
        caption=f"{method.title} of “{asked.name}”{at}{', random weights' if random else ''}",
        words=[*([random] if random else []), *words],
        lines=[
            f"{method.title} ({method.authors}){at}",
            f"{title}, {weights}: why “{asked.name}”? On {asked.picture.caption}.",
            *words[:2],
            *([random] if random else []),
            *(note for note in asked.picture.notes if asked.picture.name in samples()),
        ],
        file=f"why-{asked.choice.architecture.id}-{method.id}",
    )

    def changed(text: str) -> None:
        write_settings(method, text)

    show_overlay(shown, photo_of(asked), read_settings(method), opening_of(method), changed)
    for note in found.notes:
        st.caption(note)
    return found


def show_all_methods(asked: Asked, chosen: Attribution) -> None:
    """Show all methods on the same question, one after the other as they are computed."""
    place = address.unfold("All six methods side by side: do they agree?", name="compare")
    if not place.open:
        return
    from ali5.explain.reading import rank_correlation

    with place:
        st.markdown(
            f"Every method is asked why “{asked.name}”. Under each is how well its order of the "
            f"pixels agrees with that of {asked.method.title}: 1 is the same order, 0 no relation. "
            "Each means something else by “why”; where they disagree, none of them is the reason."
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
    """Show the same map of the same network before it learned anything."""
    place = address.unfold("Would random weights give the same map? A sanity check", name="sanity")
    if not place.open:
        return
    from ali5.explain.reading import rank_correlation

    with place:
        st.markdown(
            "A map that explains what a network has learned must change when that is taken away. "
            "So the same method asks the same network with random weights for the same class "
            "(Adebayo et al. 2018: “[Sanity checks for saliency maps]"
            "(https://arxiv.org/abs/1810.03292)”)."
        )
        try:
            twin = twin_of(asked)
            found = explained(twin)
        except Ali5Error as error:
            st.info(str(error))
            return
        correlation = rank_correlation(chosen.cells, found.cells)
        with st.container(horizontal=True, gap="small"):
            for each, title, key in ((asked, "Trained", "trained"), (twin, "Random", "random")):
                tile, _ = _tile(each, title)
                show_tile(tile, f"sanity-{key}", 2 * TILE_PX, None)
        st.markdown(_verdict(asked.method, correlation))
        st.caption(
            "One network and one picture show what can happen, not how often. All weights are "
            "replaced at once; the paper also replaces them layer by layer."
        )


def _verdict(method: Method, correlation: float) -> str:
    words = f"The two maps: {alike_in_words(correlation)}. "
    if correlation > 0.5:
        return words + (
            f"A map much like it comes without any learning: what {method.title} shows here may "
            "come from the picture and the architecture rather than from what the network knows."
        )
    if correlation > 0.2:
        return words + "They differ, but something of the map is there without any learning."
    return words + f"What {method.title} shows here depends on what was learned."


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
    from ali5.explain.asking import default_step

    try:
        return default_step(trace)
    except Ali5Error:  # its sentence is shown where the method is asked
        return None
