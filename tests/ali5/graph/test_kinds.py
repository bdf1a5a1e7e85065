"""A new kind of step has to be known in many places: this names those where it is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest

import ali5
from ali5.errors import NoWayBack
from ali5.explain.deconvolution import ways_back
from ali5.explain.units import unit
from ali5.graph.costs import multiply_adds
from ali5.graph.geometry import PIXEL, field_after, windows
from ali5.graph.kinds import JOINING, POINTWISE, POOLING, REACH, WEIGHTS, Operation
from ali5.graph.operations import FUNCTIONS, MODULES
from ali5.pictures.samples import open_sample
from ali5.site.app.words import COLOURS, CURIOUS, SENTENCES

RECOGNISED = {operation for operation, _ in MODULES.values()} | set(FUNCTIONS.values())

PLACES: dict[str, Collection[str]] = {
    "ali5/graph/kinds.py, REACH: what does it look at?": REACH,
    "ali5/graph/kinds.py, WEIGHTS: what are its weights?": WEIGHTS,
    "ali5/graph/operations.py, MODULES or FUNCTIONS: how is it recognised?": {
        *RECOGNISED,
        Operation.INPUT,  # a placeholder of the graph
        Operation.OTHER,  # not recognised
    },
    "ali5/explain/units/unit.py, TAKEN_APART: where does a number come from?": unit.TAKEN_APART,
    "ali5/explain/deconvolution/ways_back.py, WAYS_BACK or NO_WAY_BACK: what is sent back?": {
        *ways_back.WAYS_BACK,
        *ways_back.NO_WAY_BACK,
        Operation.INPUT,  # every way ends there
    },
    "app/words.py, SENTENCES: what does it do?": SENTENCES,
    "app/words.py, CURIOUS: the same for the curious?": CURIOUS,
    "app/words.py, COLOURS: which colour has it on the map?": COLOURS,
}
"""Everywhere that something is said of every kind, and the kinds of which it is said."""


def places_without(kinds: Iterable[str]) -> list[str]:
    return [
        f"“{kind}”: {where}" for kind in kinds for where, of in PLACES.items() if kind not in of
    ]


def test_every_kind_of_step_is_known_everywhere() -> None:
    missing = places_without(Operation)
    assert not missing, "\n".join(missing)


def test_a_kind_that_is_new_is_missed_everywhere() -> None:
    assert len(places_without(["transposed convolution"])) == len(PLACES)


def test_nothing_is_said_of_what_is_no_kind() -> None:
    for where, of in PLACES.items():
        assert {*of} <= {*Operation}, where
    assert not ways_back.WAYS_BACK.keys() & ways_back.NO_WAY_BACK.keys()


@pytest.mark.parametrize("kind", Operation)
def test_the_questions_that_go_by_these_tables_agree(kind: Operation) -> None:
    settings = {"kernel_size": 3, "stride": 2}
    before, after = (1, 4, 9, 9), (1, 4, 4, 4)
    assert (windows(kind, settings, before, after)[0] is not None) == (REACH[kind] == "window")
    assert (multiply_adds(kind, (4, 4, 3, 3), after) > 0) == (WEIGHTS[kind] == "filters")
    field = field_after(kind, settings, [(PIXEL, before)], after, before)
    assert field.size == {"itself": 1, "place": 1, "window": 3, "whole": 9}[REACH[kind]]
    families = (kind in POINTWISE, kind in POOLING, kind in JOINING)
    assert sum(families) <= 1
    assert any(families[::2]) == (REACH[kind] == "place")


def test_a_kind_that_was_forgotten_is_shown_without_its_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trace = ali5.trace(ali5.load("lenet5", device="cpu"), open_sample("digit-3"))
    step = trace["C3"]
    monkeypatch.delitem(unit.TAKEN_APART, Operation.CONVOLUTION)
    parts = unit.take_apart(trace, step, 2, 3, 4)
    assert parts.kind == "other"
    assert parts.total == float(step.output[0, 2, 3, 4])
    monkeypatch.delitem(ways_back.WAYS_BACK, Operation.CONVOLUTION)
    with pytest.raises(NoWayBack, match="cannot go back through step 'C3': it was never told how"):
        ali5.explain.deconvolve(trace, "C3", channel=2, row=3, column=4)
