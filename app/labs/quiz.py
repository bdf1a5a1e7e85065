"""Predict, then reveal: questions whose answers the engine works out for what is on the screen."""

from __future__ import annotations

import streamlit as st

from .questions import Question


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
