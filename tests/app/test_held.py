"""Sessions hold keys: only the caches hold traces, networks and the tensors in them."""

from __future__ import annotations

import gc
import types
from collections.abc import Iterator

import pytest
from torch import nn

from ali5.networks.networks import Network
from ali5.site.app import engine
from ali5.site.app.engine.budget import BUDGET
from ali5.tracing.trace import Step, Trace
from tests.conftest import ROOT
from tests.pages import open_page

LENET = {"network": "lenet5", "picture": "digit-3"}
RESNET = {"network": "resnet18", "picture": "cat"}

PLACES = [
    ("explore", LENET),
    ("explore", {**LENET, "cost": "open", "table": "open", "lens": "time"}),
    ("explore", {**LENET, "step": "C1", "channels": "open", "sort": "similarity", "pins": "1.2"}),
    ("explore", {**LENET, "step": "C3", "learned": "open", "scope": "network"}),
    ("explore", {**LENET, "step": "C3", "channel": "1", "deconvolution": "open"}),
    ("explore", {**LENET, "step": "C3", "channel": "1", "at": "2.3", "field": "gradient"}),
    ("explore", {**RESNET, "step": "layer1.0.add", "channel": "1"}),
    ("why", {**LENET, "code": "open"}),
    ("why", {**LENET, "method": "saliency", "compare": "open", "sanity": "open"}),
    ("what_if", {**LENET, "step": "C1", "change": "mute:1", "code": "open"}),
    ("what_if", {**LENET, "half": "picture", "turn": "20", "curve": "turn"}),
    ("what_if", {**LENET, "step": "C1", "rank": "yes"}),
    ("compare", {}),
    ("group", {"collection": "digits", **LENET, "table": "open", "code": "open"}),
    ("teach", {"backbone": "lenet5-colour"}),
    ("final_layer", {**RESNET, "code": "open"}),
    ("stacking", {"picture": "cat", "code": "open"}),
    ("pixels", {"picture": "cat", "code": "open"}),
    ("convolution", {"picture": "cat", "input": "photo", "code": "open"}),
    ("pooling", {"picture": "cat", "input": "photo", "code": "open"}),
    ("learning", {}),
]


def alive() -> Iterator[object]:
    """All traces, their steps, networks and layers of networks that somebody holds."""
    gc.unfreeze()
    gc.collect()
    for each in gc.get_objects():
        if issubclass(type(each), Trace | Step | Network | nn.Conv2d | nn.Linear):
            yield each


def holders(value: object) -> str:
    """What holds a value, for whoever has to find out."""
    here = (types.FrameType, types.GeneratorType, list)
    found = [each for each in gc.get_referrers(value) if not isinstance(each, here)]
    return "\n".join(f"{type(each).__name__} {str(each)[:300]}" for each in found[:4])


ROOMS = {
    "explore": ["explore"],
    "classify": ["why", "what_if", "compare", "group", "teach"],
    "labs": ["final_layer", "stacking", "pixels", "convolution", "pooling"],
    "learning": ["learning"],
}
"""Pages whose sessions are there at once: to look for what is held takes as long as to open one."""


@pytest.mark.parametrize("room", ROOMS)
def test_a_session_holds_no_trace_and_no_network(room: str) -> None:
    BUDGET.shrink(0)
    known = {id(each): each for each in alive()}  # of other tests, and held so that no id is reused
    there = [open_page(page, **choices) for page, choices in PLACES if page in ROOMS[room]]
    for at in there:
        at.run()
    other = open_page("explore", **LENET)
    assert engine.is_built("lenet5", "compact", "bundled")
    other.switch_page("../../pages/pixels.py").run()
    BUDGET.shrink(0)
    left = [each for each in alive() if id(each) not in known]
    if room == "learning":  # its network is what the session is about
        left = [each for each in left if isinstance(each, Trace | Step | Network)]
    assert not left, "\n".join(f"{each!r} is held by\n{holders(each)}" for each in left[:2])
    assert there


def test_every_page_is_here() -> None:
    pages = {page for pages in ROOMS.values() for page in pages}
    assert {page for page, _ in PLACES} == pages
    others = {path.stem for path in (ROOT / "pages").glob("*.py")} - pages
    # The page of a class looks at no picture.
    assert others == {"classroom"}, "say in PLACES and ROOMS where they are looked at"
