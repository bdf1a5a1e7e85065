"""Predict, then reveal: questions whose answers the engine works out for what is on the screen."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


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


def ask(questions: list[Question], lab: str) -> None:
    """Show questions, each to be answered and then revealed.

    An answer is forgotten when its question changes with the settings.
    """
    st.subheader("Predict, then reveal", anchor=False)
    for column, question in zip(st.columns(len(questions)), questions, strict=True):
        with column:
            chosen = st.radio(
                question.text,
                question.options,
                index=None,
                key=f"{lab}: {question.text} {question.answer}",
            )
            if chosen is None:
                st.caption("Choose, and the answer is worked out.")
            elif chosen == question.answer:
                st.success(f"Right. {question.why}")
            else:
                st.warning(f"It is {question.answer}. {question.why}")


def options_around(right: int, *others: int) -> tuple[str, ...]:
    """Return up to four numbers in order, the right one among them, without repeats."""
    found = sorted({right, *(each for each in others if each >= 0)})
    while len(found) < 3:
        found.append(found[-1] + 1)
    keep = [right, *(each for each in found if each != right)][:4]
    return tuple(f"{each:,}" for each in sorted(keep))
