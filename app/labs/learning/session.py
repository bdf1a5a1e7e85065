"""The lesson of a visitor's session, and whether the visitor is still there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ali5.site.classroom import LESSON_SECONDS

from ...allowed import may_compute
from .lessons import MOST_SECONDS, Run, begin
from .settings import Settings, plan_of

_KEY = "lesson"


def most_seconds() -> float:
    """Return how long this visitor's training may compute before it pauses."""
    return MOST_SECONDS if may_compute() else LESSON_SECONDS


def presence_of_this_session() -> Callable[[], bool]:
    """Return a function for any thread that tells whether this session is still connected."""
    context = get_script_run_ctx()
    if context is None:
        return lambda: True
    session = context.session_id
    return lambda: not runtime.exists() or runtime.get_instance().is_active_session(session)


def run_of(settings: Settings, folder: Path | None) -> Run:
    """Return this session's run: the one that was begun, or a new one with these settings.

    Args:
        settings: What is set now.
        folder: Where MNIST's files are, if they are.

    Raises:
        DataError: MNIST's files are damaged.
    """
    kept = begun_run()
    if kept is not None:
        return kept
    plan, untouched = plan_of(settings), st.session_state.get(_KEY)
    if isinstance(untouched, Run) and untouched.plan == plan:
        return untouched
    st.session_state[_KEY] = run = begin(plan, "" if folder is None else str(folder))
    return run


def begun_run() -> Run | None:
    """Return this session's run, if it has learned something or is about to."""
    kept = st.session_state.get(_KEY)
    return kept if isinstance(kept, Run) and (kept.begun or kept.running) else None


def end_run() -> None:
    """Stop and forget this session's run."""
    kept = st.session_state.pop(_KEY, None)
    if isinstance(kept, Run):
        kept.pause()
