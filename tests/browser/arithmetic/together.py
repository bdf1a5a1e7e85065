"""Laws on what the browser and Python both compute, held for hundreds of cases at once.

What a law asks the browser goes there together with what all other cases ask: a question alone
takes longer on its way than it is worked on. So a law is written as if there were one case, and
yields its questions:

    settle = in_browser("labs/convolution/possible.js", "settle")

    @for_any(chosen=SETTINGS, height=SIDES)
    def test_settings_are_brought_in_line_alike(chosen: Settings, height: int) -> Law:
        found = yield settle(settings_as_sent(chosen), height)
        assert found == settings_as_sent(made_possible(chosen, height))
"""

from __future__ import annotations

import functools
import inspect
import itertools
import random
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

Bare = Callable[..., Callable[..., Any]]

CASES = 500
"""How many each law is held for."""


class Question(NamedTuple):
    """A function of the site's scripts, and what it is given."""

    script: str
    name: str
    given: tuple[Any, ...]


@dataclass(frozen=True)
class Several:
    """Tuples of values that are drawn once: most of what Hypothesis takes, it takes for long lists.

    Attributes:
        of: What one of them is drawn of.
        least: How many there are at least.
        most: How many there are at most.
    """

    of: Cases
    least: int
    most: int


@dataclass(frozen=True, eq=False)
class Built:
    """What is built of parts, of which each is drawn alone: much faster than building each anew.

    Attributes:
        by: Builds it, by the names of the parts.
        parts: What they are drawn of.
    """

    by: Callable[..., Any]
    parts: dict[str, Cases]


Cases = st.SearchStrategy[Any] | Several | Built

Law = Generator[Question | list[Question], Any, None]
"""Yields a question, or a list of them, and gets the answer, or a list of them."""


def in_browser(script: str, name: str) -> Callable[..., Question]:
    """A function of the site's scripts, to be asked by a law."""
    return lambda *given: Question(script, name, given)


def for_any(**cases: Cases) -> Callable[[Callable[..., Law]], Callable[..., None]]:
    """Make a test of a law: its cases are drawn by Hypothesis, the rest are fixtures.

    What breaks it is looked for again, one case at a time, so that Hypothesis makes it small.
    """

    def decorate(law: Callable[..., Law]) -> Callable[..., None]:
        def test(bare: Bare, **fixtures: Any) -> None:
            def hold_one(case: dict[str, Any]) -> None:
                hold([law(**fixtures, **case)], bare)

            drawn = together(cases)
            try:
                hold([law(**fixtures, **case) for case in drawn], bare)
            except Exception:
                once_each(strategy_of(Built(dict, cases)), hold_one)
                for case in drawn:
                    with telling(case):
                        hold_one(case)
                raise

        names = [name for name in inspect.signature(law).parameters if name not in cases]
        wanted = dict.fromkeys(["bare", *names])
        test.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in wanted]
        )
        test.__name__, test.__qualname__ = law.__name__, law.__qualname__
        test.__doc__, test.__module__ = law.__doc__, law.__module__
        return test

    return decorate


def together(cases: dict[str, Cases]) -> list[dict[str, Any]]:
    """Put together what was drawn of each strategy: the simplest first, the others as they come."""
    columns = []
    for name, what in cases.items():
        first, *others = drawn_of(what)
        values = [first, *itertools.islice(itertools.cycle(others or [first]), CASES - 1)]
        mixed = random.Random(name).sample(values[1:], CASES - 1)
        columns.append([first, *mixed])
    return [dict(zip(cases, row, strict=True)) for row in zip(*columns, strict=True)]


@functools.cache
def drawn_of(what: Cases) -> list[Any]:
    """Draw values by Hypothesis, which takes longer than most laws: those on the same share them.

    Returns:
        As many as there are cases, or all that there are; the first is the simplest.
    """
    if isinstance(what, Built):
        return [what.by(**parts) for parts in together(what.parts)]
    found: list[Any] = []
    if isinstance(what, Several):
        values, chance = drawn_of(what.of), random.Random(what.most)
        found.append((values[0],) * what.least)
        while len(found) < CASES:
            few = chance.choices(values, k=2 * what.most)  # so that some are there twice
            found.append(tuple(chance.choices(few, k=chance.randint(what.least, what.most))))
    else:
        once_each(what, found.append)
    return found


def strategy_of(what: Cases) -> st.SearchStrategy[Any]:
    """Return how Hypothesis draws it as a whole."""
    if isinstance(what, Built):
        return st.builds(what.by, **{name: strategy_of(part) for name, part in what.parts.items()})
    if isinstance(what, Several):
        part = strategy_of(what.of)
        return st.lists(part, min_size=what.least, max_size=what.most).map(tuple)
    return what


def once_each(strategy: st.SearchStrategy[Any], do: Callable[[Any], None]) -> None:
    """Do something with each of the values that Hypothesis draws."""

    @settings(max_examples=CASES, deadline=None)
    @given(value=strategy)
    def draw(value: Any) -> None:
        do(value)

    draw()


@contextmanager
def telling(case: dict[str, Any]) -> Iterator[None]:
    """Have an error say what case it is about."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This case breaks it: {case}")
        raise


def hold(laws: list[Law], bare: Bare) -> None:
    """Go through laws side by side, and ask what they ask at the same time in one call."""
    answers: list[Any] = [None] * len(laws)
    while laws:
        going, asked = [], []
        for law, answer in zip(laws, answers, strict=True):
            try:
                asked.append(law.send(answer))
                going.append(law)
            except StopIteration:
                pass
        laws, answers = going, answers_to(asked, bare)


def answers_to(asked: list[Question | list[Question]], bare: Bare) -> list[Any]:
    """Ask the browser, function by function."""
    flat = [each for one in asked for each in (one if isinstance(one, list) else [one])]
    waiting = {}
    for script, name in dict.fromkeys((each.script, each.name) for each in flat):
        rows = [each.given for each in flat if (each.script, each.name) == (script, name)]
        waiting[script, name] = iter(bare(script, name, each=True)(rows))
    found = iter([next(waiting[each.script, each.name]) for each in flat])
    return [[next(found) for _ in one] if isinstance(one, list) else next(found) for one in asked]
