"""Styles name their sizes and colours once."""

from __future__ import annotations

import re

from tests.conftest import ROOT

APP = ROOT / "app"
STYLES = sorted(APP.rglob("*.css"))
SHARED = APP / "canvas" / "shared.css"
OF_PAGES = APP / "site.css"  # for Streamlit's own parts, where the names are not known

LITERAL = re.compile(
    r"font(?:-size)?:[^;]*\d[\d.]*(?:px|rem|em|%|pt)|#[0-9a-f]{3,8}\b"
    r"|\b(?:rgba?|hsla?|oklch|lab)\(|:[^;]*\b(?:white|black|red|green|blue|gr[ae]y|orange)\s*[;,]",
    re.IGNORECASE,
)
DECLARED = re.compile(r"^\s*--([\w-]+):", re.MULTILINE)
USED = re.compile(r"var\(--([\w-]+)")


def test_sizes_of_letters_and_colours_have_names() -> None:
    literal = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()}"
        for path in STYLES
        if path not in (SHARED, OF_PAGES)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if LITERAL.search(line)
    ]
    assert not literal, "\n".join(literal)


def test_names_are_declared_once_and_used() -> None:
    scripts = "\n".join(path.read_text("utf-8") for path in APP.rglob("*.js"))
    text = "\n".join(path.read_text("utf-8") for path in STYLES)
    declared = DECLARED.findall(SHARED.read_text("utf-8"))
    set_by_scripts = set(re.findall(r'setProperty\("--([\w-]+)"', scripts))
    used = {name for name in USED.findall(text) if not name.startswith("st-")}
    assert len(set(declared)) == len(declared)
    assert DECLARED.findall(text) == declared
    assert used - set_by_scripts == set(declared)
