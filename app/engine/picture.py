"""A picture as the engine is asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Picture:
    """A visitor's picture or a sample.

    Attributes:
        name: Name of the sample, or "own".
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
