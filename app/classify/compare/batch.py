"""Many pictures through one network: a visitor's batch, its progress, its table.

A batch belongs to one session and is never written to disk. No Streamlit; importing this module
does not import torch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from ali5.known.records import WEIGHT_KINDS
from ali5.pictures.batches import Member

from ...choose.choice import OWN, Choice
from ...tables import as_csv
from ...words import counted, plain
from ..many.work import Work, open_member

if TYPE_CHECKING:
    from ali5.classifying.answers import Verdict
    from ali5.networks.networks import Network
    from ali5.tracing.predictions import Prediction

THUMBNAIL_PX = 72
"""Edge of what is kept of each picture, for the contact sheet."""

Ids = tuple[str, ...]

Say = Callable[[Sequence[Image.Image]], "Sequence[Verdict]"]
"""Returns what a network says of each of some pictures."""


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

    def work(self, say: Say) -> None:
        """Open and classify the next group."""
        self.advance(lambda members: _classified(say, members))


def said_of(network: Network, images: Sequence[Image.Image]) -> tuple[Verdict, ...]:
    """Return what a network says of each of some pictures."""
    from ali5.classifying.verdict import classify

    return classify(network, images)


def _classified(say: Say, members: Sequence[Member]) -> list[Row]:
    opened = [open_member(member) for member in members]
    verdicts = iter(say([each for each in opened if not isinstance(each, str)]))
    return [
        Row(member.name, None, b"", each)
        if isinstance(each, str)
        else Row(member.name, next(verdicts), _thumbnail(each), "")
        for member, each in zip(members, opened, strict=True)
    ]


def _thumbnail(image: Image.Image) -> bytes:
    return ImageOps.fit(image, (THUMBNAIL_PX, THUMBNAIL_PX)).tobytes()


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


def named(choice: Choice) -> str:
    """Name a network with what tells it from others like it, in Markdown."""
    title = plain(choice.architecture.title)
    if choice.edition.name == OWN:
        return f"{title} (yours)"
    theirs = "" if choice.kind in WEIGHT_KINDS else ", weights of yours"
    weights = ", untrained" if choice.untrained else theirs
    return f"{title} ({choice.edition.name}{weights})"


def second_of(verdict: Verdict) -> Prediction:
    """Return the runner-up; a network with a single class has none but that."""
    return verdict.predictions[min(1, len(verdict.predictions) - 1)]


def verdicts_of(batch: Batch) -> Iterator[tuple[Row, Verdict]]:
    """Return the pictures with a verdict."""
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
            best, second = row.verdict.best, second_of(row.verdict)
            found = [best.label, f"{best.probability:.6f}", f"{row.verdict.entropy:.4f}"]
            found += [second.label, f"{second.probability:.6f}"]
        rows.append([row.name, *found, network, row.refusal])
    return as_csv(_COLUMNS, rows)
