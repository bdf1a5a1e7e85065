"""The settings of a lab in the address: whole numbers in a range, and words from a list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import address

Ranges = Mapping[str, tuple[int, int]]
Words = Mapping[str, tuple[str, ...]]


def read_plain(default: Any, ranges: Ranges, words: Words) -> dict[str, Any]:
    """Return what the address says; where it says nothing possible, what the default says.

    Args:
        default: Settings with an attribute for each name.
        ranges: Smallest and largest value of each whole number.
        words: What each choice can be.
    """
    numbers = {
        name: address.read_range(name, low, high, getattr(default, name))
        for name, (low, high) in ranges.items()
    }
    chosen = {
        name: address.read(name, options, getattr(default, name)) for name, options in words.items()
    }
    return {**numbers, **chosen}


def plain_choices(
    text: str, default: Any, ranges: Ranges, words: Words
) -> tuple[dict[str, Any], dict[str, str | int | None]]:
    """Return what a lab has sent, and what of it is to be written to the address.

    Args:
        text: All settings as JSON.
        default: What is not written.
        ranges: As for `read_plain`.
        words: As for `read_plain`.
    """
    sent = json.loads(text)
    choices: dict[str, str | int | None] = {
        name: str(sent[name]) if sent[name] != getattr(default, name) else None
        for name in (*ranges, *words)
    }
    return sent, choices
