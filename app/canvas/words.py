"""Sentences whose words light up the part of the page they stand for."""

from __future__ import annotations

from collections.abc import Collection

from ..words import linked
from .component import component

_words = component(__file__, "words")


def show_sentences(text: str, parts: Collection[str]) -> None:
    """Show a text; pointing at one of its linked words lights the part of the page it is about.

    Args:
        text: Sentences of `words.py`.
        parts: What there is on the page, as `app.words.PARTS` names it.
    """
    pieces = [(piece, part if part in parts else "") for piece, part in linked(text)]
    _words(key="words", data={"pieces": pieces})
