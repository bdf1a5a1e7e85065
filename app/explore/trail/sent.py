"""Where the visitor is in a network, and the ways up, back and on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...canvas.component import answer, component

_trail = component(__file__, "trail")


@dataclass(frozen=True)
class Way:
    """A button of the trail.

    Attributes:
        key: What `go` is called with.
        label: On the button.
        words: What it does, for its tip and for screen readers.
    """

    key: str
    label: str
    words: str


def show_trail(
    places: Sequence[Way],
    beside: Sequence[Way],
    said: str,
    large: bool,
    go: Callable[[str], None],
) -> None:
    """Show the way from the whole network down to where the visitor is.

    Escape goes to the place before the last one.

    Args:
        places: From the network down; the last one is where the visitor is.
        beside: Its neighbours.
        said: What the network makes of the picture.
        large: Whether the page is shown in large type.
        go: Called with the key of the button that is clicked, or "large".
    """
    header = {
        "places": [vars(way) for way in places],
        "beside": [vars(way) for way in beside],
        "said": said,
        "large": large,
    }
    _trail(key="trail", data=header, on_go_change=answer("trail", "go", go))
