"""Many pictures through one network: a visitor's batch, its progress, its table.

A batch belongs to one session and is never written to disk. Importing this module does not import
torch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
from PIL import Image, ImageOps
from streamlit.delta_generator import DeltaGenerator

from ali5.known.records import WEIGHT_KINDS
from ali5.pictures.batches import Member, read_batch

from ...choose.choice import OWN, Choice
from ...choose.network import build
from ...words import counted, plain, share_in_words
from . import work
from .work import Work, as_csv, bring_files, forget_files, open_member

if TYPE_CHECKING:
    from ali5.classifying.verdict import Verdict
    from ali5.networks.networks import Network
    from ali5.tracing.trace import Prediction

THUMBNAIL_PX = 72
"""Edge of what is kept of each picture, for the contact sheet."""

_KEY, _FILES = "batch", "batch-files"

Ids = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """What came of one picture of a batch.

    Attributes:
        name: As it was given.
        verdict: What the network says; None if the picture was refused.
        thumbnail: RGB bytes of the middle square, 72 x 72; b"" if it was refused.
        refusal: Why it was, one sentence; "" if it was not.
    """

    name: str
    verdict: Verdict | None
    thumbnail: bytes
    refusal: str


class Batch(Work[Member, Row]):
    """A visitor's pictures on their way through a network.

    Attributes:
        ids: Of the uploaded files.
        choice: The network that is asked.
    """

    def __init__(self, ids: Ids, choice: Choice, members: Sequence[Member]) -> None:
        super().__init__(members)
        self.ids = ids
        self.choice = choice

    @property
    def results(self) -> tuple[Row, ...]:
        """The rows with a verdict."""
        return tuple(row for row in self._rows if row.verdict is not None)

    @property
    def refused(self) -> tuple[Row, ...]:
        """The rows with a refusal."""
        return tuple(row for row in self._rows if row.verdict is None)

    def work(self, network: Network) -> None:
        """Open and classify the next group."""
        self.advance(lambda members: _classified(network, members))


def _classified(network: Network, members: Sequence[Member]) -> list[Row]:
    from ali5.classifying.verdict import classify

    opened = [open_member(member) for member in members]
    verdicts = iter(classify(network, [each for each in opened if not isinstance(each, str)]))
    return [
        Row(member.name, None, b"", each)
        if isinstance(each, str)
        else Row(member.name, next(verdicts), _thumbnail(each), "")
        for member, each in zip(members, opened, strict=True)
    ]


def _thumbnail(image: Image.Image) -> bytes:
    return ImageOps.fit(image, (THUMBNAIL_PX, THUMBNAIL_PX)).tobytes()


# --- The batch of this session ------------------------------------------------------------------


def take_batch(choice: Choice) -> Batch | None:
    """Show where files are brought; return this session's batch, if there is one.

    Once it was brought it stays, also when the visitor has been on another page.
    """
    files = bring_files(_FILES)
    kept: Batch | None = st.session_state.get(_KEY)
    ids = tuple(each.file_id for each in files)
    if not ids or (kept is not None and (kept.ids, kept.choice) == (ids, choice)):
        return kept
    with st.spinner("Looking through the files …"):
        members = read_batch([(each.name, each) for each in files])
    batch = Batch(ids, choice, members)
    st.session_state[_KEY] = batch
    return batch


def _forget() -> None:
    forget_files(_FILES)
    st.session_state.pop(_KEY, None)


def go_on(batch: Batch, place: DeltaGenerator) -> None:
    """Work on a batch for a while, then run the page again; last on a page."""
    if batch.is_done or batch.stopped:
        return
    network = build(batch.choice)
    work.go_on(batch, place, lambda: batch.work(network))


# --- What came of it ----------------------------------------------------------------------------


def show_summary(batch: Batch, choice: Choice) -> None:
    """Say in words what came of a batch, and offer to download or to forget it.

    Args:
        batch: With or without results.
        choice: The network that is chosen now; files that are gone cannot be shown to it.
    """
    st.markdown(summary_in_words(batch))
    if choice != batch.choice:
        st.info(
            f"These are the answers of {_named(batch.choice)}; the files themselves are not kept. "
            f"Bring the pictures again to ask {_named(choice)}."
        )
    with st.container(horizontal=True):
        st.download_button(
            "Download all as CSV",
            lambda: table_as_csv(batch).encode("utf-8-sig"),
            "pictures.csv",
            "text/csv",
            on_click="ignore",
            disabled=not batch.rows,
        )
        st.button("Forget these pictures", on_click=_forget)


def summary_in_words(batch: Batch) -> str:
    """Say what came of a batch, in Markdown."""
    title = plain(batch.choice.architecture.title)
    counts = Counter(row.verdict.best.label for row in batch.results if row.verdict is not None)
    most = [f"{plain(label)} ({count})" for label, count in counts.most_common(5)]
    verb = "was" if len(batch.results) == 1 else "were"
    words = f"**{counted(len(batch.results), 'picture')} {verb} classified by {title}.**"
    if most:
        words += f" Most often: {', '.join(most)}."
    if batch.choice.untrained:
        words += " These weights are random: what they say means nothing."
    if batch.refused:
        words += f" {counted(len(batch.refused), 'file')} could not be opened; see below."
    return words


def _named(choice: Choice) -> str:
    title = plain(choice.architecture.title)
    if choice.edition.name == OWN:
        return f"{title} (yours)"
    theirs = "" if choice.kind in WEIGHT_KINDS else ", weights of yours"
    weights = ", untrained" if choice.untrained else theirs
    return f"{title} ({choice.edition.name}{weights})"


def show_table(batch: Batch) -> None:
    """Show all results as a table that can be sorted by each column."""
    if not batch.results:
        return
    st.dataframe(
        [
            {
                "picture": row.name,
                "says": verdict.best.label,
                "share": 100 * verdict.best.probability,
                "entropy": verdict.entropy,
                "runner-up": _second(verdict).label,
                "its share": share_in_words(_second(verdict).probability),
            }
            for row, verdict in _verdicts(batch)
        ],
        hide_index=True,
        column_config={
            "share": st.column_config.ProgressColumn(
                "share", format="%.1f %%", min_value=0, max_value=100
            ),
            "entropy": st.column_config.NumberColumn(
                "entropy (bits)",
                format="%.2f",
                help="0 if one class has all; 1 is as undecided as between two, 2 as among four.",
            ),
        },
    )


def _second(verdict: Verdict) -> Prediction:
    """Return the runner-up; a network with a single class has none but that."""
    return verdict.predictions[min(1, len(verdict.predictions) - 1)]


def _verdicts(batch: Batch) -> Iterator[tuple[Row, Verdict]]:
    return ((row, row.verdict) for row in batch.rows if row.verdict is not None)


_COLUMNS = (
    *("picture", "class", "share", "entropy_bits", "runner_up", "runner_up_share"),
    *("network", "refusal"),
)


def table_as_csv(batch: Batch) -> str:
    """Return everything that came of a batch as comma-separated values, refusals included."""
    rows = []
    network = f"{batch.choice.architecture.title}, {batch.choice.edition.name}"
    for row in batch.rows:
        found = [""] * 5
        if row.verdict is not None:
            best, second = row.verdict.best, _second(row.verdict)
            found = [best.label, f"{best.probability:.6f}", f"{row.verdict.entropy:.4f}"]
            found += [second.label, f"{second.probability:.6f}"]
        rows.append([row.name, *found, network, row.refusal])
    return as_csv(_COLUMNS, rows)
