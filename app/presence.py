"""Who is here: what the engine has to know of visitors who come and go."""

from __future__ import annotations

import streamlit as st

from . import engine
from .engine import collector


def attend() -> None:
    """Notice the end of this visitor's session, to tidy up after it; call it in every run."""
    engine.yield_at(_let_go)
    _presence()
    engine.forget_what_is_gone()


def _let_go() -> None:
    st.session_state.get("_")  # Streamlit stops an outdated run at it


def _leave(_presence: object) -> None:
    collector.tidy_later()


@st.cache_resource(scope="session", on_release=_leave, show_spinner=False)
def _presence() -> object:
    return object()
