"""The classes to choose from: the most likely ones with bars, all of them by search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .component import answer, component

_targets = component(__file__, "targets")


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
        on_select_change=answer("targets", "select", choose),
    )
