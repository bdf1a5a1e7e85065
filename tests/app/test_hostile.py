"""Whatever a browser sends, and whatever stands in an address: pages hear what fits, and go on.

Every run of a page gets another address, and a value for each of its components; and asks an engine
that could be in another process.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from streamlit.runtime.state.query_params_proxy import QueryParamsProxy
from streamlit.testing.v1 import AppTest

from ali5 import door
from ali5.explain import attributions
from ali5.site.app import address
from ali5.site.app.canvas.component import COMPONENTS
from ali5.site.app.classify.group import sent as group_sent
from ali5.site.app.classify.what_if import sent as what_if_sent
from ali5.site.app.engine.budget import BUDGET
from ali5.site.app.labs.convolution import sent as convolution_sent
from ali5.site.app.labs.final_layer import sent as final_layer_sent
from ali5.site.app.labs.learning import sent as learning_sent
from ali5.site.app.labs.learning import tasks
from ali5.site.app.labs.pixels import sent as pixels_sent
from ali5.site.app.labs.pooling import sent as pooling_sent
from ali5.site.app.labs.stacking import findings
from ali5.site.app.labs.stacking import sent as stacking_sent
from ali5.site.classroom import CLASSROOM
from tests.app.canvas.test_component import components  # which imports every component
from tests.app.elsewhere import carry
from tests.app.hostile import ODD, POSSIBLE, RAW, SETTINGS, odd_fields, sent_states, spoilt
from tests.conftest import ROOT
from tests.pages import open_page, sent_to

LENET = {"network": "lenet5", "picture": "digit-3"}
OPENINGS: dict[str, list[dict[str, str]]] = {
    "explore": [
        LENET,
        LENET | {"step": "C1", "learned": "open"},
        LENET | {"step": "S2", "learned": "open"},
        LENET | {"step": "C3", "channel": "3", "at": "2.3", "deconvolution": "open"},
        LENET | {"step": "F6", "channel": "3"},
        LENET | {"from": "draw"},
    ],
    "pixels": [{"picture": "cat"}],
    "convolution": [{"picture": "cat"}, {"preset": "custom", "kernel": "1", "weights": "2"}],
    "pooling": [{"picture": "cat"}],
    "stacking": [{"picture": "cat"}, {"stack": "lenet5,bnresnet,max2", "blur": "2"}],
    "final_layer": [LENET, {**LENET, "source": "network"}],
    "learning": [{}, {"data": "shapes", "questions": "open"}],
    "compare": [LENET, {"ask": "many"}],
    "why": [LENET, LENET | {"compare": "open"}],
    "what_if": [LENET, LENET | {"change": "mute:C1:1", "paint": "r.808080.10.20.30.40"}],
    "group": [LENET],
    "teach": [{"backbone": "lenet5-colour"}],
    "classroom": [{"key": "guessed"}],
}
"""Where each page is looked at from, on a network that takes no time."""

AS_THEY_ARE = {"network", "edition", "weights", "into", "backbone", "example", "examples"}
"""Choices of what is computed: they stay, or become something odd, but nothing that takes long."""

RUNS = {
    **{"explore": 110, "pooling": 150, "convolution": 100, "final_layer": 160, "what_if": 180},
    **{"teach": 110, "stacking": 80, "pixels": 60, "compare": 24, "why": 40, "learning": 24},
    **{"group": 20, "classroom": 20},
}
"""Of each page, a thousand together: more where one takes less."""


def test_every_page_is_here() -> None:
    names = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert OPENINGS.keys() == names, "say in OPENINGS where each page is looked at from"
    assert RUNS.keys() == names, "say in RUNS how often each page is looked at"
    assert REACHED.keys() == names, "say in REACHED what each page comes to"
    assert sum(RUNS.values()) > 1000


@pytest.mark.parametrize("name", [name for name, found in COMPONENTS.items() if found.sends])
def test_what_a_script_sends_is_heard(name: str) -> None:
    for trigger, reader in COMPONENTS[name].sends.items():
        if (name, trigger) not in POSSIBLE:  # a lab: the page below sends its settings back
            assert trigger in SETTINGS, f"say in POSSIBLE what {name} sends as {trigger}"
        for value in POSSIBLE.get((name, trigger), []):
            assert door.read(reader, value, None) is not None


def test_no_value_gets_past_the_door_but_what_is_declared() -> None:
    """Nothing raises, and nothing comes through that is large."""
    chance, tried, heard = random.Random(11), 0, 0
    for name, found in COMPONENTS.items():
        for trigger, reader in {**found.sends, **found.keeps}.items():
            good = POSSIBLE.get((name, trigger)) or [json.dumps({"size": 9, "kernel": 3})]
            for value in [*ODD, *RAW, *(spoilt(chance.choice(good), chance) for _ in range(60))]:
                got = door.read(reader, value, None)
                assert is_modest(got), f"{name} {trigger}: {value!r:.200}"
                tried, heard = tried + 1, heard + (got is not None)
    print(f"{tried} values, {heard} fitted")
    assert tried > 3000
    assert heard > 100


def is_modest(value: Any) -> bool:
    """Whether what was heard is no larger than a page can bear."""
    if isinstance(value, str):
        return len(value) <= 2 * 56**2 and value.isprintable()
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        return len(value) <= 1000 and all(map(is_modest, inner))
    return value is None or abs(value) <= 1e6


# --- Pages --------------------------------------------------------------------------------------


class Watched:
    """What reaches those who compute is within its ranges."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seen: Counter[str] = Counter()
        places = {
            pooling_sent: "settings_as_sent",  # of which their packers make the header
            convolution_sent: "settings_as_sent",
            pixels_sent: "settings_as_sent",
            stacking_sent: "find",
            final_layer_sent: "pack_final_layer",
            learning_sent: "settings_as_sent",
            what_if_sent: "pack_what_if",
            group_sent: "pack_group",
        }
        for module, name in places.items():
            full = f"{module.__name__}.{name}"
            patch.setattr(full, self._watching(full, getattr(module, name)))
        patch.setattr(findings, "_find", self._watching("_find", findings._find))

    def _watching(self, name: str, do: Any) -> Any:
        def watched(*given: Any) -> Any:
            chosen = next(
                getattr(each, "settings", each)
                for each in given
                if hasattr(getattr(each, "settings", each), "__dataclass_fields__")
                and type(getattr(each, "settings", each)).__name__ == "Settings"
            )
            self.check(chosen)
            self.seen[name] += 1
            return do(*given)

        return watched

    def check(self, chosen: Any) -> None:
        """Hold settings to the tables of their room."""
        room = __import__(type(chosen).__module__, fromlist=["RANGES"])
        values = getattr(chosen, "edits", chosen)
        for name, (low, high, *_) in getattr(room, "RANGES", {}).items():
            value = getattr(values, name)
            assert low <= value <= high or value == -1, f"{name} is {value}"
        for name, options in getattr(room, "WORDS", {}).items():
            assert getattr(chosen, name) in options
        for values in (getattr(chosen, each, None) for each in ("cells", "weights", "moved")):
            numbers = np.ravel(list((values or {}).values()) if hasattr(values, "values") else [])
            assert (np.abs(numbers.astype(float)) <= 1e6).all()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """What pages have looked for in their address, and what it may be there."""
    found: dict[str, set[str]] = {}
    read, number, plain = address.read, address.read_number, address.read_plain
    look = QueryParamsProxy.__getitem__

    def reading(name: str, allowed: Any, default: str) -> str:
        found.setdefault(name, set()).update(allowed)
        return read(name, allowed, default)

    def looking(said: QueryParamsProxy, name: str) -> str:
        found.setdefault(name, set())
        return look(said, name)

    def counting(name: str, count: int, default: int = 0) -> int:
        found.setdefault(name, set()).update((str(count - 1), str(count)))
        return number(name, count, default)

    def reading_many(default: Any, ranges: Any, words: Any) -> dict[str, Any]:
        for name, (low, high) in ranges.items():
            found.setdefault(name, set()).update(map(str, (low, high, low - 1, high + 1)))
        for name, options in words.items():
            found.setdefault(name, set()).update(options)
        return plain(default, ranges, words)

    monkeypatch.setattr(QueryParamsProxy, "__getitem__", looking)
    monkeypatch.setattr(address, "read", reading)
    monkeypatch.setattr(address, "read_number", counting)
    monkeypatch.setattr(address, "read_plain", reading_many)
    return found


