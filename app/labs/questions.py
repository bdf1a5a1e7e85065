"""Questions to predict an answer to, marked by the engine. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        text: What is asked.
        options: What can be answered, the right one among them.
        answer: The right one.
        why: What to say when it is revealed.
    """

    text: str
    options: tuple[str, ...]
    answer: str
    why: str


def options_around(right: int, *others: int) -> tuple[str, ...]:
    """Return up to four numbers in order, the right one among them, without repeats."""
    found = sorted({right, *(each for each in others if each >= 0)})
    while len(found) < 3:
        found.append(found[-1] + 1)
    keep = [right, *(each for each in found if each != right)][:4]
    return tuple(f"{each:,}" for each in sorted(keep))
