"""What the page "Why" asks the engine: maps with what they say, each packed for the browser.

No Streamlit; importing this module does not import torch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ali5.errors import Ali5Error
from ali5.pictures.samples import samples

from ... import engine
from ...engine import Tell
from ...words import unmarked
from .question import Asked, Question, explained, photo_of, places_of, rival_of, twin_of
from .sent import Shown, Tile, pack_overlay, pack_tile
from .settings import Settings, opening_of
from .words import (
    alike_in_words,
    class_verdict,
    random_in_words,
    random_verdict,
    reading_in_words,
)

if TYPE_CHECKING:
    from ali5.explain.attributions.attribution import Attribution
    from ali5.tracing.trace import Trace


@dataclass(frozen=True, eq=False)
class Overlay:
    """A map over its photograph.

    Attributes:
        packed: As `overlay.js` takes it.
        notes: What a visitor should know about how it was computed, one sentence each.
    """

    packed: bytes
    notes: tuple[str, ...]


def overlay_of(
    trace: Trace, question: Question, settings: Settings, colours: str, tell: Tell
) -> Overlay:
    """Return the map that answers a question, large.

    Raises:
        Ali5Error: The method cannot look into this network.
    """
    asked = Asked(question, trace)
    found, method = explained(asked, tell), question.method
    architecture, edition = trace.network.architecture, question.choice.edition
    at = f", maps of {found.step}" if found.step else ""
    words = engine.once(found, ("reading", asked.name), lambda: reading_in_words(found, asked.name))
    random = random_in_words(trace)
    weights = edition.name + (", untrained" if random else "")
    picture = question.picture
    shown = Shown(
        found,
        method,
        asked.name,
        caption=f"{method.title} of “{asked.name}”{at}{', random weights' if random else ''}",
        words=[*([random] if random else []), *words],
        lines=[
            f"{method.title} ({method.authors}){at}",
            f"{architecture.heading}, {weights}: why “{asked.name}”? On "
            f"{unmarked(picture.caption)}.",
            *words[:2],
            *([random] if random else []),
            *(note for note in picture.notes if picture.name in samples()),
        ],
        file=f"why-{question.choice.architecture.id}-{method.id}",
    )
    packed = pack_overlay(shown, photo_of(asked), settings, opening_of(method), colours)
    return Overlay(packed, found.notes)


def tile_of(
    trace: Trace, question: Question, chosen: Question, settings: Settings, colours: str, tell: Tell
) -> bytes:
    """Return the map of one of all methods, small; or why there is none.

    Args:
        trace: The picture's way through the network.
        question: As the method is asked; if it looks at maps and no step is named, at those that
            the papers look at.
        chosen: What is shown large: how well the two agree is said under the tile.
        settings: How it is shown.
        colours: Name of the colour map.
        tell: Told how far it is.
    """
    same = question.method.id == chosen.method.id
    if question.method.at_step and question.step is None:
        question = replace(question, step=_usual_place(trace))
    tile, found = _tile(Asked(question, trace), question.method.title, settings, tell)
    if found is not None and not same:
        tile = replace(tile, words=_alike(explained(Asked(chosen, trace), tell), found))
    if same:
        tile = replace(tile, chosen=True, words="chosen")
    return pack_tile(tile, True, colours)


@dataclass(frozen=True)
class Check:
    """A map to doubt another one by.

    Attributes:
        packed: As `tile.js` takes it.
        title: What is compared, "“cup”" or "Random weights".
        verdict: What it means that the two are so much alike; "" if they are the same, or one of
            them is not there.
    """

    packed: bytes
    title: str
    verdict: str


CHECKS = ("chosen", "class", "random")
"""The map itself, that of another class, and that of the network before it learned anything."""


def check_of(
    trace: Trace, question: Question, kind: str, settings: Settings, colours: str, tell: Tell
) -> Check | None:
    """Return one of the `CHECKS`; None if there is nothing to compare with."""
    asked = Asked(question, trace)
    other: Asked | None = asked
    if kind != "chosen":
        other = rival_of(asked) if kind == "class" else twin_of(asked)
    if other is None:
        return None
    title = "Random weights" if kind == "random" else f"“{other.name}”"
    tile, found = _tile(other, title, settings, tell)
    said = ""
    if found is not None and kind != "chosen":
        from ali5.explain.attributions.agreement import rank_correlation

        # Maps of two classes may be opposites; random weights have signs by chance.
        signed = question.method.signed and kind == "class"
        alike = rank_correlation(explained(asked, tell).cells, found.cells, signed)
        tile = replace(tile, words=alike_in_words(alike))
        said = (
            class_verdict(asked, other, alike) if kind == "class" else random_verdict(asked, alike)
        )
    return Check(pack_tile(tile, False, colours), title, said)


def _tile(
    asked: Asked, title: str, settings: Settings, tell: Tell
) -> tuple[Tile, Attribution | None]:
    try:
        found = explained(asked, tell)
    except Ali5Error as error:
        return Tile(title, asked.method, None, None, settings, str(error)), None
    return Tile(title, asked.method, found, photo_of(asked), settings, ""), found


def _alike(one: Attribution, other: Attribution) -> str:
    from ali5.explain.attributions.agreement import rank_correlation

    return alike_in_words(rank_correlation(one.map, other.map))


def _usual_place(trace: Trace) -> str | None:
    try:
        return places_of(trace).usual
    except Ali5Error:  # its sentence is shown where the method is asked
        return None
