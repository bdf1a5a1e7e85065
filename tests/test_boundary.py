"""The boundary between the site and the engine: requests and plain values alone go over it.

A file of the site either speaks Streamlit, or touches tensors, modules and traces: the second kind
runs where the engine runs, which may be another process.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import typing
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import numpy as np
import PIL.Image

from ali5.networks.networks import Network
from ali5.site.app.engine import Picture, Progress, Tell
from ali5.site.app.requests import REQUESTS, name_of
from ali5.tracing.trace import Trace
from tests.conftest import ROOT
from tests.test_floors import FILES, SITE_NAME, graph, outside

PLAIN = (
    *("ali5", "ali5.errors", "ali5.figures", "ali5.paths", "ali5.door", "ali5.known"),
    *("ali5.graph.kinds", "ali5.pictures", "ali5.explain.attributions.methods", "ali5.site"),
    *(f"ali5.classifying.teach.{name}" for name in ("groups", "examples", "held_out")),
    "ali5.labs.stack.layers",
)
"""Rooms and files of the engine that know no tensors."""

OF_TENSORS = {"answered", "network", "network_of", "own_network", "traced", "varied"}
"""What `app.engine` has that gives tensors, modules and traces, or takes them."""


SPEAKING = {"app.address", "app.canvas.component", "app.runs"}
"""By these other files speak Streamlit without naming it."""


def speaks_streamlit(module: str) -> bool:
    by_others = SPEAKING.intersection(graph()[module])
    speaks = by_others or "streamlit" in outside(FILES[module])
    return module.startswith(("app.", "pages.")) and bool(speaks)


def touches_tensors(module: str) -> Iterator[str]:
    """What a file uses of the engine besides plain values, each with its line."""
    path = FILES[module]
    if "torch" in outside(path):
        yield f"{path.relative_to(ROOT)} imports torch"
    for name, line in graph()[module].items():
        if name.startswith("ali5.") and not is_plain(name):
            yield f"{path.relative_to(ROOT)}:{line} imports {name}"
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "engine":
            used = [node.attr]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").endswith("engine"):
            used = [alias.name for alias in node.names]
        else:
            continue
        for name in OF_TENSORS.intersection(used):
            yield f"{path.relative_to(ROOT)}:{node.lineno} uses engine.{name}"


def is_plain(name: str) -> bool:
    return any(name == each or (each != "ali5" and name.startswith(f"{each}.")) for each in PLAIN)


def test_a_file_speaks_streamlit_or_touches_tensors() -> None:
    both = [line for each in FILES if speaks_streamlit(each) for line in touches_tensors(each)]
    assert not both, "\n".join(both)


ASKING = ("engine.ask", "engine.work_out")
"""How pages write it."""


def asked_for() -> set[str]:
    """Every function that a page passes to the engine, by the name it has there."""
    found: set[str] = set()
    for module, path in FILES.items():
        if not module.startswith("app.") or module.startswith(("app.engine", "app.cluster")):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        origins = {
            alias.asname or alias.name: ("." * node.level + (node.module or ""), alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKING:
                asked = ast.unparse(node.args[0])
                if asked in origins:
                    source, name = origins[asked]
                    package = f"{SITE_NAME}{module}".rpartition(".")[0]
                    found.add(name_of(getattr(importlib.import_module(source, package), name)))
                else:
                    found.add(name_of(getattr(importlib.import_module(SITE_NAME + module), asked)))
    return found


def test_the_list_of_requests_is_what_pages_ask() -> None:
    assert REQUESTS.keys() == asked_for()


def hints_of(found: Any) -> dict[str, Any]:
    """The types of a function or record, also those that its file imports for types alone."""
    module = inspect.getmodule(found)
    assert module is not None
    names: dict[str, Any] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom):
            source = importlib.import_module(
                "." * node.level + (node.module or ""), module.__package__
            )
            for alias in node.names:
                names[alias.asname or alias.name] = getattr(source, alias.name, None)
    # The tensor of a picture that was given to `ali5.explore`: what is shown there stays in its
    # process.
    if found is Picture:
        names["Tensor"] = Any
    return typing.get_type_hints(found, localns=names)


def test_what_goes_over_the_boundary_is_plain() -> None:
    for name, request in REQUESTS.items():
        hints = hints_of(request)
        for number, each in enumerate((*inspect.signature(request).parameters, "return")):
            if number == 0 and hints[each] in (Trace, Network):
                continue  # what it is about: found where it is answered
            assert is_plain_type(hints[each]), f"{name}: {each} is {hints[each]}"


def is_plain_type(hint: Any) -> bool:
    """Whether values of a type can go to another process: no tensors, modules or functions."""
    if hint in (Progress, Tell):  # of progress there is a stream of plain values
        return True
    if typing.get_origin(hint) is not None:
        if typing.get_origin(hint) in (typing.Literal, np.ndarray):
            return True
        return all(is_plain_type(each) for each in typing.get_args(hint) if each is not Ellipsis)
    if isinstance(hint, type) and issubclass(hint, tuple):  # a named one
        return all(map(is_plain_type, hints_of(hint).values()))
    if dataclasses.is_dataclass(hint):
        assert hint.__dataclass_params__.frozen, hint  # type: ignore[union-attr]
        return all(map(is_plain_type, hints_of(hint).values()))
    return hint in (int, float, str, bytes, bool, None, type(None), Any, PIL.Image.Image) or (
        isinstance(hint, type) and issubclass(hint, StrEnum)
    )
