"""What several networks say of a picture together, in words. No Streamlit, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ali5.known.records import TAUGHT

from ...words import listed, numeral, plain

if TYPE_CHECKING:
    from ali5.classifying.answers import Answer

    from .sent import Column


def voters(columns: Sequence[Column]) -> list[Answer]:
    """Return the answers of all but taught heads, which were asked about other classes."""
    return [
        each.answer for each in columns if each.answer is not None and each.answer.weights != TAUGHT
    ]


def agreement_in_words(answers: Sequence[Answer]) -> str:
    """Say what most of the trained networks say, and who says something else, in Markdown."""
    from ali5.classifying.answers import votes_of

    votes = votes_of(answers)
    asked, said = sum(len(voters) for _, voters in votes), [plain(label) for label, _ in votes]
    untrained = [plain(each.architecture.title) for each in answers if not each.trained]
    kind = "trained networks" if untrained else "networks"
    if not votes:
        words = "**None of these networks has learned anything yet.**"
    elif asked == 1:
        words = f"**Only {_names(votes[0][1])} has learned: it says {said[0]}.**"
    elif len(votes) == 1:
        all_of = "Both" if asked == 2 else f"All {numeral(asked)}"
        words = f"**{all_of} {kind} say {said[0]}.**"
    elif len(votes[0][1]) == 1:
        words = f"**No two of the {numeral(asked)} {kind} say the same.**"
    else:
        most = numeral(len(votes[0][1])).capitalize()
        words = f"**{most} of {numeral(asked)} {kind} say {said[0]}.**"
        others = [
            f"{_names(voters)} {_verb(voters)} {label}"
            for label, (_, voters) in zip(said[1:], votes[1:], strict=True)
        ]
        words += f" {'; '.join(others)}."
    if votes and untrained:
        verb = "has" if len(untrained) == 1 else "have"
        words += f" {listed(untrained)} {verb} random weights: what they say means nothing."
    return words


def _names(voters: Sequence[Answer]) -> str:
    return listed([plain(each.architecture.title) for each in voters])


def _verb(voters: Sequence[Answer]) -> str:
    return "says" if len(voters) == 1 else "say"
