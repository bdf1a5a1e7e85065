"""Teaching in the browser: the pictures of a group, and how good a taught head is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ali5.classifying.teach.held_out import interval

from ...canvas.component import answer, component
from ...canvas.packing import pack
from ...choose.heads import Kept
from ...words import counted, share_in_words

if TYPE_CHECKING:
    from .view import Group

_pictures = component(__file__, "teach")
_result = component(__file__, "taught")


def show_pictures(group: Group, edge: int, remove: Callable[[str], None]) -> None:
    """Show the pictures of a group; call `remove` with the digest of one that is taken out.

    Args:
        group: With pictures.
        edge: Of their thumbnails, in pixels.
        remove: Takes a digest.
    """
    key = f"pictures-{group.key}"
    header = {
        "edge": edge,
        "names": [each.name for each in group.pictures],
        "digests": [each.digest for each in group.pictures],
        "label": f"{counted(len(group.pictures), 'picture')} of “{group.name}”. Arrow keys choose "
        "one, Delete takes it out.",
    }

    _pictures(
        key=key,
        data=pack(header, *(each.thumbnail for each in group.pictures)),
        on_remove_change=answer(key, "remove", remove),
    )


def show_check(head: Kept) -> None:
    """Show how many held-out pictures were right, what that can tell, and the mistakes in numbers.

    Args:
        head: A head of this session.
    """
    check, network = head.taught.check, head.taught.network
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

    title = network.architecture.title
    header = {
        "label": "Held-out pictures that were right",
        "bars": [
            bar(f"Your head on {title}", check.right, True, own=True),
            bar("The same on raw pixels", check.pixels_right, True),
            bar("Always naming the largest group", check.largest, False),
        ],
        "groups": head.taught.head.labels,
        "confusion": check.confusion,
    }
    _result(key="taught", data=pack(header))
