"""Pictures that a visitor has brought to be looked at by one network after another.

They belong to one session and are never written to disk. Importing this module does not import
torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageOps

from ali5.pictures.batches import Member
from ali5.pictures.images import digest_of
from ali5.site.exploring import own

from .work import Work, open_member

KEPT_PX = 256
"""Edge of what is kept of a picture: its middle square, which is all that a network looks at."""

MOST_KEPT_PX = 512
"""The same for a network of the user's own that wants larger pictures."""

THUMBNAIL_PX = 64


@dataclass(frozen=True, eq=False)
class Brought:
    """A picture that is there.

    Attributes:
        name: As it was given.
        image: Its middle square, 256 pixels or less; 512 for a network that wants larger ones.
        digest: Of that.
        thumbnail: RGB bytes of it, 64 x 64.
    """

    name: str
    image: Image.Image
    digest: str
    thumbnail: bytes


def brought(name: str, image: Image.Image) -> Brought:
    """Return what is kept of a picture."""
    width, height = image.size
    edge = min(width, height)
    left, top = (width - edge) // 2, (height - edge) // 2
    # The same on both sides: what a network then cuts out is the same as of the whole picture.
    square = image.crop((left, top, width - left, height - top))
    kept = _kept_px()
    if edge > kept:
        square = square.resize((kept, kept), Image.Resampling.BILINEAR, reducing_gap=3)
    square.info = {}
    small = ImageOps.fit(square, (THUMBNAIL_PX, THUMBNAIL_PX))
    return Brought(name, square, digest_of(square), small.tobytes())


def _kept_px() -> int:
    mine = own()
    wanted = 0 if mine is None else mine.network.edition.preprocessing.resize
    return min(max(KEPT_PX, wanted), MOST_KEPT_PX)


@dataclass(frozen=True)
class Refusal:
    """A file that is no picture that can be opened.

    Attributes:
        name: As it was given.
        refusal: Why, one sentence.
    """

    name: str
    refusal: str


class Intake(Work[Member, Brought | Refusal]):
    """Files of a visitor's that are being opened, a few at a time."""

    def open_next(self) -> None:
        """Open the next files."""
        self.advance(_opened, at_once=4)

    @property
    def pictures(self) -> tuple[Brought, ...]:
        """Those that could be opened, so far."""
        return tuple(row for row in self._rows if isinstance(row, Brought))

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Those that could not."""
        return tuple(row for row in self._rows if isinstance(row, Refusal))


def _opened(members: Sequence[Member]) -> list[Brought | Refusal]:
    opened = [(member.name, open_member(member)) for member in members]
    return [
        Refusal(name, each) if isinstance(each, str) else brought(name, each)
        for name, each in opened
    ]
