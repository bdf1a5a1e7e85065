"""Registering a browser component, and what it may send: nothing else of it gets further."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import streamlit as st
from streamlit.components.v2.bidi_component import serialization
from streamlit.runtime.state import common

from ali5 import door
from ali5.door import Reader
from ali5.site import files

from .scripts import dressed, join_scripts, join_styles, loader_of, parts_of

_UNFIT = object()

COMPONENTS: dict[str, Component] = {}
"""All that have been registered, by the name of their script."""


class Component:
    """A component of the browser, and the only ear for what it sends.

    Attributes:
        sends: What it tells, by trigger: read by the door, and handed on only if it fits.
        keeps: What it keeps for as long as it is shown, likewise.
        loader: The script that comes with every message; it loads the component's own, once.
    """

    def __init__(
        self, script: Path, sends: Mapping[str, Reader[Any]], keeps: Mapping[str, Reader[Any]]
    ) -> None:
        self.sends, self.keeps = sends, keeps
        parts = parts_of(script)
        whole = dressed(join_scripts(parts), join_styles(parts))
        file = files.publish(script.stem, "js", whole.encode())
        self.loader = loader_of(f"{files.PLACE}/{file}")
        self._render = st.components.v2.component(f"ali5_{script.stem}", js=self.loader)

    def __call__(
        self,
        *,
        key: str,
        data: bytes | dict[str, Any],
        width: int | Literal["stretch"] = "stretch",
        **acts: Callable[[Any], object],
    ) -> dict[str, Any]:
        """Show it; return what it keeps, as far as that fits.

        Args:
            key: Another one for each of its kind on the page.
            data: What it is sent, from a packer.
            width: In CSS pixels.
            acts: For every trigger, what is called with its value once it has been read.
        """
        if acts.keys() != self.sends.keys():
            raise TypeError(f"{key} sends {sorted(self.sends)}, and {sorted(acts)} is heard.")
        told: dict[str, Any] = {
            f"on_{name}_change": self._hearing(key, name, acts[name])
            if name in acts
            else lambda: None
            for name in (*self.sends, *self.keeps)
        }
        kept = self._render(key=key, data=_plain(data), width=width, **told)
        found = {name: door.read(each, kept.get(name), _UNFIT) for name, each in self.keeps.items()}
        return {name: value for name, value in found.items() if value is not _UNFIT}

    def _hearing(self, key: str, name: str, act: Callable[[Any], object]) -> Callable[[], None]:
        def heard() -> None:
            sent = st.session_state.get(key)
            value = sent.get(name) if isinstance(sent, dict) else None
            found = door.read(self.sends[name], value, _UNFIT)
            if found is not _UNFIT:
                act(found)

        return heard


def component(
    room: str,
    name: str,
    *,
    sends: Mapping[str, Reader[Any]] | None = None,
    keeps: Mapping[str, Reader[Any]] | None = None,
) -> Component:
    """Register the component whose script has that name.

    Args:
        room: The file that registers it, `__file__`; the script lies beside it.
        name: Of the script, without its suffix, and of the component.
        sends: What each of its triggers may be, by `setTriggerValue` in the script.
        keeps: The same for what it keeps, by `setStateValue`.
    """
    COMPONENTS[name] = found = Component(
        Path(room).with_name(f"{name}.js"), sends or {}, keeps or {}
    )
    return found


def _plain(data: Any) -> Any:
    """Return what is sent in a form that Streamlit does not take for a table.

    To find out whether a list is one, it loads pandas and Arrow, 100 MB that no page needs to open.
    """
    if not isinstance(data, dict):
        return data
    return {name: tuple(each) if isinstance(each, list) else each for name, each in data.items()}


MOST_SENT = 2 * door.MOST_LETTERS
"""Letters of a message: JSON in JSON has more."""


def _loads(text: str) -> object:
    return door.read(door.json_of(door.anything, MOST_SENT), text, None)


# Streamlit takes messages apart before anybody else sees them, and what it cannot take apart ends
# the run, or stays with the session for good: so it does it by the door, too.
for _module in (serialization, common):
    vars(_module)["json"] = SimpleNamespace(
        loads=_loads, dumps=json.dumps, JSONDecodeError=json.JSONDecodeError
    )
