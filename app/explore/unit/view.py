"""One channel of a layer, or one unit of a vector, and the sum behind one of its pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from ali5.errors import Ali5Error

from ... import address, engine
from ...canvas.component import component
from ...choose.choice import Choice
from ...choose.colours import read_colours
from ...choose.network import prepare
from ...choose.picture import current_picture
from ...engine import Picture
from ...runs import fragment
from ...words import number_in_words, plain, share_in_words
from ..view import open_unit
from .settings import ASKED, FIELDS, GONE, ORDERS, SCOPES, Look, Place

if TYPE_CHECKING:
    from ali5.tracing.trace import Step, Trace

_unit = component(__file__, "unit", sends={"go": GONE})
_letter = component(__file__, "unit_sum", sends={"ask": ASKED})

_LOOK = "unit-look"
"""In the session: at which pixel the visitor rests without having chosen it."""


def show_unit(trace: Trace, step: Step, channel: int, picture: Picture, choice: Choice) -> None:
    """Show one channel large beside the picture, and the sum behind the pixel pointed at.

    Args:
        trace: The picture's way through the network.
        step: The unit's step.
        channel: Its channel.
        picture: As the network is given it.
        choice: The network as it was chosen.
    """
    from .sent import pack_unit

    st.session_state.pop(_LOOK, None)
    st.markdown(_about(trace, step, channel))
    caption = (
        f"{trace.network.architecture.heading}, {step.name}, "
        f"{_noun(step)} {channel}, on {picture.caption}"
    )

    def went(place: Mapping[str, Any]) -> None:
        if place["at"] is None:
            address.write(step=place["step"], channel=place["channel"], at=None)
        else:
            open_unit(place["step"], place["channel"], *place["at"])

    packed = pack_unit(trace, step, channel, read_look(step), picture.image, caption)
    _unit(key="unit", data=packed, go=went)
    _show_numbers(choice, step.name, channel)


@fragment
def _show_numbers(choice: Choice, name: str, channel: int) -> None:
    """Send the numbers behind a pixel: alone, when the visitor only looks at another one.

    The session keeps what this is given: it asks for the trace, which others keep, if they do.
    """
    try:
        trace = prepare(choice, current_picture())
    except Ali5Error as error:
        st.error(plain(str(error)))
        return
    _send_numbers(trace, trace[name], channel)


def _send_numbers(trace: Trace, step: Step, channel: int) -> None:
    from .letters import pack_field, pack_growth, pack_sum, unit_id
    from .sent import strongest

    shown, name = unit_id(trace, step, channel), step.name

    def asked(wish: Mapping[str, Any]) -> None:
        if wish["id"] != shown:
            return  # the visitor has gone on meanwhile
        write_look(wish)
        st.session_state[_LOOK] = [name, channel, wish["look"]]

    view = read_look(step)
    chosen = view.at or strongest(step, channel)
    look = _looked_at(step, channel) or chosen
    with st.container(gap=None):
        _send_letter("unit-sum", pack_sum(trace, step, channel, view, look), asked)
        if look != chosen:
            return
        # What takes longer comes after it.
        _send_letter("unit-growth", pack_growth(trace, step, channel, view, chosen), asked)
        if view.field == "gradient":
            with engine.slot():
                packed = pack_field(trace, step, channel, view, chosen)
            _send_letter("unit-field", packed, asked)


def _send_letter(key: str, packed: bytes, asked: Callable[[Mapping[str, Any]], None]) -> None:
    """Send the unit that is shown a letter; call `asked` with what it asks for."""
    _letter(key=key, data=packed, ask=asked)


def read_look(step: Step) -> Look:
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


def _place(step: Step, parts: list[Any]) -> Place | None:
    """Return a row and column of a step's maps; None if it is none."""
    edges = step.shape[2:]
    texts = [str(part) for part in parts]
    if len(texts) != 2 or len(edges) != 2 or not all(t.isdecimal() and len(t) < 6 for t in texts):
        return None
    row, column = map(int, texts)
    return (row, column) if row < edges[0] and column < edges[1] else None


def _looked_at(step: Step, channel: int) -> Place | None:
    name, number, look = st.session_state.get(_LOOK, ("", 0, []))
    return _place(step, look) if (name, number) == (step.name, channel) else None


def _noun(step: Step) -> str:
    return "unit" if step.output.ndim == 2 else "channel"


def _about(trace: Trace, step: Step, channel: int) -> str:
    """Say of a channel how much of it is active and where it is strongest."""
    import torch

    from .sent import strongest

    count = step.shape[1]
    values = step.output[0, channel]
    if values.numel() == 1:
        value = float(values)
        rank = int((step.output[0].flatten() > value).sum()) + 1
        labels, scores = trace.network.labels, (trace.steps[-1].name, *trace.steps[-1].inputs)
        stands_for = f", the class “{plain(labels[channel])}”" if step.name in scores else ""
        words = share_in_words(value) if step.operation == "softmax" else number_in_words(value)
        return (
            f"**{_noun(step).capitalize()} {channel} of {count:,}{stands_for}:** {words}, "
            f"number {rank:,} of {count:,} by size."
        )
    row, column = strongest(step, channel)
    active = float((values > 0).float().mean())
    above = "above zero" if step.operation == "input" else "active (above zero)"
    broken = int((~torch.isfinite(values)).sum())
    said = f" {broken:,} of its values are not finite." if broken else ""
    return (
        f"**Channel {channel} of {count:,}:** {share_in_words(active)} {above}, "
        f"strongest at row {row}, column {column} with "
        f"{number_in_words(float(values[row, column]))}.{said}"
    )
