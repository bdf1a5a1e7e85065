"""One channel of a layer, or one unit of a vector, and the sum behind one of its pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...canvas.component import component
from ...choose.choice import Choice
from ...choose.colours import read_colours
from ...choose.network import look
from ...choose.picture import current_picture
from ...engine import Passage, StepFacts
from ...runs import fragment
from ...words import plain
from ..view import open_unit
from .settings import ASKED, FIELDS, GONE, ORDERS, SCOPES, Look, Place, unit_id

_unit = component(__file__, "unit", sends={"go": GONE})
_letter = component(__file__, "unit_sum", sends={"ask": ASKED})

_LOOK = "unit-look"
"""In the session: at which pixel the visitor rests without having chosen it."""


def show_unit(passage: Passage, step: StepFacts, channel: int, choice: Choice) -> None:
    """Show one channel large beside the picture, and the sum behind the pixel pointed at.

    Args:
        passage: The picture's way through the network.
        step: The unit's step.
        channel: Its channel.
        choice: The network as it was chosen.
    """
    from .sent import about_unit, pack_unit

    st.session_state.pop(_LOOK, None)
    st.markdown(engine.ask(about_unit, passage, step.name, channel))
    picture = passage.subject.picture
    caption = (
        f"{passage.network.architecture.heading}, {step.name}, "
        f"{step.noun} {channel}, on {picture.caption}"
    )

    def went(place: Mapping[str, Any]) -> None:
        if place["at"] is None:
            address.write(step=place["step"], channel=place["channel"], at=None)
        else:
            open_unit(place["step"], place["channel"], *place["at"])

    packed = engine.ask(
        pack_unit, passage, step.name, channel, read_look(step), picture.image, caption
    )
    _unit(key="unit", data=packed, go=went)
    _show_numbers(choice, step.name, channel)


@fragment
def _show_numbers(choice: Choice, name: str, channel: int) -> None:
    """Send the numbers behind a pixel: alone, when the visitor only looks at another one.

    The session keeps what this is given: it asks anew for what others keep, if they do.
    """
    try:
        passage = look(choice, current_picture())
    except Ali5Error as error:
        st.error(plain(str(error)))
        return
    _send_numbers(passage, passage[name], channel)


def _send_numbers(passage: Passage, step: StepFacts, channel: int) -> None:
    from .letters import pack_field, pack_growth, pack_sum
    from .sent import strongest_of

    name = step.name
    shown = unit_id(passage.name, name, channel)

    def asked(wish: Mapping[str, Any]) -> None:
        if wish["id"] != shown:
            return  # the visitor has gone on meanwhile
        write_look(wish)
        st.session_state[_LOOK] = [name, channel, wish["look"]]

    view = read_look(step)
    chosen = view.at or engine.ask(strongest_of, passage, name, channel)
    at = _looked_at(step, channel) or chosen
    with st.container(gap=None):
        _send_letter("unit-sum", engine.ask(pack_sum, passage, name, channel, view, at), asked)
        if at != chosen:
            return
        # What takes longer comes after it.
        _send_letter(
            "unit-growth", engine.ask(pack_growth, passage, name, channel, view, chosen), asked
        )
        if view.field == "gradient":
            _send_letter(
                "unit-field", engine.ask(pack_field, passage, name, channel, view, chosen), asked
            )


def _send_letter(key: str, packed: bytes, asked: Callable[[Mapping[str, Any]], None]) -> None:
    """Send the unit that is shown a letter; call `asked` with what it asks for."""
    _letter(key=key, data=packed, ask=asked)


def read_look(step: StepFacts) -> Look:
    """Return what the address says of how a unit is looked at; what is not possible is left out."""
    return Look(
        at=_place(step, address.text("at").split(".")),
        order=address.read("order", ORDERS, ORDERS[0]),
        fold=step.operation == "batch normalisation"
        and address.read("fold", ("yes", ""), "") == "yes",
        field=address.read("field", FIELDS, FIELDS[0]),
        scope=address.read("scope", SCOPES, SCOPES[0]),
        colours=read_colours(),
    )


def write_look(wish: Mapping[str, Any]) -> None:
    """Put what the visitor has chosen into the address."""
    at = wish["at"]
    address.write(
        at=f"{at[0]}.{at[1]}" if at else None,
        order=wish["order"] if wish["order"] != ORDERS[0] else None,
        fold=wish["fold"] or None,
        field=wish["field"] if wish["field"] != FIELDS[0] else None,
        scope=wish["scope"] if wish["scope"] != SCOPES[0] else None,
    )


def _place(step: StepFacts, parts: list[Any]) -> Place | None:
    """Return a row and column of a step's maps; None if it is none."""
    edges = step.shape[2:]
    texts = [str(part) for part in parts]
    if len(texts) != 2 or len(edges) != 2 or not all(t.isdecimal() and len(t) < 6 for t in texts):
        return None
    row, column = map(int, texts)
    return (row, column) if row < edges[0] and column < edges[1] else None


def _looked_at(step: StepFacts, channel: int) -> Place | None:
    name, number, at = st.session_state.get(_LOOK, ("", 0, []))
    return _place(step, at) if (name, number) == (step.name, channel) else None
