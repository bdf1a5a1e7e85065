"""The quick loop leaves out what it says, and nothing that was renamed stays on its list."""

from __future__ import annotations

import ast

from tests.conftest import ROOT
from tests.thorough import FILES, TESTS


def test_what_is_left_out_of_the_quick_loop_is_there() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    assert {node.name for node in nodes if isinstance(node, ast.FunctionDef)} >= TESTS
    assert all((ROOT / path).exists() for path in FILES)
