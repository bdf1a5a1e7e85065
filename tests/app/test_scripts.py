"""Every script says what it uses and what it gives: checked without Node."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ali5.site.app.canvas.scripts import dressed, exports_of, imports_of, join_scripts, parts_of
from tests.conftest import ROOT
from tests.javascript import BROWSER, SCRIPTS, read_script
from tests.test_floors import circles_in


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_name_is_missing() -> None:
    missing = [
        f"{short(path)}:{line} {name}"
        for path in SCRIPTS
        for name, line in read_script(path).free.items()
        if name not in BROWSER
    ]
    assert not missing, "\n".join(missing)


def test_what_is_imported_is_exported_and_used() -> None:
    wrong = []
    for path in SCRIPTS:
        script = read_script(path)
        for name, source in script.imports.items():
            if not source.is_file() or name not in read_script(source).exports:
                wrong.append(f"{short(path)} imports {name}, which {source.name} does not export")
            elif name not in script.used:
                wrong.append(f"{short(path)} imports {name} and does not use it")
    assert not wrong, "\n".join(wrong)


def test_what_is_exported_is_imported_somewhere() -> None:
    wanted = {
        (source, name) for path in SCRIPTS for name, source in read_script(path).imports.items()
    }
    # The arithmetic of the browser is also compared with PyTorch's, function by function.
    tests = "\n".join(
        path.read_text("utf-8") for path in (ROOT / "tests" / "browser").rglob("*.py")
    )
    unused = [
        f"{short(path)} exports {name}"
        for path in SCRIPTS
        for name in read_script(path).exports - {"default"}
        if (path, name) not in wanted and not re.search(rf'"{name}"', tests)
    ]
    assert not unused, "\n".join(unused)


def test_what_is_declared_is_used() -> None:
    unused = [
        f"{short(path)} declares {name}"
        for path in SCRIPTS
        for name in read_script(path).declared.keys() - read_script(path).used
        if name not in read_script(path).exports
    ]
    assert not unused, "\n".join(unused)


def test_no_script_imports_itself_by_a_detour() -> None:
    edges = {
        short(path): {short(p) for p in read_script(path).imports.values()} for path in SCRIPTS
    }
    assert not circles_in(edges)


def test_nothing_runs_before_it_is_declared() -> None:
    early = [
        f"{short(path)}:{line} {name}"
        for path in SCRIPTS
        for name, line in read_script(path).early.items()
    ]
    assert not early, "\n".join(early)


def test_scripts_import_down_the_floors() -> None:
    """A room's scripts use their own room, what the rooms beside it share, and the canvas."""
    wrong = [
        f"{short(path)} imports {short(source)}"
        for path in SCRIPTS
        for source in read_script(path).imports.values()
        if source.parent not in (path.parent, path.parent.parent, ROOT / "app" / "canvas")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "attribute", "name"),
    [
        ("export function f() {\n  return g();\n}\n", "free", "g"),
        ("const a = b;\nconst b = 1;\n", "early", "b"),
        ("const { c } = { c: 1 };\nexport const d = { c };\n", "used", "c"),
        ("for (const e of [1]) e;\ntry {} catch (f) { f; }\nlet h = (i, ...j) => i + j;\n", "", ""),
    ],
)
def test_the_reader_of_scripts_finds_what_is_wrong(
    tmp_path: Path, source: str, attribute: str, name: str
) -> None:
    path = tmp_path / "x.js"
    path.write_text(source)
    script = read_script(path)
    if attribute:
        assert name in getattr(script, attribute)
    else:
        assert not script.free
        assert not script.early


def test_the_joiner_sees_every_import_and_export() -> None:
    for path in SCRIPTS:
        script = read_script(path)
        assert imports_of(path) == list(dict.fromkeys(script.imports.values())), short(path)
        assert exports_of(path) == script.exports - {"default"}, short(path)


def test_names_that_a_file_does_not_export_stay_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("const same = 1;\nexport const a = same;\n")
    (tmp_path / "b.js").write_text(
        'import { a } from "./a.js";\nconst same = 2;\nexport default a + same;\n'
    )
    joined = join_scripts(parts_of(tmp_path / "b.js"))
    assert joined.count("const same") == 2
    assert "const { a } = part0;" in joined


def test_a_component_is_one_script_without_imports() -> None:
    mains = [path for path in SCRIPTS if "default" in read_script(path).exports]
    assert len(mains) > 25
    for path in mains:
        parts = parts_of(path)
        assert parts[-1] == path
        joined = join_scripts(parts)
        assert not re.search(r"^import ", joined, re.MULTILINE)
        assert len(re.findall(r"^export ", joined, re.MULTILINE)) == 1


def test_a_script_brings_its_styles(tmp_path: Path) -> None:
    text = dressed("export default 1;\n", 'a::before { content: "\\201C"; }')
    (tmp_path / "x.js").write_text(text)
    assert read_script(tmp_path / "x.js").exports == {"default", "dress"}
    assert '"a::before { content: \\"\\\\201C\\"; }"' in text
