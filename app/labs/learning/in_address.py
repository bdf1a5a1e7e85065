"""The learning lab's settings in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st

from ... import address
from ...address import plain_choices, read_plain
from .settings import PLANNED, RANGES, VIEW_RANGES, WORDS, Settings, made_possible

_KNOWN = "learning-settings"


def read_settings() -> Settings:
    """Return the settings in the address; what is missing or impossible is the default.

    When the visitor comes back from another page, the settings of the training that went on
    meanwhile are put into the address again.
    """
    if address.has_arrived() and not any(address.text(name) for name in PLANNED):
        address.write(**st.session_state.get(_KNOWN, {}))
    found = read_plain(Settings(), RANGES | VIEW_RANGES, WORDS)
    settings = made_possible(Settings(**found))
    st.session_state[_KNOWN] = {
        name: str(value)
        for name, value in asdict(settings).items()
        if name in PLANNED and value != getattr(Settings(), name)
    }
    return settings


def write_settings(sent: Mapping[str, Any]) -> None:
    """Put the settings of the training into the address."""
    address.write(**plain_choices(sent, Settings(), PLANNED))


def write_view(sent: Mapping[str, Any]) -> None:
    """Put some settings of the view into the address."""
    address.write(**plain_choices(sent, Settings(), sent))
