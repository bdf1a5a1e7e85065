"""Pictures to be grouped: examples of known kinds, or the visitor's own.

A visitor's pictures belong to one session and are never written to disk. No Streamlit; importing
this module does not import torch.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ali5.classifying.teach.examples import example_groups
from ali5.pictures.batches import Member, in_folders
from ali5.pictures.samples import open_sample, samples

from ... import engine
from ..many.brought import Brought, Intake, brought

EXAMPLES = {
    "shapes": "Shapes",
    "digits": "Digits",
    "photographs": "Photographs",
    "samples": "All samples",
}
"""Pictures that are always there, and what to call them."""

_GROUPS = {"shapes": "all-shapes", "digits": "all-digits", "photographs": "cut-outs"}


@dataclass(frozen=True, eq=False)
class Collection:
    """Pictures to be grouped.

    Attributes:
        pictures: In the order of their names.
        kinds: What each is; "" where that is not known.
        digest: Of all of it; what caches go by.
    """

    pictures: tuple[Brought, ...]
    kinds: tuple[str, ...]
    digest: str

    @property
    def known(self) -> tuple[str, ...]:
        """The kinds that there are, in the order of the pictures."""
        return tuple(dict.fromkeys(kind for kind in self.kinds if kind))

    def first(self, count: int) -> Collection:
        """Return the collection of the first so many pictures."""
        if count >= len(self.pictures):
            return self
        return Collection(self.pictures[:count], self.kinds[:count], self.digest)


class Arrival:
    """A visitor's files on their way to becoming a collection.

    Attributes:
        ids: Of the uploaded files.
        intake: Opens them.
    """

    def __init__(self, ids: tuple[str, ...], members: Sequence[Member]) -> None:
        self.ids = ids
        self.intake = Intake(members)
        folders = in_folders(members)
        home = {id(each): name for name, inside in folders.items() for each in inside}
        self._kinds = [home[id(each)] for each in members]
        self._collection: Collection | None = None

    @property
    def collection(self) -> Collection:
        """What has been opened so far; folders are kinds if there are two or more."""
        rows = self.intake.rows
        opened = [
            (row, kind)
            for row, kind in zip(rows, self._kinds, strict=False)
            if isinstance(row, Brought)
        ]
        if self._collection is None or len(self._collection.pictures) != len(opened):
            self._collection = collection_of(
                [row for row, _ in opened], [kind for _, kind in opened]
            )
            engine.forget_with(self._collection)
        return self._collection


def collection_of(pictures: Iterable[Brought], kinds: Iterable[str]) -> Collection:
    """Return pictures as they are grouped; kinds count if there are two or more."""
    pictures, kinds = tuple(pictures), tuple(kinds)
    if len({kind for kind in kinds if kind}) < 2:
        kinds = ("",) * len(pictures)
    digest = hashlib.blake2b(digest_size=16)
    for each, kind in zip(pictures, kinds, strict=True):
        digest.update(repr((each.name, each.digest, kind)).encode())
    return Collection(pictures, kinds, digest.hexdigest())


@functools.cache
def example(name: str) -> Collection:
    """Return the collection of an example."""
    if name == "samples":
        known = samples().values()
        return collection_of(
            (brought(sample.shows, open_sample(sample.id)) for sample in known),
            (f"{sample.kind}s" for sample in known),
        )
    groups = example_groups(_GROUPS[name])
    named = [
        (f"{kind}, number {number}", image, kind)
        for kind, images in groups.items()
        for number, image in enumerate(images, 1)
    ]
    return collection_of(
        (brought(title, image) for title, image, _ in named), (k for _, _, k in named)
    )
