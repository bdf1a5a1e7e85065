"""Pages, and parts that are put together anew without the rest of their page, take turns."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from . import engine

Given = ParamSpec("Given")


@contextlib.contextmanager
def in_turn(patient: bool = False) -> Iterator[None]:
    """Wait until it is this visitor's turn, and keep it; what is asked about stays meanwhile.

    Args:
        patient: Others who wait go first.
    """
    context = get_script_run_ctx()
    with engine.turn(context and context.session_id, patient), engine.holding():
        yield


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
