"""The site's JavaScript, read without Node: what each file declares, imports, exports and uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser

from tests.conftest import ROOT

SCRIPTS = sorted((ROOT / "app").rglob("*.js"))

_BROWSER = """
Array ArrayBuffer Blob Boolean CustomEvent DataView Date Error Event Float32Array Float64Array Image
ImageData Infinity Int32Array JSON Map Math NaN Number Object Path2D Promise ResizeObserver Set
String TextDecoder TextEncoder URL Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap
cancelAnimationFrame clearTimeout createImageBitmap devicePixelRatio document getComputedStyle
globalThis isNaN matchMedia navigator parseFloat parseInt performance queueMicrotask
requestAnimationFrame setTimeout structuredClone undefined window
"""

BROWSER = frozenset(_BROWSER.split())
"""What every browser has."""

_PARSER = Parser(Language(tree_sitter_javascript.language()))
_FUNCTIONS = {
    *("function_declaration", "generator_function_declaration", "function_expression"),
    *("generator_function", "arrow_function", "method_definition", "class_static_block"),
}
_SCOPES = _FUNCTIONS | {
    *("statement_block", "for_statement", "for_in_statement", "catch_clause", "switch_body"),
    "class",
}


@dataclass
class Scope:
    """What is declared in a block, and the block around it."""

    parent: Scope | None
    is_function: bool
    names: dict[str, Node] = field(default_factory=dict)

    def holder_of(self, name: str) -> Scope | None:
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope


@dataclass
class Script:
    """One file.

    Attributes:
        imports: Name to the file it comes from.
        exports: Names that others may import.
        declared: Names at its top, with their nodes.
        free: Names that it uses and nobody declares, with their lines.
        used: Names of its top or its imports that it uses.
        early: Names of constants and classes that run before they are declared, with their lines.
    """

    path: Path
    imports: dict[str, Path] = field(default_factory=dict)
    exports: set[str] = field(default_factory=set)
    declared: dict[str, Node] = field(default_factory=dict)
    free: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    early: dict[str, int] = field(default_factory=dict)


@cache
def read_script(path: Path) -> Script:
    """Read one file."""
    root = _PARSER.parse(path.read_bytes()).root_node
    assert not root.has_error, f"{path}: this is no JavaScript"
    script = Script(path)
    top = Scope(None, is_function=True)
    reader = _Reader(script, top)
    reader.visit(root, top)
    reader.resolve()
    script.declared = {name: node for name, node in top.names.items() if name not in script.imports}
    return script


class _Reader:
    def __init__(self, script: Script, top: Scope) -> None:
        self.script, self.top = script, top
        self.bound: set[int] = set()
        self.uses: list[tuple[Node, Scope]] = []

    def declare(self, scope: Scope, node: Node) -> None:
        scope.names[text_of(node)] = node
        self.bound.add(node.id)

    def visit(self, node: Node, scope: Scope) -> None:
        if node.type == "import_statement":
            self._import(node)
            return
        if node.type == "export_statement":
            self._export(node)
        self._declare_in(node, scope)
        inner = scope
        if node.type in _SCOPES:
            inner = Scope(scope, node.type in _FUNCTIONS)
            self._parameters(node, inner)
        if node.type in ("identifier", "shorthand_property_identifier"):
            self.uses.append((node, scope))
        for child in node.named_children:
            self.visit(child, inner)

    def _import(self, node: Node) -> None:
        source = node.child_by_field_name("source")
        assert source is not None
        path = (self.script.path.parent / text_of(source)[1:-1]).resolve()
        for each in inside(node):
            if each.type == "import_specifier":
                name = each.child_by_field_name("alias") or each.child_by_field_name("name")
                assert name is not None
                self.script.imports[text_of(name)] = path
                self.declare(self.top, name)

    def _export(self, node: Node) -> None:
        declaration = node.child_by_field_name("declaration")
        if declaration is None and text_of(node) == "export {};":
            return  # a file of types alone
        if declaration is None or any(child.type == "default" for child in node.children):
            self.script.exports.add("default")
            return
        for each in declared_by(declaration):
            self.script.exports.add(text_of(each))

    def _declare_in(self, node: Node, scope: Scope) -> None:
        if node.type in ("lexical_declaration", "variable_declaration") or (
            node.type.endswith("_declaration") and node.type != "export_declaration"
        ):
            for each in declared_by(node):
                self.declare(scope, each)

    def _parameters(self, node: Node, inner: Scope) -> None:
        for name in ("parameters", "parameter"):
            found = node.child_by_field_name(name)
            if found is not None:
                for each in bound_by(found):
                    self.declare(inner, each)
        name_node = node.child_by_field_name("name")
        if node.type in ("function_expression", "class") and name_node is not None:
            self.declare(inner, name_node)
        if node.type == "for_in_statement" and node.child_by_field_name("kind") is not None:
            left = node.child_by_field_name("left")
            assert left is not None
            for each in bound_by(left):
                self.declare(inner, each)

    def resolve(self) -> None:
        for node, scope in self.uses:
            if node.id in self.bound:
                continue
            name, line = text_of(node), node.start_point[0] + 1
            holder = scope.holder_of(name)
            if holder is None:
                self.script.free.setdefault(name, line)
            elif holder is self.top:
                self.script.used.add(name)
                if self._runs_at_once(scope) and self._comes_later(holder.names[name], node):
                    self.script.early.setdefault(name, line)

    def _runs_at_once(self, scope: Scope | None) -> bool:
        while scope is not None and scope is not self.top:
            if scope.is_function:
                return False
            scope = scope.parent
        return True

    def _comes_later(self, declared: Node, used: Node) -> bool:
        kind = declared.parent.type if declared.parent is not None else ""
        hoisted = kind.startswith(("function", "generator_function", "import"))
        return not hoisted and declared.start_byte > used.start_byte


def text_of(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode()


def inside(node: Node) -> Iterator[Node]:
    """A node and all within it."""
    yield node
    for child in node.named_children:
        yield from inside(child)


def declared_by(node: Node) -> Iterator[Node]:
    """The names that a declaration declares."""
    if node.type in ("lexical_declaration", "variable_declaration"):
        for each in node.named_children:
            name = each.child_by_field_name("name")
            if each.type == "variable_declarator" and name is not None:
                yield from bound_by(name)
    else:
        name = node.child_by_field_name("name")
        if name is not None:
            yield name


def bound_by(node: Node) -> Iterator[Node]:
    """The names that a pattern binds."""
    if node.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield node
    elif node.type in ("assignment_pattern", "object_assignment_pattern"):
        left = node.child_by_field_name("left")
        assert left is not None
        yield from bound_by(left)
    elif node.type == "pair_pattern":
        value = node.child_by_field_name("value")
        assert value is not None
        yield from bound_by(value)
    elif node.type in ("object_pattern", "array_pattern", "rest_pattern", "formal_parameters"):
        for child in node.named_children:
            yield from bound_by(child)
