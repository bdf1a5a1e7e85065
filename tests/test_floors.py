"""The house has floors: every import goes down, in the engine, in the site, and between them.

Imports count wherever they stand: at the top, inside a function, or only for types.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

ENGINE = (
    "errors figures paths door",
    "known graph",
    "pictures",
    "networks",
    "tracing",
    "explain classifying training",
    "labs",
    "site",
    "__init__",
    "__main__",
)
"""The rooms of `ali5`, lowest floor first: a room may use those on the floors below it."""

SITE = (
    "address words tables allowed fields",
    "engine",
    "runs",
    "canvas",
    "choose",
    "explore labs",
    "classify",
    "requests",
    "cluster",
    "presence",
    "classroom",
    "navigation",
    "main entry",
)
"""The rooms of `app`."""

SITE_NAME = "ali5.site."
"""What the site is called when it runs; its folder is `app`."""


def module_of(path: Path) -> str:
    """The dotted name of a file: "ali5.graph.plan", "app.engine", "pages.why"."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    module_of(path): path
    for part in ("ali5", "app", "pages")
    for path in sorted((ROOT / part).rglob("*.py"))
}


def imports_of(module: str) -> Iterator[tuple[int, str]]:
    """Every module of this project that a file imports, with its line."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            names = [_file_of(f"{base}.{alias.name}") or base for alias in node.names]
        for name in names:
            found = _file_of(name)
            if found is not None and found != module:
                yield node.lineno, found


def _file_of(name: str) -> str | None:
    plain = name.removeprefix(SITE_NAME)
    return next((each for each in (plain, name) if each in FILES), None)


@cache
def graph() -> Mapping[str, Mapping[str, int]]:
    """Which file imports which, with the first line that does."""
    return {
        module: {name: line for line, name in sorted(imports_of(module), reverse=True)}
        for module in FILES
    }


def floor_of(module: str) -> tuple[int, int, str]:
    """The part of the house, the floor and the room of a file."""
    part, _, rest = module.partition(".")
    room = rest.partition(".")[0] or "__init__"
    if part == "pages":
        return 2, 0, module
    floors = ENGINE if part == "ali5" else SITE
    if part == "app" and room == "__init__":
        return 1, -1, room
    for floor, rooms in enumerate(floors):
        if room in rooms.split():
            return ["ali5", "app"].index(part), floor, room
    raise AssertionError(f"{module} is in no room: add it to the list of floors in {__file__}")


def goes_down(above: str, below: str) -> bool:
    """Whether one file may import another."""
    one, other = floor_of(above), floor_of(below)
    return other[:2] < one[:2] or (one == other and one[0] < 2)


def test_every_import_goes_down() -> None:
    wrong = [
        f"{FILES[module].relative_to(ROOT)}:{line} imports {name}"
        for module, found in graph().items()
        for name, line in found.items()
        if not goes_down(module, name)
    ]
    assert not wrong, "\n".join(wrong)


def circles_in(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Every set of names that import one another by a detour (Tarjan's components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in edges.get(name, ()):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            at = stack.index(name)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for name in edges:
        if name not in index:
            visit(name)
    return found


def test_no_file_imports_itself_by_a_detour() -> None:
    # A face, `__init__.py`, gathers its own room: it is not on the way from one file to another.
    edges = {module: set(found) for module, found in graph().items()}
    assert not circles_in(edges)


def test_no_folder_imports_itself_by_a_detour() -> None:
    edges: dict[str, set[str]] = {}
    for module, found in graph().items():
        for name in found:
            one, other = folders_apart(module, name)
            if one != other:
                edges.setdefault(one, set()).add(other)
    assert not circles_in(edges)


def folders_apart(one: str, other: str) -> tuple[str, str]:
    """The two folders, or files, side by side in which two files are."""
    left, right = one.split("."), other.split(".")
    depth = next(
        (i for i, pair in enumerate(zip(left, right, strict=False)) if len(set(pair)) > 1), 0
    )
    return ".".join(left[: depth + 1]), ".".join(right[: depth + 1])


@pytest.mark.parametrize("part", ["ali5", "app/engine"])
def test_the_engine_knows_nothing_of_the_browser(part: str) -> None:
    for module, path in FILES.items():
        if path.is_relative_to(ROOT / part) and not module.startswith("ali5.site"):
            assert "streamlit" not in outside(path), path


def outside(path: Path) -> set[str]:
    """What a file imports of other projects."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
    return found


WITHOUT = """
import importlib, sys
sys.modules[sys.argv[1]] = None
for name in sys.argv[2:]:
    importlib.import_module(name)
"""


def assert_imported_without(missing: str, *names: str, then: str = "") -> None:
    """In a process of their own, where one library cannot be had; `then` runs there, too."""
    command = [sys.executable, "-c", WITHOUT + then, missing, *names]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr


def test_packers_know_no_streamlit() -> None:
    packers = [f"{SITE_NAME}{name}" for name in FILES if name.endswith(".sent")]
    assert len(packers) > 15
    assert_imported_without("streamlit", f"{SITE_NAME}app.requests", *packers)


def test_a_page_holds_no_engine_code() -> None:
    for path in sorted((ROOT / "pages").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        defined = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        assert not defined, (
            f"{path.name} defines {defined[0].name}: it belongs into the page's room"
        )


def test_a_lab_has_tests_of_its_page_and_of_what_one_does_with_it() -> None:
    labs = [path.parent.name for path in (ROOT / "app/labs").glob("*/view.py")]
    assert len(labs) > 5
    for lab in labs:
        for part in ("app", "browser"):
            path = ROOT / "tests" / part / "labs" / f"test_{lab}.py"
            assert path.exists(), f"tests/{part}/labs/test_{lab}.py is missing"


def test_torch_is_not_imported_before_it_is_needed() -> None:
    views = [f"{SITE_NAME}{name}" for name in FILES if name.endswith(".view")]
    assert len(views) > 15
    others = [f"{SITE_NAME}app.{name}" for name in ("navigation", "explore.facts")]
    then = "import ali5; ali5.catalog(); ali5.open_image"
    assert_imported_without("torch", *others, *views, then=then)


LONGEST_FILE, LONGEST_FUNCTION = 500, 70
"""Lines: what can be read in one sitting."""


def test_files_and_functions_can_be_read_in_one_sitting() -> None:
    files = [*FILES.values(), *(ROOT / "tests").rglob("*.py"), *(ROOT / "app").rglob("*.js")]
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in files
        if (count := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    ]
    for path in files:
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    count = (node.end_lineno or 0) - node.lineno + 1
                    if count > LONGEST_FUNCTION:
                        where = f"{path.relative_to(ROOT)}:{node.lineno}"
                        long.append(f"{where} {node.name}: {count} lines")
    assert not long, "\n".join(long)
