"""Registering a browser component, and what is done with its answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from .scripts import join_scripts, join_styles, parts_of


def component(room: str, name: str) -> ComponentRenderer:
    """Register the component whose script has that name.

    Args:
        room: The file that registers it, `__file__`; the script lies beside it.
        name: Of the script, without its suffix, and of the component.
    """
    parts = parts_of(Path(room).with_name(f"{name}.js"))
    shown = st.components.v2.component(
        f"ali5_{name}", js=join_scripts(parts), css=join_styles(parts)
    )

    def show(*, data: Any = None, **rest: Any) -> Any:
        return shown(data=_plain(data), **rest)

    return cast(ComponentRenderer, show)


def _plain(data: Any) -> Any:
    """Return what is sent in a form that Streamlit does not take for a table.

    To find out whether a list is one, it loads pandas and Arrow, 100 MB that no page needs to open.
    """
    if not isinstance(data, dict):
        return data
    return {name: tuple(each) if isinstance(each, list) else each for name, each in data.items()}


def answer(key: str, trigger: str, act: Callable[..., None]) -> Callable[[], None]:
    """Return a callback for a component that hands what it has sent to `act`.

    Args:
        key: Of the component.
        trigger: Which of its triggers.
        act: Called with the value of the trigger.
    """

    def answered() -> None:
        act(st.session_state[key][trigger])

    return answered
