"""One script of a component, joined from the files that it imports. No Streamlit.

The files are ordinary ES modules, and editors and `tsc` read them as such. A component is handed to
the browser as one file, so that it need not ask for one after the other: each file that is needed
stands in front, once, in a function of its own that returns what it exports. Names that a file does
not export stay its own, as in a module.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)


def imports_of(script: Path) -> list[Path]:
    """Return the files that a script imports, in its order."""
    found = _IMPORT.findall(script.read_text("utf-8"))
    return [(script.parent / path).resolve() for _, path in found]


def exports_of(script: Path) -> set[str]:
    """Return the names that others may import from a script."""
    return {name for _, name in _EXPORT.findall(script.read_text("utf-8"))}


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
    """Return the scripts as one that imports nothing and exports what the last one does by default.

    Args:
        parts: From `parts_of`.
    """
    place = {path: f"part{number}" for number, path in enumerate(parts)}
    *needed, main = parts
    texts = []
    for path in needed:
        text = _with_constants(path, place)
        names = ", ".join(name for _, name in _EXPORT.findall(text))
        body = _EXPORT.sub(r"\1", text)
        texts.append(f"const {place[path]} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();")
    texts.append(_EXPORT.sub(r"\1", _with_constants(main, place)))
    return "\n".join(texts)


def _with_constants(script: Path, place: dict[Path, str]) -> str:
    """Return a script that takes what it imports from the parts in front of it."""

    def taken(match: re.Match[str]) -> str:
        names = match[1].replace(" as ", ": ")
        return f"const {{{names}}} = {place[(script.parent / match[2]).resolve()]};\n"

    return _IMPORT.sub(taken, script.read_text("utf-8"))


def join_styles(parts: list[Path]) -> str:
    """Return the styles that lie beside the scripts as one."""
    styles = (path.with_suffix(".css") for path in parts)
    return "\n".join(path.read_text("utf-8") for path in styles if path.is_file())


def loader_of(file: str) -> str:
    """Return the script that Streamlit sends with every message: it loads the component's own once.

    The folder lies beside Streamlit's own scripts, wherever the site has been put.

    Args:
        file: From the site's root, with a script of `dressed`.
    """
    own = json.dumps(f"../../{file}")
    return f"""export default async (given) => {{
  const near = document.querySelector('script[src*="static/js/"]').src;
  const {{ default: show, dress }} = await import(new URL({own}, near).href);
  dress(given.parentElement);
  return show(given);
}};
"""


def dressed(script: str, styles: str) -> str:
    """Return a joined script that also exports `dress`: it puts the styles where it is told."""
    return f"""{script}
const sheet = new CSSStyleSheet();
sheet.replaceSync({json.dumps(styles)});
export function dress({{ adoptedStyleSheets }}) {{
  if (!adoptedStyleSheets.includes(sheet)) adoptedStyleSheets.push(sheet);
}}
"""
