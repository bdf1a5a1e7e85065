"""Values that no script of ours would send: what a page must survive, and hear nothing of."""

from __future__ import annotations

import json
import random
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from ali5.site.app.canvas.component import COMPONENTS

RAW = (
    *("[" * 100_000, '{"a":' * 30_000, "9" * 5000, "NaN", "Infinity", "-1e999", "nonsense", ""),
    *('"' + "x" * 300_000 + '"', '{"event": 5}', "[[[]]]", "null", "5", '"\\ud800"'),
    *('[{"event": "settings"}]', '[{"event": "select", "value": null}]'),
)
"""Whole messages."""

ODD = (
    *(None, True, False, 0, 1, -1, 2**31, -(2**63), 10**30, 0.5, -0.0, 1e308, 5000, "", " ", "0"),
    *("a", "x" * 10_000, "NaN", "Infinity", "\x00", "\ud800", "\u202egpj.exe", "../../etc/passwd"),
    *("<script>alert(1)</script>", "٣", "1e5", "9" * 400, "-1", "1,2,3", "None", "[]", "{}", "all"),
    *([], {}, [[]], [None], [0] * 1000, {"": None}, {"__proto__": 1}, {"at": [-1, 10**9]}),
)
"""Single values."""


_PLACE = {"step": "C1", "channel": 3, "at": [2, 3]}
_WISH = {"id": "1/C1/0", "look": [2, 3], "at": None, "order": "rank", "fold": "", "field": "theory"}

POSSIBLE: dict[tuple[str, str], list[Any]] = {
    ("picker", "select"): ["cat", "digit-3", "0123abcd"],
    ("pad", "ink"): ["", "00" * 56**2, "7f" * 56**2],
    ("targets", "select"): ["digit 3", "goldfish, Carassius auratus"],
    ("mistakes", "settings"): [json.dumps({"truth": 1, "taken": -1})],
    ("learning", "settings"): [json.dumps({"watch": 3}), json.dumps({"maps": 1})],
    ("tile", "open"): [1, 2],
    ("compare", "open"): ["0/C1/3", "5/layer1.0.conv1/12"],
    ("teach", "remove"): ["0123456789abcdef" * 2],
    ("snapshots", "select"): [{"moment": "step-400", "span": "own"}],
    ("kernels", "select"): [0, 5],
    ("wall", "select"): [0, 5],
    ("wall", "pins"): ["", "3", "0.1.2.3.4.5.6.7"],
    ("network_map", "select"): ["C1", "S2"],
    ("network_map", "fold"): ["all", "none", "layer1.0,layer1.1"],
    ("network_map", "lens"): ["none", "memory"],
    ("trail", "go"): ["network", "step C1", "channel 3", "large"],
    ("unit", "go"): [json.dumps(_PLACE), json.dumps(_PLACE | {"at": None})],
    ("unit_sum", "ask"): [json.dumps(_WISH | {"scope": "step"})],
}
SETTINGS = ("settings", "preview")
"""Triggers of labs: as JSON what they were sent as "settings"."""


def spoilt(value: Any, chance: random.Random) -> Any:
    """The same value with something in it that is odd, at any depth."""
    if isinstance(value, str):
        try:
            inner = json.loads(value)
        except ValueError:
            inner = value
        if isinstance(inner, dict | list):
            return json.dumps(spoilt(inner, chance))
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        left = {key: each for key, each in value.items() if key != name}
        if chance.random() < 0.15:
            return left
        return left | {name: spoilt(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], spoilt(value[place], chance), *value[place + 1 :]]
    if isinstance(value, int | float) and not isinstance(value, bool) and chance.random() < 0.5:
        return value * chance.choice((-1, 10, 1000, 10**9)) + chance.choice((0, 1, 0.25))
    return chance.choice(ODD)


def sent_states(at: AppTest, values: dict[tuple[str, str], Any]) -> WidgetStates:
    """A message with a value for every component of a page, told or kept.

    Args:
        at: A page that has run.
        values: By component and name.
    """
    states = WidgetStates()
    for node in at.get("bidi_component"):
        name = node.proto.component_name.removeprefix("ali5_")
        state, told = states.widgets.add(), states.widgets.add()
        state.id = node.proto.id
        told.id = f"$$STREAMLIT_INTERNAL_KEY_{node.proto.id}__events"
        keeps = {each: values[name, each] for each in COMPONENTS[name].keeps}
        state.json_value = json.dumps(keeps)
        told.json_trigger_value = json.dumps(
            [{"event": each, "value": values[name, each]} for each in COMPONENTS[name].sends]
        )
    return states


ODD_FIELDS: dict[str, tuple[Any, ...]] = {
    "bool_value": (True, False),
    "int_value": (0, -1, 10**6, -(2**63)),
    "double_value": (0.5, float("nan"), float("inf"), -1e300),
    "string_value": ("", "x" * 10_000, "\u202egpj.exe", "<b>", "all", "9" * 5000),
    "bytes_value": (b"", b"\xff" * 1000),
    "json_value": RAW,
}
ODD_LISTS: dict[str, tuple[list[Any], ...]] = {
    "int_array_value": ([], [0], [-1], [10**9], [0] * 1000),
    "double_array_value": ([float("nan"), float("inf")], [1e308] * 3),
    "string_array_value": ([], [""], ["x"] * 1000),
}


def odd_fields(at: AppTest, chance: random.Random) -> WidgetStates:
    """What Streamlit's own fields of a page say, some of it odd; no button is pressed.

    Args:
        at: A page that has run.
        chance: Decides what is odd.
    """
    states: WidgetStates = at._tree.get_widget_states()
    for state in states.widgets:
        if chance.random() < 0.3:
            kind = chance.choice((*ODD_FIELDS, *ODD_LISTS, "file_uploader_state_value"))
            if kind in ODD_FIELDS:
                setattr(state, kind, chance.choice(ODD_FIELDS[kind]))
            elif kind in ODD_LISTS:
                getattr(state, kind).data.extend(chance.choice(ODD_LISTS[kind]))
            else:
                state.file_uploader_state_value.uploaded_file_info.add(file_id="../../x", name="")
    return states
