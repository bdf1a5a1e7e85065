"""What groups of pictures must be like to teach a network with them. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from ali5.door import read, text
from ali5.errors import Ali5Error

FEWEST_GROUPS, MOST_GROUPS = 2, 10

FEWEST_PICTURES = 3
"""In a group: while one is held out, two are left to learn from."""

MOST_PICTURES = 200
"""In all groups together."""

LONGEST_NAME = 40
"""Letters of the name of a group."""

MOST_FILE_BYTES = 8 * 2**20
"""Larger files are no heads: ten classes of 4,096 features are 160 KB."""

LABEL = text(LONGEST_NAME, least=1)
"""What it may be: of one line, and without signs that control how others are shown."""


def as_compared(name: str) -> str:
    """Return what two names have in common that are the same to a reader; "" if there is none."""
    return " ".join(name.split()).casefold()


def faults_of(groups: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """Say what is in the way of teaching groups, one sentence each.

    Args:
        groups: Name of each and the digests of its pictures.
    """
    faults = []
    if len(groups) < FEWEST_GROUPS:
        faults.append("There is nothing to tell apart yet: make at least two groups.")
    if len(groups) > MOST_GROUPS:
        faults.append(
            f"{len(groups)} groups are too many: at most {MOST_GROUPS} can be taught at a time."
        )
    names: dict[str, str] = {}
    homes: dict[str, str] = {}
    for place, (name, digests) in enumerate(groups, 1):
        key = as_compared(name)
        called = f"“{name}”" if key else f"Group {place}"
        if not key:
            faults.append(f"{called} has no name. Give it one.")
        elif len(name) > LONGEST_NAME:
            faults.append(f"The name {called} is longer than {LONGEST_NAME} letters. Shorten it.")
        elif read(LABEL, name, None) is None:
            faults.append(f"The name of group {place} has signs that cannot be seen. Type it anew.")
        elif key in names:
            faults.append(f"Two groups are called {names[key]}. Give one of them another name.")
        names.setdefault(key, called)
        if len(digests) < FEWEST_PICTURES:
            faults.append(
                f"{called} has {_counted(len(digests))}: bring at least {FEWEST_PICTURES}, so that "
                "two teach while one is held out."
            )
        own = set(digests)
        if twice := len(digests) - len(own):
            faults.append(f"{called} holds {_counted(twice)} twice. Take out the copies.")
        for home in dict.fromkeys(homes[each] for each in digests if each in homes):
            shared = sum(homes.get(each) == home for each in own)
            verb = "is" if shared == 1 else "are"
            faults.append(
                f"{_counted(shared).capitalize()} {verb} both in {home} and in {called}. A picture "
                "can teach one group only: take it out of the other."
            )
        homes |= dict.fromkeys(own - homes.keys(), called)
    total = sum(len(digests) for _, digests in groups)
    if total > MOST_PICTURES:
        faults.append(f"{total} pictures are too many: at most {MOST_PICTURES} can teach.")
    return tuple(faults)


def check_groups(groups: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Raise an `Ali5Error` with everything that is in the way of teaching groups."""
    if faults := faults_of(groups):
        raise Ali5Error(" ".join(faults))


def _counted(count: int) -> str:
    if count < 2:
        return ("no pictures", "one picture")[count]
    return f"{count} pictures"
