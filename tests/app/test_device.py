"""What pages ask is answered on a GPU as on the CPU; `tests/gpu/standin.py` stands for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ali5.networks import devices
from ali5.site.app import engine
from ali5.site.app.engine import asking
from ali5.site.app.engine.budget import BUDGET
from ali5.site.app.engine.passage import Chosen
from ali5.site.app.engine.remembered import name
from ali5.site.app.requests import name_of
from ali5.tracing.trace import trace
from tests.gpu.functions import moved, numbers_of
from tests.gpu.standin import CUDA, standing_in
from tests.pages import open_page

ALEXNET = {"network": "alexnet", "picture": "cat"}
ASKED = [
    ("explore", ALEXNET),
    ("explore", ALEXNET | {"step": "conv1", "learned": "open"}),
    ("explore", ALEXNET | {"step": "conv2", "channel": "3", "at": "2.3", "deconvolution": "open"}),
    ("explore", ALEXNET | {"step": "fc6", "channel": "3"}),
    ("final_layer", ALEXNET | {"source": "network"}),
    ("why", ALEXNET),
    ("why", {"network": "lenet5", "picture": "digit-3", "compare": "open"}),
    ("what_if", ALEXNET | {"change": "mute:conv1:1", "paint": "r.808080.10.20.30.40"}),
]
"""Pages, and where they are opened."""


SAY_SO = {"classify.why.answers.overlay_of", "classify.why.answers.tile_of"}
"""What adds to its answer that the memory was full."""


@pytest.fixture(autouse=True)
def _nothing_of_the_stand_in_is_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Each answer begins with nothing kept; to collect garbage as well takes half a second.
    monkeypatch.setattr(devices, "_makers_of_room", [])
    yield
    BUDGET.shrink(0)


Asked = tuple[Callable[..., Any], Any, tuple[Any, ...], dict[str, Any]]
"""A request, what it is about, and its settings."""


def asked_by(page: str, choices: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """Open a page; return what it has asked the engine."""
    asked: list[Asked] = []
    ask = engine.ask

    def noting(request: Any, about: Any, *args: Any, **named: Any) -> Any:
        asked.append((request, about, args, named))
        return ask(request, about, *args, **named)

    monkeypatch.setattr(engine, "ask", noting)
    open_page(page, **choices)
    assert asked
    return asked


@pytest.mark.parametrize("full", [False, True], ids=["with room", "full"])
@pytest.mark.parametrize(("page", "choices"), ASKED)
@pytest.mark.filterwarnings("ignore:The memory of CUDA is full")
def test_an_engine_on_a_gpu_answers_alike(
    page: str, choices: dict[str, str], full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for request, about, args, named in asked_by(page, choices, monkeypatch):
        args = tuple(_untold if callable(each) else each for each in args)
        here, make = _subjects(about)
        expected = answer_about(here, request, about, *args, **named)
        with standing_in() as standin:
            there = make()
            standin.full = full
            found = answer_about(there, request, about, *args, **named)
        if full and name_of(request) in SAY_SO:
            continue
        for one, other in zip(numbers_of(found), numbers_of(expected), strict=True):
            np.testing.assert_array_equal(one, other, name_of(request))


def answer_about(known: Any, request: Any, about: Any, *args: Any, **named: Any) -> Any:
    """Ask about a trace or a network that is made, as if nothing had been asked before."""
    BUDGET.shrink(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "_trace_of", lambda subject: known)
        patch.setattr(asking, "network_of", lambda chosen: known)
        return asking.ask(request, about, *args, **named)


def _subjects(about: Any) -> tuple[Any, Callable[[], Any]]:
    """What a request is about: on the CPU, and what makes it anew on the stand-in."""
    if isinstance(about, Chosen):
        network = asking.network_of(about)
        return network, lambda: moved(network, CUDA)
    found = asking._trace_of(about.subject)
    # On a GPU nobody knows how long a step took.
    steps = tuple(replace(step, seconds=None) for step in found.steps)
    here = name(replace(found, steps=steps), "here or there")
    return here, lambda: name(trace(moved(here.network, CUDA), here.image.clone()), "here or there")


def _untold(*told: object) -> None:
    """Hear of progress."""
