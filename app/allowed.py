"""What this visitor may do: in a class, learners share the computer by rules."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ali5.known.records import Architecture, Edition
from ali5.site.classroom import CLASSROOM

_TEACHER = "is-teacher"


def is_teacher() -> bool:
    """Tell whether this session has shown the teacher's key."""
    return CLASSROOM.is_on and st.session_state.get(_TEACHER) == CLASSROOM.key


def let_in(key: str) -> bool:
    """Make this session the teacher's, if the key is; tell whether it is."""
    if CLASSROOM.opens(key):
        st.session_state[_TEACHER] = CLASSROOM.key
    return is_teacher()


def may_bring() -> bool:
    """Tell whether weights may be downloaded here, and brought along."""
    return CLASSROOM.lets_bring or is_teacher()


def may_compute() -> bool:
    """Tell whether this visitor may compute for as long as it takes."""
    return CLASSROOM.lets_compute or is_teacher()


def editions_of(known: Architecture) -> Mapping[str, Edition]:
    """Return what there is of a network for this visitor, by name."""
    return known.editions if is_teacher() else CLASSROOM.editions_of(known)
