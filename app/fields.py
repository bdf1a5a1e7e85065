"""Streamlit's own fields hear of a browser what they can read, and nothing else.

Streamlit hands a value to its field whatever kind it is of. Where the field could not read it, that
ended the run, and every later one of the session; it also ended the tidying up after who had left.
"""

from __future__ import annotations

from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import WStates

_read = WStates.__getitem__


def guard() -> None:
    """Let a field that is told what it cannot read be told nothing, in this process."""
    WStates.__getitem__ = _read_if_possible  # type: ignore[method-assign]


def _read_if_possible(states: WStates, field: str) -> Any:
    sent, known = states.states.get(field), states.widget_metadata.get(field)
    value = getattr(sent, "value", None)
    kind = value.WhichOneof("value") if isinstance(value, WidgetState) else None
    if known is not None and kind not in (None, known.value_type):
        raise KeyError(field)
    try:
        return _read(states, field)
    except Exception as error:  # whatever its reader stumbles over
        raise KeyError(field) from error
