"""The browser components: plain JavaScript modules without a build step, and what they are sent.

Each component is one `.js` file and, if it needs one, a `.css` file, with `shared.js` and
`shared.css` in front and the parts it names between them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HERE = Path(__file__).parent


def component(name: str, *parts: str) -> ComponentRenderer:
    """Register the component whose files have that name, with the parts it builds on."""
    script, style = (
        "\n".join(
            path.read_text("utf-8")
            for part in ("shared", *parts, name)
            if (path := _HERE / f"{part}.{suffix}").is_file()
        )
        for suffix in ("js", "css")
    )
    return st.components.v2.component(f"ali5_{name}", js=script, css=style)


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
