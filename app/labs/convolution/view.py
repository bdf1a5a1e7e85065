"""The convolution lab: its settings in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from ali5.door import in_text

from ... import address, engine
from ...address import plain_choices, read_plain
from ...canvas.component import component
from ...choose.colours import read_colours
from ...engine import Picture
from ..toy import TOY_EDGE
from .sent import pack_convolution
from .settings import (
    BIAS,
    EXAMPLES,
    LARGEST_NUMBER,
    RANGES,
    SENT,
    WORDS,
    Settings,
    made_possible,
    settings_as_sent,
)

_convolution = component(__file__, "convolution", sends={"settings": SENT})


def show_convolution(settings: Settings, picture: Picture) -> None:
    """Show the lab; the settings go into the address when they are let go."""
    _convolution(
        key="convolution",
        data=engine.work_out(pack_convolution, settings, picture, read_colours()),
        settings=write_settings,
    )


# --- The settings in the address --------------------------------------------------------------


def read_settings(photo: tuple[int, ...] = ()) -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    Args:
        photo: Height and width of the photograph.
    """
    found = replace(
        Settings(),
        **read_plain(Settings(), RANGES, WORDS),
        bias=address.read_as("bias", in_text(BIAS), 0.0),
        cells=_read_cells(address.text("cells")),
    )
    if found.preset == "custom":
        weights = _read_weights(address.text("weights"), found.channels, found.kernel)
        found = replace(found, weights=weights, preset="custom" if weights else "identity")
    return made_possible(found, photo)


def write_settings(sent: Mapping[str, Any]) -> None:
    """Put the settings that the lab has sent into the address."""
    choices = plain_choices(sent, Settings(), (*RANGES, *WORDS))
    choices["bias"] = f"{float(sent['bias']):g}" if sent["bias"] else None
    cells = sent.get("cells") or {}
    parts = (f"{place.replace(',', '.')}:{_shortest(value)}" for place, value in cells.items())
    choices["cells"] = ",".join(parts) or None
    weights = sent.get("weights")
    flat = np.asarray(weights, float).ravel() if weights else ()
    choices["weights"] = ",".join(_shortest(value) for value in flat) or None
    address.write(**choices)


def show_example() -> None:
    """Put the settings of the chosen example into the address."""
    chosen = st.session_state.get("example")
    if chosen is not None:
        write_settings(settings_as_sent(EXAMPLES[chosen]))


def _shortest(value: float) -> str:
    """Write a number as short as it can be read back exactly."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _read_cells(text: str) -> dict[str, float]:
    cells = {}
    for part in text.split(",")[: 3 * TOY_EDGE**2]:
        place, _, value = part.partition(":")
        try:
            channel, row, column = (int(each) for each in place.split("."))
            number = float(value)
        except ValueError:
            continue
        inside = 0 <= channel < 3 and 0 <= row < TOY_EDGE and 0 <= column < TOY_EDGE
        if inside and abs(number) <= LARGEST_NUMBER:
            cells[f"{channel},{row},{column}"] = number
    return cells


def _read_weights(text: str, channels: int, size: int) -> list[Any] | None:
    try:
        values = np.array([float(part) for part in text.split(",")])
    except ValueError:
        return None
    if len(values) != channels * size**2 or not (np.abs(values) <= LARGEST_NUMBER).all():
        return None
    shaped: list[Any] = values.reshape(channels, size, size).tolist()
    return shaped
