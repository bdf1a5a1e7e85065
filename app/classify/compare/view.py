"""A network of each family on one picture: which editions, answers as they come, agreement.

Importing this module does not import torch.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ali5.door import text
from ali5.errors import Ali5Error
from ali5.known.catalog import landmarks
from ali5.known.records import Architecture, Edition
from ali5.site.exploring import own

from ... import address, engine
from ...allowed import editions_of
from ...canvas.component import component
from ...choose import heads
from ...choose.choice import Choice, kind_of, own_choice
from ...choose.network import given_to, ready
from ...engine import Picture
from ...engine.kept import answered, kept_answer
from ...words import listed, plain

if TYPE_CHECKING:
    from .sent import Column

_compare = component(__file__, "compare", sends={"open": text(220, r"\d{1,2}/.+/\d{1,8}")})

QUICK = 500_000_000
"""Networks with fewer multiply-adds answer before the page is drawn anew, without a flicker."""

PATIENCE_S = 0.4
"""After so long, what has been answered meanwhile is shown."""

Key = tuple[Hashable, ...]
"""What caches go by."""

_STOPPED = "compare-stopped"
_FAILED = "compare-failed"
_WISH = "compare-wish"


def show_comparison(columns: Sequence[Column], picture: Picture, colours: str) -> None:
    """Show the networks side by side; a map that is clicked is opened in Explore.

    Args:
        columns: With what each network has answered so far.
        picture: What they look at.
        colours: Name of the colour map.
    """
    from .sent import pack_comparison

    _compare(
        key="compare",
        data=pack_comparison(columns, picture.image, colours),
        open=wish_to_explore,
    )


def choose_editions() -> tuple[Choice, ...]:
    """Show the choice of an edition for each family; return all.

    A network of the user's own and heads that were taught come last.
    """
    choices = []
    for name, known in landmarks().items():
        default = default_edition(known)
        edition = address.choose(
            known.heading,
            {each.name: _edition_in_words(known, each) for each in _offered(known)},
            name=name,
            default=default,
            as_list=True,
        )
        chosen = known.edition(edition)
        choices.append(Choice(known, chosen, kind_of(known, chosen)))
    mine = own()
    if mine is not None:
        choices.append(own_choice(mine))
    return (*choices, *(head.choice for head in heads.kept().values()))


def default_edition(known: Architecture) -> str:
    """Return the edition that answers to photographs of everyday things without a download."""
    return "colour" if "colour" in known.editions else known.edition().name


def _offered(known: Architecture) -> list[Edition]:
    """Return the editions to choose from; torchvision's only if its weights are here."""
    default = known.edition(default_edition(known))
    others = [
        each
        for each in editions_of(known).values()
        if each is not default
        and (each.name != "torchvision" or kind_of(known, each) == "published")
    ]
    return [default, *others]


def _edition_in_words(known: Architecture, edition: Edition) -> str:
    words = {
        "colour": "Colour photographs",
        "compact": "Digits" if edition.labels == "digits" else "Compact",
        "paper": "Paper",
        "torchvision": "torchvision",
    }[edition.name]
    return words if kind_of(known, edition) != "untrained" else f"{words}, untrained"


# --- Answers as they come -----------------------------------------------------------------------


def look(choices: Sequence[Choice], picture: Picture) -> tuple[Column, ...]:
    """Return what is known so far; ask those that answer at once."""
    start = time.monotonic()
    for choice in choices:
        quick = choice.edition.multiply_adds < QUICK and time.monotonic() - start < PATIENCE_S
        if quick and _is_missing(choice, picture) and not _is_stopped(choices, picture):
            _ask(choice, picture)
    return tuple(_column(choice, picture, choices) for choice in choices)


def go_on(columns: Sequence[Column], picture: Picture, place: DeltaGenerator) -> None:
    """Ask the next ones that have not answered, then run the page again; last on a page.

    Args:
        columns: As `look` returned them.
        picture: What they look at.
        place: Where progress is shown.
    """
    start = time.monotonic()
    waiting = [number for number, each in enumerate(columns) if each.state == "waiting"]
    for done, number in enumerate(waiting, len(columns) - len(waiting)):
        if time.monotonic() - start > PATIENCE_S:
            break
        choice = columns[number].choice

        def told(step: int, steps: int, done: int = done, choice: Choice = choice) -> None:
            if choice.edition.multiply_adds >= QUICK:
                now = f"{choice.architecture.title}: step {step + 1} of {steps}"
                words = f"{_answered_in_words(done, len(columns))}. {now}"
                place.progress((done + step / steps) / len(columns), words)

        _ask(choice, picture, told)
    if waiting:
        st.rerun()


