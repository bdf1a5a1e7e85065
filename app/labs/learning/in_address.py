"""The learning lab's settings in the address."""

from __future__ import annotations

import json
from dataclasses import asdict

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


def write_settings(text: str) -> None:
    """Put the settings of the training, as JSON, into the address."""
    _, choices = plain_choices(text, Settings(), RANGES, WORDS)
    address.write(**choices)


def write_view(text: str) -> None:
    """Put some settings of the view, as JSON, into the address."""
    sent = json.loads(text)
    address.write(
        **{
            name: str(value) if value != getattr(Settings(), name) else None
            for name, value in sent.items()
            if name in VIEW_RANGES
        }
    )
