"""What is done to many pictures, a few at a time. No Streamlit.

Pictures belong to one session and are never written to disk. Importing this module does not import
torch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from ali5.errors import Ali5Error

from ... import engine
from ...words import counted

if TYPE_CHECKING:
    from PIL import Image

    from ali5.pictures.batches import Member

AT_ONCE = 16
"""Pictures that are open at the same time, at most."""

Item = TypeVar("Item")
Row = TypeVar("Row")


class Work(Generic[Item, Row]):
    """Something that is done to many items, a group at a time.

    Several runs of a page may work on it, one after the other: a run that was outdated meanwhile
    finishes the group it has begun, and the next one goes on behind it.

    Attributes:
        count: Of the items.
        stopped: Whether the visitor has stopped it.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.count = len(items)
        self.stopped = False
        self._items = tuple(items)
        self._rows: list[Row] = []
        self._seconds = 0.0
        self._working = threading.Lock()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What has come so far, one for each item, in their order."""
        return tuple(self._rows)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return len(self._rows) == self.count

    @property
    def seconds_left(self) -> float | None:
        """How long it will take at the pace so far; None before there is one."""
        done = len(self._rows)
        return self._seconds / done * (self.count - done) if done else None

    def advance(
        self, do: Callable[[Sequence[Item]], Iterable[Row]], at_once: int = AT_ONCE
    ) -> None:
        """Do the next group.

        Args:
            do: Turns items into as many rows.
            at_once: How many items, at most.
        """
        with self._working, engine.slot():
            start = time.monotonic()
            self._rows += do(self._items[len(self._rows) :][:at_once])
            self._seconds += time.monotonic() - start
            if self.is_done:
                self._items = ()  # what they hold, such as files, is not needed any more

    def settle(self) -> None:
        """Wait until the group that another run has begun is done."""
        with self._working:
            pass


def open_member(member: Member) -> Image.Image | str:
    """Open a picture; return the sentence that says why that is not possible instead."""
    try:
        return member.open()
    except Ali5Error as error:
        return str(error)


def progress_in_words(work: Work[Item, Row]) -> str:
    """Say how far it is and how long it will take."""
    words = f"{len(work.rows)} of {counted(work.count, 'picture')}"
    if work.stopped:
        return f"{words}. You stopped here; what is done is kept."
    left = work.seconds_left
    if left is None:
        return words
    if left < 60:
        return f"{words}, about {max(1, round(left))} s left"
    return f"{words}, about {round(left / 60)} min left"
