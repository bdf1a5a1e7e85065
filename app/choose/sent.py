"""What the pickers of pictures are sent: titles, and all thumbnails in one file.

The site's own thumbnails are the same for everybody and lie in a file of the site; a visitor's own
pictures go to that visitor alone.
"""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageOps

from ali5.paths import ASSETS
from ali5.pictures.samples import Sample, open_sample, samples
from ali5.site import files

from ..canvas.packing import pack

THUMBNAIL_PX = 88
THUMBNAIL_COLUMNS = 16

SHEET = ASSETS / "samples.webp"
"""Their thumbnails, drawn beforehand: opening forty pictures would keep the first visitor waiting,
and memory."""

_SPRITES = {"edge": THUMBNAIL_PX, "columns": THUMBNAIL_COLUMNS}

_TITLES = {"photograph": "Photographs", "digit": "Digits", "pattern": "Patterns"}


def samples_as_sent(chosen: str) -> dict[str, Any]:
    """Return what the picker of the sample pictures takes, with the one of that name marked."""
    groups, file = _sheet()
    return {
        **_SPRITES,
        "file": file,
        "groups": groups,
        "selected": chosen,
        "label": "Sample pictures",
    }


def pack_strip(pictures: Sequence[tuple[str, str, Image.Image]], chosen: str) -> bytes:
    """Return what the picker of a visitor's own pictures takes.

    Args:
        pictures: Id, title and the picture itself.
        chosen: The id of the one that is marked, or "".
    """
    items = [{"id": name, "title": title} for name, title, _ in pictures]
    sheet = _draw_sheet([image for *_, image in pictures])
    header = {
        **_SPRITES,
        "groups": [{"title": "Your pictures", "items": items}],
        "selected": chosen,
        "label": "Your pictures",
    }
    return pack(header, sheet)


@functools.cache
def _sheet() -> tuple[list[dict[str, object]], str]:
    """Return the groups of the samples, and the file with their thumbnails in the same order."""
    groups: list[dict[str, object]] = []
    for title, members in _groups():
        items = [{"id": sample.id, "title": f"{title[:-1]}: {sample.shows}"} for sample in members]
        groups.append({"title": title, "items": items})
    file = files.publish("samples", "webp", SHEET.read_bytes())
    return groups, f"{files.PLACE}/{file}"


def draw_samples() -> bytes:
    """Return the thumbnails of all samples, as `SHEET` keeps them."""
    return _draw_sheet([open_sample(each.id) for _, members in _groups() for each in members])


def _groups() -> list[tuple[str, list[Sample]]]:
    return [
        (title, [sample for sample in samples().values() if sample.kind == kind])
        for kind, title in _TITLES.items()
    ]


def _draw_sheet(pictures: Sequence[Image.Image]) -> bytes:
    """Return thumbnails side by side as one WebP file."""
    rows = math.ceil(len(pictures) / THUMBNAIL_COLUMNS)
    sheet = Image.new("RGB", (THUMBNAIL_PX * THUMBNAIL_COLUMNS, THUMBNAIL_PX * rows))
    for number, picture in enumerate(pictures):
        row, column = divmod(number, THUMBNAIL_COLUMNS)
        small = ImageOps.fit(picture, (THUMBNAIL_PX, THUMBNAIL_PX))
        sheet.paste(small, (column * THUMBNAIL_PX, row * THUMBNAIL_PX))
    file = io.BytesIO()
    sheet.save(file, "WebP", quality=85, method=2)
    return file.getvalue()
