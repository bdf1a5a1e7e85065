"""Teaching in the browser: the pictures of a group, and how good a taught head is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ali5.classifying.teach.held_out import Check, interval

from ...canvas.packing import pack
from ...words import counted, share_in_words

if TYPE_CHECKING:
    from ..many.brought import Brought


def pack_pictures(group: str, pictures: Sequence[Brought], edge: int) -> bytes:
    """Return the pictures of a group, as `teach.js` takes them.

    Args:
        group: Its name.
        pictures: One or more.
        edge: Of their thumbnails, in pixels.
    """
    header = {
        "edge": edge,
        "names": [each.name for each in pictures],
        "digests": [each.digest for each in pictures],
        "label": f"{counted(len(pictures), 'picture')} of “{group}”. Arrow keys choose "
        "one, Delete takes it out.",
    }
    return pack(header, *(each.thumbnail for each in pictures))


def pack_check(title: str, labels: Sequence[str], check: Check) -> bytes:
    """Return how many held-out pictures were right, and the mistakes, as `taught.js` takes them.

    Args:
        title: Of the backbone.
        labels: Names of the groups.
        check: How good the head is.
    """
    count = check.count

    def bar(name: str, right: int, ranged: bool, own: bool = False) -> dict[str, object]:
        low, high = interval(right, count)
        return {
            "name": name,
            "words": f"{right} of {count}, {share_in_words(right / count)}",
            "share": right / count,
            "low": low if ranged else None,
            "high": high if ranged else None,
            "own": own,
        }

    header = {
        "label": "Held-out pictures that were right",
        "bars": [
            bar(f"Your head on {title}", check.right, True, own=True),
            bar("The same on raw pixels", check.pixels_right, True),
            bar("Always naming the largest group", check.largest, False),
        ],
        "groups": labels,
        "confusion": check.confusion,
    }
    return pack(header)
