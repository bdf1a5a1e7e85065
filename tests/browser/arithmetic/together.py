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

import inspect
from collections.abc import Callable, Generator
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


Law = Generator[Question | list[Question], Any, None]
"""Yields a question, or a list of them, and gets the answer, or a list of them."""


def in_browser(script: str, name: str) -> Callable[..., Question]:
    """A function of the site's scripts, to be asked by a law."""
    return lambda *given: Question(script, name, given)


def for_any(**cases: st.SearchStrategy[Any]) -> Callable[[Callable[..., Law]], Callable[..., None]]:
    """Make a test of a law: its cases are drawn by Hypothesis, the rest are fixtures.

    What breaks it is looked for again, one case at a time, so that Hypothesis makes it small.
    """

    def decorate(law: Callable[..., Law]) -> Callable[..., None]:
        def test(bare: Bare, **fixtures: Any) -> None:
            drawn: list[dict[str, Any]] = []
            once_each(cases, drawn.append)
            assert len(drawn) >= CASES
            try:
                hold([law(**fixtures, **case) for case in drawn], bare)
            except Exception:
                once_each(cases, lambda case: hold([law(**fixtures, **case)], bare))
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


def once_each(cases: dict[str, st.SearchStrategy[Any]], do: Callable[[Any], None]) -> None:
    """Do something with each of the cases that Hypothesis draws."""

    @settings(max_examples=CASES, deadline=None)
    @given(case=st.fixed_dictionaries(cases))
    def draw(case: dict[str, Any]) -> None:
        do(case)

    draw()


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
