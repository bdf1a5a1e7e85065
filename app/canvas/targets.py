"""The classes to choose from: the most likely ones with bars, all of them by search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ali5.door import text

from .component import component

LONGEST_CLASS = 200
"""Letters of its name."""

_targets = component(__file__, "targets", sends={"select": text(LONGEST_CLASS)})


def show_targets(classes: list[list[Any]], chosen: str, choose: Callable[[str], None]) -> None:
    """Show the five most likely classes and a search; call `choose` with the name of one.

    Args:
        classes: All of them, most likely first, as [name, share 0..1, share in words].
        chosen: Name of the one that is asked for.
        choose: Called with a name.
    """
    _targets(
        key="targets",
        data={"classes": classes, "chosen": chosen},
        select=choose,
    )
