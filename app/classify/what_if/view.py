"""The page "What if" in the browser and in the address.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ... import address
from ...canvas.component import component
from ...choose.colours import read_colours
from .findings import Curve, Findings
from .settings import OPENING, SENT, Settings, opening_of, settings_of

if TYPE_CHECKING:
    from ali5.tracing.trace import Trace

INSIDE = ("step", "later", "change", "rank")
"""The choices that make no sense any more when the network changes."""

PREVIEW = "what-if-preview"
"""In the session, the choices while a control is dragged."""

_what_if = component(__file__, "what_if", sends={"settings": SENT, "preview": SENT})


def read_settings(
    before: Trace, given: Mapping[str, str] | None = None
) -> tuple[Settings, tuple[str, ...]]:
    """Return what the address says, and a sentence for each thing that was left out.

    Args:
        before: The picture's way through the unchanged network.
        given: Choices that count instead of those in the address.
    """
    if given is None:
        given = {name: address.text(name) for name in OPENING}
    return settings_of(given, before)


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


def show_what_if(
    weights: str,
    settings: Settings,
    findings: Findings,
    curve: Curve | None,
    drops: NDArray[np.float32] | None,
    working: bool,
) -> None:
    """Show the page; what is set in it goes to the address.

    Args:
        weights: What the network was asked for by, a kind of weights or the digest of a file.
        settings: What is set.
        findings: What the engine made of it.
        curve: The curve that is asked for, if it is there.
        drops: How much each channel of the step matters, if that is known.
        working: Whether something that was asked for is still being worked out.
    """
    from .sent import pack_what_if

    opening = opening_of(findings.before)

    _what_if(
        key="what-if",
        data=pack_what_if(weights, settings, findings, curve, drops, working, read_colours()),
        settings=lambda sent: write_settings(sent, opening),
        preview=write_preview,
    )
