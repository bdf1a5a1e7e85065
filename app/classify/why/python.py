"""The lines of Python that give the map on the page "Why"."""

from __future__ import annotations

from ali5.door import tidied

from .question import Question


def code_of(asked: Question, name: str) -> str:
    """Return the same as a program.

    Args:
        asked: What was asked.
        name: Of the class.
    """
    choice, picture = asked.choice, asked.picture
    lines = ["import ali5"]
    if picture.is_sample:
        lines.append(picture.opening_import)
    step = f', step="{asked.step}"' if asked.step else ""
    return "\n".join(
        [
            *lines,
            "",
            f"network = {choice.code}",
            f"trace = ali5.trace(network, {picture.opening_code})",
            f"target = {asked.target}  # {tidied(name)}",
            f'found = ali5.explain.attribution(trace, "{asked.method.id}", target{step})',
            "print(found.map.shape, found.score, ali5.explain.read_map(found.map))",
        ]
    )
