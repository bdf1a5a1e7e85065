"""Which pictures are grouped: examples of known kinds, or the visitor's own.

A visitor's pictures belong to one session and are never written to disk. Importing this module does
not import torch.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from ali5.classifying.teach.examples import example_groups
from ali5.pictures.batches import MAX_PICTURES, Member, in_folders, read_batch
from ali5.pictures.samples import open_sample, samples

from ... import address, engine
from ..many.brought import Brought, Intake, Refusal, brought
from ..many.work import bring_files, forget_files, go_on, show_progress, show_refused

EXAMPLES = {
    "shapes": "Shapes",
    "digits": "Digits",
    "photographs": "Photographs",
    "samples": "All samples",
}
"""Pictures that are always there, and what to call them."""

MINE = "own"

DEFAULT = "shapes"

NETWORKS = {"digits": "lenet5"}
"""The network that is asked first, where it is not ResNet-18."""

_WORDS = {
    "shapes": "drawings by code: shapes, each anywhere, at any size and in any two colours. Their "
    "kind is the shape.",
    "digits": "digits, drawn by code as if by hand, each a little different.",
    "photographs": "squares cut out of the sample photographs, anywhere. Their kind is the "
    "photograph that they come from.",
    "samples": "sample pictures: all that ALI5 brings along. Their kind is photograph, pattern or "
    "digit.",
}

_GROUPS = {"shapes": "all-shapes", "digits": "all-digits", "photographs": "cut-outs"}

_KEY, _FILES = "group-arrival", "group-files"

WORK = "group-work"
"""In the session: what is looked at now."""

_RESETS = ("step", "clusters", "perplexity", "chosen", "frames")
"""Choices that other pictures make anew."""


@dataclass(frozen=True, eq=False)
class Pile:
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

    def first(self, count: int) -> Pile:
        """Return the pile of the first so many pictures."""
        if count >= len(self.pictures):
            return self
        return Pile(self.pictures[:count], self.kinds[:count], self.digest)


class Arrival:
    """A visitor's files on their way to becoming a pile.

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
        self._pile: Pile | None = None

    @property
    def pile(self) -> Pile:
        """What has been opened so far; folders are kinds if there are two or more."""
        rows = self.intake.rows
        opened = [
            (row, kind)
            for row, kind in zip(rows, self._kinds, strict=False)
            if isinstance(row, Brought)
        ]
        if self._pile is None or len(self._pile.pictures) != len(opened):
            self._pile = _pile([row for row, _ in opened], [kind for _, kind in opened])
            engine.forget_with(self._pile)
        return self._pile


def _pile(pictures: Iterable[Brought], kinds: Iterable[str]) -> Pile:
    pictures, kinds = tuple(pictures), tuple(kinds)
    if len({kind for kind in kinds if kind}) < 2:
        kinds = ("",) * len(pictures)
    digest = hashlib.blake2b(digest_size=16)
    for each, kind in zip(pictures, kinds, strict=True):
        digest.update(repr((each.name, each.digest, kind)).encode())
    return Pile(pictures, kinds, digest.hexdigest())


@functools.cache
def example(name: str) -> Pile:
    """Return the pile of an example."""
    if name == "samples":
        known = samples().values()
        return _pile(
            (brought(sample.shows, open_sample(sample.id)) for sample in known),
            (f"{sample.kind}s" for sample in known),
        )
    groups = example_groups(_GROUPS[name])
    named = [
        (f"{kind}, number {number}", image, kind)
        for kind, images in groups.items()
        for number, image in enumerate(images, 1)
    ]
    return _pile((brought(title, image) for title, image, _ in named), (k for _, _, k in named))


def choose_pile() -> Pile | None:
    """Show where the pictures come from; return them once there are some."""
    which = address.choose(
        "Pictures",
        {**EXAMPLES, MINE: "Yours"},
        name="set",
        default=DEFAULT,
        resets=_RESETS,
        explanation="Examples whose kinds are known, and your own.",
    )
    if which != MINE:
        pile = example(which)
        st.caption(f"{len(pile.pictures)} {_WORDS[which]}")
        return pile
    return _own_pile()


def default_network() -> str:
    """Return the network that is asked first about the chosen pictures."""
    return NETWORKS.get(address.read("set", (*EXAMPLES, MINE), DEFAULT), "resnet18")


def _own_pile() -> Pile | None:
    """Show where files are brought; return what has been opened, once that is done or stopped."""
    arrival = _take_files()
    if arrival is None:
        st.markdown(
            f"Bring from two to {MAX_PICTURES} pictures: holiday photographs, leaves, product "
            "pictures, X-rays. Two or more **folders in a zip archive** are taken for kinds: then "
            "every layer is measured by how often the nearest neighbour is of the same kind. Files "
            "that cannot be opened are listed, each with its reason; the others go on."
        )
        return None
    intake = arrival.intake
    place = show_progress(intake)
    go_on(intake, place, intake.open_next)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Forget these pictures", on_click=_forget)
        _show_all_refused(intake.refused)
    if len(intake.pictures) < 2:
        st.info("Two pictures or more are needed: one alone is like no other.")
        return None
    return arrival.pile


def _show_all_refused(refused: Sequence[Refusal]) -> None:
    if not refused:
        return
    noun = "1 file" if len(refused) == 1 else f"{len(refused)} files"
    with st.expander(f"{noun} could not be opened"):
        show_refused(refused)


def _take_files() -> Arrival | None:
    """Return this session's files; once they were brought they stay, also on other pages."""
    files = bring_files(_FILES)
    kept: Arrival | None = st.session_state.get(_KEY)
    ids = tuple(each.file_id for each in files)
    if not ids or (kept is not None and kept.ids == ids):
        return kept
    with st.spinner("Looking through the files …"):
        arrival = Arrival(ids, read_batch([(each.name, each) for each in files]))
    st.session_state[_KEY] = arrival
    return arrival


def _forget() -> None:
    forget_files(_FILES)
    st.session_state.pop(_KEY, None)
    st.session_state.pop(WORK, None)
