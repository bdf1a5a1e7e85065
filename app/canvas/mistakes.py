"""A confusion matrix, and the pictures behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .component import answer, component
from .sent import pack_mistakes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_mistakes = component(__file__, "mistakes")


def show_mistakes(
    header: dict[str, Any], images: NDArray[np.uint8], changed: Callable[[str], None]
) -> None:
    """Show a confusion matrix and some of the pictures behind it.

    Args:
        header: The counts, and what there is to say of each picture.
        images: [N, 28, 28].
        changed: Called with another chosen cell, as JSON.
    """
    _mistakes(
        key="mistakes",
        data=pack_mistakes(header, images),
        on_settings_change=answer("mistakes", "settings", changed),
    )
