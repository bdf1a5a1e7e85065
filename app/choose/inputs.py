"""Ways to bring a picture that Streamlit does not have: samples to click, a drawing field."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PIL import Image

from ali5.door import text

from ..canvas.component import component
from .drawing import PAD_CELLS, drawing_of
from .sent import pack_strip, samples_as_sent

_picker = component(__file__, "picker", sends={"select": text(40, r"[\w-]+")})
_pad = component(__file__, "pad", keeps={"ink": text(2 * PAD_CELLS**2, r"([0-9a-f]{2})*")})


def show_samples(chosen: str, choose: Callable[[str], None]) -> None:
    """Show the sample pictures; call `choose` with the name of one that is clicked."""
    _picker(
        key="samples",
        data=samples_as_sent(chosen),
        select=choose,
    )


def show_strip(
    pictures: Sequence[tuple[str, str, Image.Image]], chosen: str, choose: Callable[[str], None]
) -> None:
    """Show a visitor's own pictures; call `choose` with the id of one that is clicked.

    Args:
        pictures: Id, title and the picture itself.
        chosen: The id of the one that is marked, or "".
        choose: Called with an id.
    """
    _picker(
        key="strip",
        data=pack_strip(pictures, chosen),
        select=choose,
    )


def show_pad(asked: str = "Draw a digit from 0 to 9.") -> Image.Image | None:
    """Show the drawing field; return the drawing as MNIST has digits, None while it is empty.

    Args:
        asked: What is said under the empty field.
    """
    kept = _pad(key="pad", data={"asked": asked, "cells": PAD_CELLS})
    return drawing_of(kept.get("ink", ""))