def an_address(opening: dict[str, str], asked: dict[str, set[str]], chance: random.Random) -> Any:
    """An opening with some choices that are possible, and some that are not."""
    odd = [each for each in ODD if isinstance(each, str) and "\ud800" not in each]
    chosen = dict(opening)
    for name, allowed in sorted(asked.items()):
        if chance.random() < 0.3:
            options = sorted(allowed) if name not in AS_THEY_ARE else []
            possible = bool(options) and chance.random() < 0.7
            if possible or name not in AS_THEY_ARE or chance.random() < 0.1:
                chosen[name] = chance.choice(options if possible else odd)
    return chosen


def values_for(at: AppTest, chance: random.Random) -> dict[tuple[str, str], Any]:
    """A value for every trigger, of which some fit."""
    values: dict[tuple[str, str], Any] = {}
    for node in at.get("bidi_component"):
        name = node.proto.component_name.removeprefix("ali5_")
        for trigger in (*COMPONENTS[name].sends, *COMPONENTS[name].keeps):
            good = POSSIBLE.get((name, trigger))
            value = chance.choice(good or [json.dumps(sent_to(at, name)[0].get("settings", {}))])
            values[name, trigger] = value if chance.random() < 0.2 else spoilt(value, chance)
    return values


@pytest.fixture
def _coarse(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Methods ask a network a few times only: what they find is looked at elsewhere."""
    monkeypatch.setattr(f"{attributions.__name__}.integrated_gradients.POINTS", 2)
    monkeypatch.setattr(f"{attributions.__name__}.occlusion.ACROSS", 2)
    yield
    BUDGET.shrink(0)  # nobody shall be shown what was found like this


@pytest.mark.parametrize("page", OPENINGS)
@pytest.mark.usefixtures("_coarse")
def test_a_page_goes_on(
    page: str, asked: dict[str, set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, chance, heard = Watched(monkeypatch), random.Random(page), Counter[str]()
    other = random.Random(f"{page}'s fields")
    monkeypatch.setattr(tasks, "losses_after_trial", lambda plan, folder: (2.3, 1.0))
    carry(monkeypatch)
    bystander = open_page("pooling", kernel="3", picture="cat")
    known = sent_to(bystander, "pooling")
    if page == "classroom":
        monkeypatch.setattr(CLASSROOM, "is_on", True)
        monkeypatch.setattr(CLASSROOM, "key", "chalk-and-board")
    at = open_page(page, **OPENINGS[page][0])
    for turn in range(RUNS[page]):
        opening = OPENINGS[page][turn % len(OPENINGS[page])]
        choices = an_address(opening, asked, chance) if turn >= len(OPENINGS[page]) else opening
        values = values_for(at, chance)
        states = sent_states(at, values)
        if turn % 12 == 7:
            for each in states.widgets:
                kind = "json_trigger_value" if each.id.endswith("__events") else "json_value"
                setattr(each, kind, chance.choice(RAW))
        if turn % 3 == 2:  # what fields say counts for more than the address
            states.widgets.extend(odd_fields(at, other).widgets)
        heard.update(f"{name} {trigger}" for name, trigger in values)
        at.switch_page(f"../../pages/{page}.py")
        at.query_params.clear()
        at.query_params.update(choices)
        at._run(states)
        assert not at.exception, (at.exception[0].message, choices, values)
        if turn % 20 == 19:
            assert sent_to(bystander.run(), "pooling") == known
    said = f"{sum(heard.values())} values to {len(heard)} triggers"
    print(f"{RUNS[page]} addresses, {said}, {dict(watched.seen)}")
    missing = REACHED[page] - {each.partition(" ")[0] for each in heard}
    assert not missing, f"nothing was sent to {missing}"


REACHED = {
    "explore": {"trail", "network_map", "picker", "pad", "wall", "kernels", "snapshots"}
    | {"unit", "unit_sum"},
    "pixels": {"pixels", "weighing", "picker"},
    "convolution": {"convolution"},
    "pooling": {"pooling"},
    "stacking": {"stacking"},
    "final_layer": {"final_layer"},
    "learning": {"training", "learning", "mistakes"},
    "compare": {"compare"},
    "why": {"overlay", "tile", "targets"},
    "what_if": {"what_if"},
    "group": {"group"},
    "teach": {"teach"},
    "classroom": set(),
}
"""To which components each page's values go: together, to all that send anything."""


def test_every_component_is_reached() -> None:
    assert components()
    speaking = {name for name, found in COMPONENTS.items() if found.sends or found.keeps}
    assert set().union(*REACHED.values()) == speaking


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: raw[:12])
def test_a_session_outlives_a_message_that_is_no_json(raw: str) -> None:
    at = open_page("pooling", kernel="3")
    states = sent_states(at, dict.fromkeys(values_for(at, random.Random(1)), None))
    for each in states.widgets:
        kind = "json_trigger_value" if each.id.endswith("__events") else "json_value"
        setattr(each, kind, raw)
    for told in (states, None):
        at._run(told)
        assert not at.exception
    assert sent_to(at, "pooling")[0]["settings"]["kernel"] == 3


@pytest.mark.parametrize("trigger", SETTINGS)
def test_a_blur_that_once_took_all_memory_is_not_heard(
    trigger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Watched(monkeypatch)
    at = open_page("stacking", picture="cat")
    before = sent_to(at, "stacking")[0]["settings"]
    for odd in ({"blur": 5000}, {"size": 6000}, {"turn": 10**9}, {"shuffle": 3}, {"stack": 5}):
        at._run(sent_states(at, lab_sends(at, trigger, before | odd)))
        assert not at.exception
        assert sent_to(at, "stacking")[0]["settings"] == before
    at._run(sent_states(at, lab_sends(at, trigger, before | {"blur": 2, "size": 64})))
    assert sent_to(at, "stacking")[0]["settings"] == before | {"blur": 2, "size": 64}


def lab_sends(at: AppTest, trigger: str, settings: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """The values of a page on which only one trigger says something."""
    values = dict.fromkeys(values_for(at, random.Random(1)), None)
    return values | {("stacking", trigger): json.dumps(settings)}
