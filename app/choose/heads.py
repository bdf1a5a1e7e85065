"""Heads that the visitor has taught: they belong to the session alone.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ali5.classifying.teach.held_out import Check

from .. import engine
from .choice import TAUGHT_START, Choice, Written, taught_name

MOST_KEPT = 3
"""Heads of a session; an older one makes room."""

ABSENT = (
    "This address was made with a head that somebody has taught. It stays in their session: teach "
    "one of your own, or bring theirs as a file, on the page “Teach it yours”. Until then you see "
    "ResNet-18 as it ships."
)

_KEY = "taught-heads"


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture that a head was taught with, small.

    Attributes:
        name: As it was given.
        thumbnail: RGB bytes of a square.
    """

    name: str
    thumbnail: bytes


@dataclass(frozen=True, eq=False)
class Kept:
    """A head of this session: the last layer alone, not the network that it was taught on.

    Attributes:
        labels: Its classes.
        check: How good it is.
        backbone: What it was taught on.
        choice: The network with the head.
        content: As a file.
        digest: What caches go by.
        pictures: What it was taught with, by group; empty for a head from a file.
        lesson: Names what it was taught with and on, to tell whether that is still so.
    """

    labels: tuple[str, ...]
    check: Check
    backbone: Choice
    choice: Choice
    content: bytes
    digest: str
    pictures: tuple[tuple[Shown, ...], ...] = ()
    lesson: str = ""


def keep(
    taught: Written, backbone: Choice, pictures: Sequence[Sequence[Shown]] = (), lesson: str = ""
) -> Kept:
    """Keep a head for this session; once the session ends, nothing of it is left.

    Args:
        taught: The head.
        backbone: What it was taught on.
        pictures: What it was taught with, by group.
        lesson: Names what it was taught with and on.
    """
    digest = taught.digest
    choice = Choice(taught.architecture, taught.edition, digest, taught_name(digest))
    shown = tuple(tuple(each) for each in pictures)
    head = Kept(
        taught.labels, taught.check, backbone, choice, taught.content, digest, shown, lesson
    )
    if not head.pictures:  # out of a file, which tells less than may be known of it here
        head = find(head.digest) or head
    engine.forget_with(head)
    others = {name: each for name, each in kept().items() if each.digest != head.digest}
    newest = [*others.items(), (name_of(head), head)][-MOST_KEPT:]
    st.session_state[_KEY] = dict(newest)
    return head


def kept() -> dict[str, Kept]:
    """Return the heads of this session by their names in the address, the oldest first."""
    found: dict[str, Kept] = st.session_state.get(_KEY, {})
    return found


def forget(name: str) -> None:
    """Forget a head."""
    st.session_state[_KEY] = {other: head for other, head in kept().items() if other != name}


def find(digest: str) -> Kept | None:
    """Return the head of this session with that digest."""
    return next((each for each in kept().values() if each.digest == digest), None)


def name_of(head: Kept) -> str:
    """Return the name of a head in the address."""
    return taught_name(head.digest)


def is_name(text: str) -> bool:
    """Tell whether an address names a head, here or elsewhere."""
    return text.startswith(TAUGHT_START)


def title_of(head: Kept) -> str:
    """Return what to call a head: "Yours: cats, dogs (ResNet-18)"."""
    names = ", ".join(head.labels)
    short = names if len(names) <= 40 else f"{names[:39].rstrip()}…"
    return f"Yours: {short} ({head.choice.architecture.title})"