def offer_again(columns: Sequence[Column], picture: Picture) -> None:
    """Show a button that asks those again that could not answer, if there are any."""
    failed = [each.choice for each in columns if each.state == "failed"]
    if failed:
        names = plain(listed([each.architecture.title for each in failed]))
        st.button(f"Ask {names} again", on_click=_forgive, args=(failed, picture))


def _forgive(choices: Sequence[Choice], picture: Picture) -> None:
    failures = st.session_state.get(_FAILED, {})
    for choice in choices:
        failures.pop(engine.key_of(*choice.key, picture), None)


def show_progress(columns: Sequence[Column], picture: Picture) -> DeltaGenerator:
    """Show how many have answered and a button that stops the others; return the bar's place."""
    choices = [each.choice for each in columns]
    done = sum(each.state in ("done", "failed") for each in columns)
    stopped = any(each.state == "stopped" for each in columns)
    bar, button = st.columns([5, 1], vertical_alignment="center")
    words = _answered_in_words(done, len(columns))
    place = bar.empty()
    place.progress(done / len(columns), f"{words}. You stopped the others." if stopped else words)
    if stopped:
        button.button("Go on", on_click=_stop, args=(None,), width="stretch")
    else:
        token = _token(choices, picture)
        button.button("Stop", on_click=_stop, args=(token,), width="stretch")
    return place


def _answered_in_words(done: int, count: int) -> str:
    return f"{done} of {count} networks have answered"


def _ask(choice: Choice, picture: Picture, told: engine.Progress | None = None) -> None:
    try:
        chosen = ready(choice)
        engine.ask(answered, chosen, choice.weights, given_to(choice, picture), told)
    except Ali5Error as error:
        st.session_state.setdefault(_FAILED, {})[engine.key_of(*choice.key, picture)] = str(error)


def _is_missing(choice: Choice, picture: Picture) -> bool:
    kept = engine.work_out(kept_answer, *choice.key, given_to(choice, picture))
    return kept is None and not _failure(choice, picture)


def _failure(choice: Choice, picture: Picture) -> str:
    failures: dict[Key, str] = st.session_state.get(_FAILED, {})
    return failures.get(engine.key_of(*choice.key, picture), "")


def _column(choice: Choice, picture: Picture, choices: Sequence[Choice]) -> Column:
    from .sent import Column, Lesson

    answer = engine.work_out(kept_answer, *choice.key, given_to(choice, picture))
    failure = _failure(choice, picture)
    head = heads.find(choice.weights)
    taught = None if head is None else Lesson(head.labels, head.check)
    if answer is not None:
        return Column(choice, answer, "", "done", taught)
    if failure:
        return Column(choice, None, failure, "failed", taught)
    state = "stopped" if _is_stopped(choices, picture) else "waiting"
    return Column(choice, None, "", state, taught)


def _token(choices: Sequence[Choice], picture: Picture) -> tuple[Key, ...]:
    return tuple(engine.key_of(*choice.key, picture) for choice in choices)


def _is_stopped(choices: Sequence[Choice], picture: Picture) -> bool:
    return bool(st.session_state.get(_STOPPED) == _token(choices, picture))


def _stop(token: tuple[Key, ...] | None) -> None:
    st.session_state[_STOPPED] = token


# --- From here to Explore -----------------------------------------------------------------------


def wish_to_explore(place: str) -> None:
    """Note that the visitor wants to see a channel of a network: "number of column/step/channel".

    A page cannot be left from within a callback: `follow_wish` does it.
    """
    st.session_state[_WISH] = place


def follow_wish(choices: Sequence[Choice]) -> None:
    """Go to Explore if the visitor has clicked on a map."""
    column, _, rest = str(st.session_state.pop(_WISH, "")).partition("/")
    step, _, channel = rest.rpartition("/")
    if not (column.isdecimal() and int(column) < len(choices)):
        return
    choice = choices[int(column)]
    place = {**choice.place, "step": step, "channel": channel}
    st.switch_page(address.script_of("explore"), query_params={**address.kept(), **place})
