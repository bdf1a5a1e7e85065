"""Ways to bring a picture that Streamlit does not have: samples to click, a drawing field."""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Callable, Sequence

from PIL import Image, ImageOps

from ali5.pictures.samples import DIGIT_EDGE, centre_ink, open_sample, samples

from ..canvas.component import answer, component
from ..canvas.packing import pack

_picker = component(__file__, "picker")
_pad = component(__file__, "pad")

THUMBNAIL_PX = 88
THUMBNAIL_COLUMNS = 16
PAD_CELLS = 56

_SPRITES = {"edge": THUMBNAIL_PX, "columns": THUMBNAIL_COLUMNS}

_TITLES = {"photograph": "Photographs", "digit": "Digits", "pattern": "Patterns"}


def show_samples(chosen: str, choose: Callable[[str], None]) -> None:
    """Show the sample pictures; call `choose` with the name of one that is clicked."""
    groups, body = _sheet()
    header = {
        **_SPRITES,
        "groups": groups,
        "selected": chosen,
        "label": "Sample pictures",
    }
    _picker(
        key="samples", data=pack(header, body), on_select_change=answer("samples", "select", choose)
    )


def show_strip(
    pictures: Sequence[tuple[str, str, Image.Image]], chosen: str, choose: Callable[[str], None]
) -> None:
    """Show a visitor's own pictures; call `choose` with the id of one that is clicked.

    Args:
        pictures: Id, title and the picture itself.
        chosen: The id of the one that is marked, or "".
        choose: Called with an id.
    """
    items = [{"id": name, "title": title} for name, title, _ in pictures]
    sheet = _draw_sheet([image for *_, image in pictures])
    header = {
        **_SPRITES,
        "groups": [{"title": "Your pictures", "items": items}],
        "selected": chosen,
        "label": "Your pictures",
    }
    _picker(
        key="strip", data=pack(header, sheet), on_select_change=answer("strip", "select", choose)
    )


def show_pad(asked: str = "Draw a digit from 0 to 9.") -> Image.Image | None:
    """Show the drawing field; return the drawing as MNIST has digits, None while it is empty.

    Args:
        asked: What is said under the empty field.
    """
    result = _pad(key="pad", data={"asked": asked}, default={"ink": ""}, on_ink_change=lambda: None)
    ink = str(result.get("ink") or "")
    if len(ink) != 2 * PAD_CELLS**2:
        return None
    drawing = Image.frombytes("L", (PAD_CELLS, PAD_CELLS), bytes.fromhex(ink))
    return as_digit(drawing)


def as_digit(drawing: Image.Image) -> Image.Image | None:
    """Fit light ink on a dark ground as MNIST does: a box of 20 x 20 of 28, centre of mass centred.

    Returns:
        An RGB picture of ten times MNIST's size, or None if there is no ink.
    """
    box = drawing.point(lambda level: 255 if level > 32 else 0).getbbox()
    if box is None:
        return None
    edge = DIGIT_EDGE * 20 // 28
    ink = ImageOps.contain(drawing.crop(box), (edge, edge), Image.Resampling.BICUBIC)
    field = Image.new("L", (DIGIT_EDGE, DIGIT_EDGE))
    field.paste(ink, ((DIGIT_EDGE - ink.width) // 2, (DIGIT_EDGE - ink.height) // 2))
    return centre_ink(field).convert("RGB")


@functools.cache
def _sheet() -> tuple[list[dict[str, object]], bytes]:
    """Return the groups of the samples and their thumbnails in the same order."""
    groups: list[dict[str, object]] = []
    pictures: list[Image.Image] = []
    for kind, title in _TITLES.items():
        members = [sample for sample in samples().values() if sample.kind == kind]
        items = [{"id": sample.id, "title": f"{title[:-1]}: {sample.shows}"} for sample in members]
        groups.append({"title": title, "items": items})
        pictures += [open_sample(sample.id) for sample in members]
    return groups, _draw_sheet(pictures)


def _draw_sheet(pictures: Sequence[Image.Image]) -> bytes:
    """Return thumbnails side by side as one WebP file: they are sent with every answer."""
    rows = math.ceil(len(pictures) / THUMBNAIL_COLUMNS)
    sheet = Image.new("RGB", (THUMBNAIL_PX * THUMBNAIL_COLUMNS, THUMBNAIL_PX * rows))
    for number, picture in enumerate(pictures):
        row, column = divmod(number, THUMBNAIL_COLUMNS)
        small = ImageOps.fit(picture, (THUMBNAIL_PX, THUMBNAIL_PX))
        sheet.paste(small, (column * THUMBNAIL_PX, row * THUMBNAIL_PX))
    file = io.BytesIO()
    sheet.save(file, "WebP", quality=85, method=2)
    return file.getvalue()
