"""Dependencies point one way: pages -> app -> ali5."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FILES = sorted(path for part in ("ali5", "app", "pages") for path in (ROOT / part).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_one_way(path: Path) -> None:
    forbidden = {
        "ali5": {"streamlit", "plotly", "app", "pages"},
        "app": {"pages"},
        "pages": {"torch", "torchvision", "numpy", "PIL", "plotly"},
    }[path.relative_to(ROOT).parts[0]]
    assert not {name.partition(".")[0] for name in imports_of(path)} & forbidden


def test_no_module_imports_itself_by_a_detour() -> None:
    modules = {module_of(path): path for path in FILES}
    graph = {name: imports_of(path) & modules.keys() for name, path in modules.items()}

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for target in graph[name]:
                walk(target, (*trail, name))
            done.add(name)

    # What is only imported for type checking, or inside a function, makes no cycle.
    for name, path in modules.items():
        tree = ast.parse(path.read_text("utf-8"))
        at_start = {
            found
            for node in tree.body
            if isinstance(node, ast.Import | ast.ImportFrom)
            for found in imports_of_node(node)
        }
        graph[name] &= at_start
    done: set[str] = set()
    for name in graph:
        walk(name, ())


def imports_of_node(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_holds_no_engine_code(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    assert len(path.read_text("utf-8").splitlines()) <= 140


@pytest.mark.parametrize(
    "statement",
    [
        "import ali5; ali5.catalog(); ali5.open_image",
        "import app.address, app.engine, app.networks, app.pictures, app.words",
        "import app.explore.layer, app.explore.unit, app.explore.trail, app.explore.facts",
    ],
)
def test_torch_is_not_imported_before_it_is_needed(statement: str) -> None:
    code = f"import sys; {statement}; sys.exit('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert result.returncode == 0
