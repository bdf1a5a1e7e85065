"""One script of a component, joined from the files that it imports. No Streamlit.

The files are ordinary ES modules, and editors and `tsc` read them as such. A component is handed to
the browser as one string, from where nothing can be imported: so what a file imports is put in
front of it, each file once, without the words `import` and `export`.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default )", re.MULTILINE)


def imports_of(script: Path) -> list[Path]:
    """Return the files that a script imports, in its order."""
    found = _IMPORT.findall(script.read_text("utf-8"))
    return [(script.parent / path).resolve() for _, path in found]


def parts_of(script: Path) -> list[Path]:
    """Return a script and all that it needs, what is needed first."""
    found: list[Path] = []
    begun: set[Path] = set()

    def follow(path: Path) -> None:
        if path in begun:
            return
        begun.add(path)
        for each in imports_of(path):
            follow(each)
        found.append(path)

    follow(script.resolve())
    return found


def join_scripts(parts: list[Path]) -> str:
    """Return the scripts as one, without imports and exports but the default one."""
    texts = (_EXPORT.sub("", _IMPORT.sub("", path.read_text("utf-8"))) for path in parts)
    return "\n".join(texts)


def join_styles(parts: list[Path]) -> str:
    """Return the styles that lie beside the scripts as one."""
    styles = (path.with_suffix(".css") for path in parts)
    return "\n".join(path.read_text("utf-8") for path in styles if path.is_file())
