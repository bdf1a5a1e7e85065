"""A confusion matrix, and the pictures behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ali5.door import json_of, record, whole

from .component import component
from .sent import pack_mistakes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_CLASSES = 10
"""That a matrix can have here: there are ten digits, and ten shapes at most."""

_CELL = record({name: whole(-1, MOST_CLASSES - 1) for name in ("truth", "taken")})

_mistakes = component(__file__, "mistakes", sends={"settings": json_of(_CELL)})


def show_mistakes(
    header: dict[str, Any], images: NDArray[np.uint8], changed: Callable[[dict[str, int]], None]
) -> None:
    """Show a confusion matrix and some of the pictures behind it.

    Args:
        header: The counts, and what there is to say of each picture.
        images: [N, 28, 28].
        changed: Called with another chosen cell; -1 for none.
    """
    _mistakes(
        key="mistakes",
        data=pack_mistakes(header, images),
        settings=changed,
    )
