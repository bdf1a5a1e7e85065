"""A picture as the engine is asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

FIRST_PICTURE = "coffee"
"""The sample that is shown to whoever has chosen nothing."""

OWN = "own"
"""Name of a picture that the visitor has brought."""

GIVEN = "given"
"""Name of the picture that `ali5.explore` was called with."""


@dataclass(frozen=True)
class Picture:
    """A visitor's picture or a sample.

    Attributes:
        name: Name of the sample, `OWN` or `GIVEN`.
        image: Upright, RGB.
        digest: Of its pixels; what caches go by.
        caption: What to call it.
        notes: What was done to open it, and where it comes from.
        prepared: The tensor that a network of the user's own was given instead, if it was.
    """

    name: str
    image: Image.Image
    digest: str
    caption: str
    notes: tuple[str, ...] = ()
    prepared: Tensor | None = None

    @property
    def given(self) -> Image.Image | Tensor:
        """What a network is given."""
        return self.image if self.prepared is None else self.prepared

    @property
    def is_sample(self) -> bool:
        """Whether it comes with ALI5, so that its name is enough to open it anywhere."""
        return self.name not in (OWN, GIVEN)

    @property
    def opening_import(self) -> str:
        """The import that `opening_code` needs, a line of Python."""
        return "from ali5.pictures.samples import open_sample" if self.is_sample else "import ali5"

    @property
    def opening_code(self) -> str:
        """How it is opened in Python: an expression."""
        return f'open_sample("{self.name}")' if self.is_sample else 'ali5.open_image("photo.jpg")'
