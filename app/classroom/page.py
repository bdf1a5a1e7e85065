"""The class: the address in large letters for the projector, and the teacher's switches."""

from __future__ import annotations

from html import escape

import streamlit as st

from ali5.site.classroom import (
    CLASSROOM,
    LESSON_SECONDS,
    SECONDS_OF_A_MINUTE,
    why_unreachable,
)
from ali5.site.hosting import outward_addresses

from .. import address, presence
from ..allowed import is_teacher, let_in
from ..runs import fragment
from ..words import counted
from .ways import address_for_learners, code_of

LOOK_S = 5.0
"""So often it is counted who is here."""


def show_page() -> None:
    """Show the page."""
    key = address.text("key")
    if key:
        known = let_in(key)
        address.write(key=None)  # it is for the teacher's eyes, and the projector shows the page
        if not known:
            st.error("This is not the key of this class. The terminal shows it at every start.")
    st.title("Join the class", anchor=False)
    _show_way()
    fragment(_show_how_many, LOOK_S)()
    if is_teacher():
        _show_switches()


def _show_way() -> None:
    outward = [] if CLASSROOM.is_alone else outward_addresses()
    url = address_for_learners(st.context.url or "", outward)
    if not url:
        st.warning(why_unreachable())
        return
    shown = url.removesuffix("/")
    st.html(
        f'<div class="class-way"><img src="{escape(code_of(url))}" alt="QR code of {escape(url)}">'
        f'<div><p class="class-url">{escape(shown)}</p>'
        "<p>In the same network, open this address in a browser, or point the camera of a phone at "
        "the square.</p></div></div>"
    )


def _show_how_many() -> None:
    here = max(1, presence.how_many())
    st.markdown(f"**{counted(here, 'browser window')}** open now, this one included.")


def _show_switches() -> None:
    st.subheader("For the teacher", anchor=False)
    st.markdown("You have no limits in this window. For all others:")
    for label, name, words in (
        (
            "Let learners compute as long as they like",
            "is_unhurried",
            f"Else everybody may keep this computer busy for {SECONDS_OF_A_MINUTE:.0f} s of a "
            f"minute, and a training pauses after {LESSON_SECONDS / 60:.0f} minutes.",
        ),
        (
            "Let learners download weights and bring their own",
            "is_open",
            "Else there are the compact and paper editions, with the weights that are here.",
        ),
    ):
        st.session_state[f"class-{name}"] = getattr(CLASSROOM, name)
        st.toggle(label, key=f"class-{name}", help=words, on_change=_switch, args=(name,))


def _switch(name: str) -> None:
    if is_teacher():
        setattr(CLASSROOM, name, bool(st.session_state[f"class-{name}"]))
