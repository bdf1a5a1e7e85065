"""The page "What if" in the browser and in the address.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ... import address, engine
from ...canvas.component import component
from ...engine import Passage
from .answers import Shown
from .settings import OPENING, SENT, Settings, settings_of

INSIDE = ("step", "later", "change", "rank")
"""The choices that make no sense any more when the network changes."""

PREVIEW = "what-if-preview"
"""In the session, the choices while a control is dragged."""

_what_if = component(__file__, "what_if", sends={"settings": SENT, "preview": SENT})


def read_settings(
    passage: Passage, given: Mapping[str, str] | None = None
) -> tuple[Settings, tuple[str, ...]]:
    """Return what the address says, and a sentence for each thing that was left out.

    Args:
        passage: The picture's way through the unchanged network.
        given: Choices that count instead of those in the address.
    """
    if given is None:
        given = {name: address.text(name) for name in OPENING}
    return engine.ask(settings_of, passage, given)


def write_settings(sent: Mapping[str, str], opening: Mapping[str, str]) -> None:
    """Put what the page has sent into the address, where it is not as in the opening."""
    st.session_state.pop(PREVIEW, None)
    address.write(
        **{name: None if sent[name] == default else sent[name] for name, default in opening.items()}
    )


def write_preview(sent: Mapping[str, str]) -> None:
    """Remember what is set while a control is dragged; the address waits."""
    st.session_state[PREVIEW] = sent


def take_preview() -> Mapping[str, str] | None:
    """Return what is being dragged now, if something is, and forget it."""
    preview: Mapping[str, str] | None = st.session_state.pop(PREVIEW, None)
    return preview


def show_what_if(shown: Shown) -> None:
    """Show the page; what is set in it goes to the address."""
    opening = shown.opening
    _what_if(
        key="what-if",
        data=shown.packed,
        settings=lambda sent: write_settings(sent, opening),
        preview=write_preview,
    )
