"""Sentences whose words light up the part of the page they stand for."""

from __future__ import annotations

from collections.abc import Collection

from .component import component
from .sent import sentences_as_sent

_words = component(__file__, "words")


def show_sentences(text: str, parts: Collection[str]) -> None:
    """Show a text; pointing at one of its linked words lights the part of the page it is about.

    Args:
        text: Sentences of `words.py`.
        parts: What there is on the page, as `app.words.PARTS` names it.
    """
    _words(key="words", data=sentences_as_sent(text, parts))
