"""What browser components send comes in by the door, and there is no other one."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ali5.site.app.canvas.component import COMPONENTS
from ali5.site.app.canvas.scripts import parts_of
from ali5.site.files import PLACE
from tests.conftest import ROOT
from tests.javascript import SCRIPTS
from tests.test_floors import FILES, SITE_NAME

LAB = ROOT / "app" / "canvas" / "lab.js"

OWN_BYTES = {"ali5.door", "app.canvas.packing", "ali5.known.cards", "ali5.pictures.samples"}
"""The door, and what reads only what ALI5 has written or brings along."""

for module in FILES:
    elsewhere = module.startswith(("app.main", "app.entry", "app.cluster"))
    if module.startswith("app.") and not elsewhere:
        importlib.import_module(f"{SITE_NAME}{module}")


PICKLES = ("pickle", "marshal")


def is_one_of(node: ast.AST, modules: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether it is one of these names of one of these modules, as in `json.loads`."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in names
        and isinstance(node.value, ast.Name)
        and node.value.id in modules
    )


def raw_readings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where JSON or a pickle is taken apart, or what a component has sent is looked at."""
    for node in ast.walk(tree):
        if is_one_of(node, PICKLES, ("load", "loads", "Unpickler")) or (
            isinstance(node, ast.ImportFrom) and node.module in PICKLES
        ):
            yield node.lineno, "unpickles"
        elif is_one_of(node, ("json", "orjson"), ("load", "loads", "JSONDecoder", "raw_decode")):
            yield node.lineno, "takes JSON apart"
        elif isinstance(node, ast.ImportFrom) and node.module == "json":
            yield node.lineno, "imports from json"
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Subscript):
            inner = node.value.value
            if isinstance(inner, ast.Attribute) and inner.attr == "session_state":
                yield node.lineno, "looks into what a component has sent"
        elif isinstance(node, ast.Attribute) and node.attr == "v2":
            yield node.lineno, "registers a component"
        elif isinstance(node, ast.keyword) and re.fullmatch(r"on_\w+_change", node.arg or ""):
            yield node.value.lineno, "listens to a component"


ALLOWED = {
    ("app.canvas.component", "registers a component"),
    ("ali5.training.loop", "takes JSON apart"),  # its own recipe, just written
    ("app.cluster.driver", "unpickles"),  # what the site has written down
    ("app.engine.far.wire", "unpickles"),  # what the other side has, which is ours
    ("app.engine.beside", "unpickles"),  # what came by a pipe to a process of its own
    ("ali5.labs.learning.pupil", "unpickles"),  # what it has pickled itself
    *((module, "takes JSON apart") for module in OWN_BYTES),
}


def test_nothing_but_the_door_reads_what_comes_from_outside() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {what}"
        for module, path in FILES.items()
        for line, what in raw_readings(ast.parse(path.read_text("utf-8")))
        if (module, what) not in ALLOWED
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "line",
    [
        "json.loads(text)",
        "from json import loads",
        "json.load(file)",
        "pickle.loads(words)",
        "pickle.Unpickler(file)",
        "from pickle import loads",
        "act(st.session_state[key][trigger])",
        "st.components.v2.component('x')",
        "_unit(key='unit', on_go_change=went)",
    ],
)
def test_another_way_in_would_be_seen(line: str) -> None:
    assert list(raw_readings(ast.parse(line)))


def components() -> dict[str, Path]:
    """Every script that is a component."""
    marks = re.compile(r"^export default ", re.MULTILINE)
    return {path.stem: path for path in SCRIPTS if marks.search(path.read_text("utf-8"))}


def test_every_component_is_registered() -> None:
    assert COMPONENTS.keys() == components().keys()


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_sends_what_is_declared(name: str) -> None:
    parts = [path.read_text("utf-8") for path in parts_of(components()[name]) if path != LAB]
    text = "\n".join(parts)
    told = set(re.findall(r'(?:setTriggerValue|\bsend)\(\s*"(\w+)",', text))
    if "mountLab(" in parts[-1] and re.search(r"\b(hand|handsOf|me\.send)\(", text):
        told.add("settings")
    kept = set(re.findall(r'setStateValue\(\s*"(\w+)",', text))
    assert (told, kept) == (set(COMPONENTS[name].sends), set(COMPONENTS[name].keeps))


def test_what_is_declared_is_heard() -> None:
    with pytest.raises(TypeError, match=r"sends \['select'\], and \['choose'\] is heard"):
        COMPONENTS["picker"](key="samples", data=b"", choose=print)


@pytest.mark.parametrize("name", COMPONENTS)
def test_what_comes_with_every_message_is_small(name: str) -> None:
    """A component's own script and styles are a file of the site: once for a browser."""
    loader = COMPONENTS[name].loader
    assert len(loader) < 400
    assert f"../../{PLACE}/{name}-" in loader
