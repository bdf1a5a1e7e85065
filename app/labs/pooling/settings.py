"""What can be set in the pooling lab, and what of it is possible. No Streamlit, no torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from ali5.door import fields, json_of, record

from ..toy import TOY_EDGE

KINDS = ("max", "average", "l2")


@dataclass(frozen=True)
class Settings:
    """What is set in the lab.

    Attributes:
        input: "toy" for cells, "photo" for the brightness of the chosen picture.
        size: Rows and columns of cells.
        kind: "max", "average" or "l2", the root of the sum of squares.
        windows: "moving", or "adaptive" for a fixed number of windows, not with "l2".
        bins: Rows and columns of adaptive windows.
        kernel: Edge of the window.
        stride: Pixels between two positions.
        padding: Border on each side, at most half the window.
        ceil: "floor", or "ceil" if windows may hang over at the end.
        noise: "none", "pepper", "salt" (and pepper) or "gauss".
        amount: Percent of the pixels, or standard deviation of the amounts in percent.
        shift: Pixels that the picture is moved to the right.
    """

    input: str = "toy"
    size: int = 8
    kind: str = "max"
    windows: str = "moving"
    bins: int = 2
    kernel: int = 2
    stride: int = 2
    padding: int = 0
    ceil: str = "floor"
    noise: str = "none"
    amount: int = 10
    shift: int = 0


RANGES = {
    "size": (3, TOY_EDGE),
    "bins": (1, 8),
    "kernel": (1, 8),
    "stride": (1, 8),
    "padding": (0, 4),
    "amount": (1, 50),
    "shift": (0, 8),
}
WORDS = {
    "input": ("toy", "photo"),
    "kind": KINDS,
    "windows": ("moving", "adaptive"),
    "ceil": ("floor", "ceil"),
    "noise": ("none", "pepper", "salt", "gauss"),
}
SENT = json_of(record(fields(RANGES, WORDS)))
"""What the browser may send."""


def made_possible(settings: Settings, photo: tuple[int, ...] = ()) -> Settings:
    """Return settings of which none contradicts another or the size of the photograph.

    Args:
        settings: Each within its own range.
        photo: Height and width of the photograph.
    """
    edges = (settings.size,) if settings.input == "toy" else photo
    kernel = min(settings.kernel, *edges) if edges else settings.kernel
    bins = min(settings.bins, *edges) if edges else settings.bins
    padding = min(settings.padding, kernel // 2)
    windows = "moving" if settings.kind == "l2" else settings.windows
    return replace(settings, kernel=kernel, padding=padding, bins=bins, windows=windows)


def settings_as_sent(settings: Settings) -> dict[str, Any]:
    """Return the settings as the browser takes them."""
    return asdict(settings)
