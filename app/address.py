"""Every choice of a page is in its address, and nowhere else.

Widgets show what the address says and write to it; so a link restores a page, and the browser's
back button undoes the last choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from ali5 import door
from ali5.door import Reader
from ali5.paths import SITE

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_expander_container import ExpanderContainer


Value = TypeVar("Value")

_LATEST = "address"


_KEPT = ("picture", "from", "which", "colours")
"""Choices that go along to another page."""

INSIDE = ("step", "channel", "at", "pins")
"""What the address says of how deep one is in a network; nothing of it holds for another one."""


def follow(page: str) -> None:
    """Take over where the browser is now; call it at the start of every run.

    A click may be sent before the browser has heard what the last one changed in the address. So
    `write` goes by what this session knew last, not by what came along with the click.
    """
    before, last_page = st.session_state.get(_LATEST, {}), st.session_state.get("page", page)
    st.session_state[_LATEST] = now = st.query_params.to_dict()
    st.session_state["page"] = page
    st.session_state["arrived"] = page != last_page
    if page != last_page:
        carried = {name: before[name] for name in _KEPT if name in before and name not in now}
        if carried:
            write(**carried)


def script_of(page: str) -> str:
    """Return the script of a page, to go or to lead there."""
    return str(SITE / "pages" / f"{page}.py")


def kept() -> dict[str, str]:
    """Return the choices that go along to another page, as they are now."""
    now: dict[str, str] = st.session_state.get(_LATEST, {})
    return {name: now[name] for name in _KEPT if name in now}


def has_arrived() -> bool:
    """Tell whether this run is the first one since the visitor came over from another page."""
    return bool(st.session_state.get("arrived", False))


def read(name: str, allowed: Collection[str], default: str) -> str:
    """Return a choice from the address; the default if it is missing or not possible."""
    return _among(str(st.query_params.get(name, default)), allowed, default)


def _among(value: str, allowed: Collection[str], default: str) -> str:
    return value if value in allowed else default


def read_number(name: str, count: int, default: int = 0) -> int:
    """Return a number from 0 to `count` - 1 from the address; the default if it is not one."""
    return _number(text(name), count, default)


def _number(value: str, count: int, default: int) -> int:
    # The length is checked first: Python refuses to read numbers of thousands of digits.
    return int(value) if value.isdecimal() and len(value) < 9 and int(value) < count else default


def read_range(name: str, low: int, high: int, default: int) -> int:
    """Return a number from `low` to `high` from the address; the default if it is not one."""
    return _within(text(name), low, high, default)


def _within(value: str, low: int, high: int, default: int) -> int:
    size = _number(value.removeprefix("-"), 10**8, -1)
    number = -size if value.startswith("-") else size
    return number if size >= 0 and low <= number <= high else default


def read_numbers(name: str, count: int, most: int) -> tuple[int, ...]:
    """Return different numbers from 0 to `count` - 1, "3.17.40" in the address.

    Args:
        name: Of the choice.
        count: How many numbers there are.
        most: How many are taken; what is not possible and what comes twice is left out.
    """
    parts = str(st.query_params.get(name, ""))[:200].split(".")
    # The length is checked first: Python refuses to read numbers of thousands of digits.
    found = [int(part) for part in parts if part.isdecimal() and len(part) < 9]
    return tuple(dict.fromkeys(number for number in found if number < count))[:most]


def is_empty() -> bool:
    """Tell whether the address says nothing: the visitor has chosen nothing yet."""
    return not st.query_params.to_dict()


def text(name: str) -> str:
    """Return what the address says of a choice, whatever it is; "" if it says nothing."""
    return str(st.query_params.get(name, ""))


def read_as(name: str, reader: Reader[Value], default: Value) -> Value:
    """Return a choice from the address by a reader of the door; the default if it does not fit."""
    return door.read(reader, text(name), default)


def write(**choices: str | int | None) -> None:
    """Change choices in the address, all in one step of the browser's history.

    Args:
        choices: None takes a choice out of the address.
    """
    now = st.session_state.get(_LATEST, {})
    new = now | {name: str(value) for name, value in choices.items() if value is not None}
    for name, value in choices.items():
        if value is None:
            new.pop(name, None)
    st.session_state[_LATEST] = new
    if new != st.query_params.to_dict():
        st.query_params.from_dict(new)


def choose(
    label: str,
    options: Mapping[str, str],
    *,
    name: str,
    default: str,
    resets: Collection[str] = (),
    as_list: bool = False,
    explanation: str | None = None,
) -> str:
    """Show a choice that lives in the address; return what is chosen.

    Args:
        label: Above the widget.
        options: What can be chosen and what to call it.
        name: Of the choice in the address.
        default: What is chosen if the address does not say.
        resets: Choices that make no sense any more when this one changes.
        as_list: Show a drop-down list instead of buttons in a row.
        explanation: Shown at a question mark beside the label.
    """
    key = f"choice-{name}"
    st.session_state[key] = read(name, options, default)

    def changed() -> None:
        chosen = st.session_state[key]
        write(**dict.fromkeys(resets), **{name: chosen if chosen != default else None})

    shared: dict[str, Any] = {
        "format_func": lambda option: options[option],
        "key": key,
        "on_change": changed,
        "help": explanation,
    }
    if as_list:
        st.selectbox(label, list(options), **shared)
    else:
        st.segmented_control(label, list(options), required=True, **shared)
    return read(name, options, default)


def unfold(label: str, *, name: str) -> ExpanderContainer:
    """Show a part that is folded away at first; whether it is open lives in the address.

    Only fill it when its `.open` is true: what is hidden need not be computed.
    """
    key = f"unfold-{name}"
    st.session_state[key] = read(name, ("open", "shut"), "shut") == "open"

    def changed() -> None:
        write(**{name: "open" if st.session_state[key] else None})

    return st.expander(label, key=key, on_change=changed)


Ranges = Mapping[str, tuple[int, int]]
Words = Mapping[str, tuple[str, ...]]


def read_plain(default: Any, ranges: Ranges, words: Words) -> dict[str, Any]:
    """Return what the address says; where it says nothing possible, what the default says.

    Args:
        default: Settings with an attribute for each name.
        ranges: Smallest and largest value of each whole number.
        words: What each choice can be.
    """
    said = dict(st.query_params)  # once: Streamlit takes a while for every look
    numbers = {
        name: _within(str(said.get(name, "")), low, high, getattr(default, name))
        for name, (low, high) in ranges.items()
    }
    chosen = {
        name: _among(str(said.get(name, "")), options, getattr(default, name))
        for name, options in words.items()
    }
    return {**numbers, **chosen}


def plain_choices(
    sent: Mapping[str, Any], default: Any, names: Iterable[str]
) -> dict[str, str | int | None]:
    """Return what is to be written to the address of what a lab has sent.

    Args:
        sent: Settings, as the door has read them.
        default: What is not written.
        names: Of the settings that the address has as they are.
    """
    return {
        name: str(sent[name]) if sent[name] != getattr(default, name) else None for name in names
    }
