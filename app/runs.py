"""Pages, and parts that are put together anew without the rest of their page, take turns."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from . import engine

Given = ParamSpec("Given")

_waiting = threading.local()


@contextlib.contextmanager
def in_turn(patient: bool = False) -> Iterator[None]:
    """Wait until it is this visitor's turn, and keep it; what is asked about stays meanwhile.

    Args:
        patient: Others who wait go first.
    """
    context = get_script_run_ctx()
    with engine.turn(context and context.session_id, patient), engine.holding():
        yield


def show_place(place: int) -> None:
    """Show how many an engine elsewhere answers before; nothing any more once it is this one."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return
    shown = getattr(_waiting, "shown", None)
    if place:
        others = "1 other" if place == 1 else f"{place} others"
        _waiting.shown = shown = shown or st.empty()
        shown.caption(f"The engine answers {others} first …")
    elif shown is not None:
        shown.empty()
        _waiting.shown = None


engine.tell_place_by(show_place)


def fragment(part: Callable[Given, None], every_s: float | None = None) -> Callable[Given, None]:
    """Return a part of a page that takes turns as pages do.

    Args:
        part: Puts it together.
        every_s: So often it does so by itself; then those who have asked for something go first.
    """

    @functools.wraps(part)
    def run(*args: Given.args, **named: Given.kwargs) -> None:
        with in_turn(patient=every_s is not None):
            part(*args, **named)

    return st.fragment(run, run_every=every_s)
