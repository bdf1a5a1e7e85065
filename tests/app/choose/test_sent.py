"""What the pickers of pictures are sent."""

from __future__ import annotations

import io
import json

import numpy as np
from PIL import Image

from ali5.pictures.samples import open_sample, samples
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.choose.sent import (
    SHEET,
    THUMBNAIL_COLUMNS,
    THUMBNAIL_PX,
    draw_samples,
    pack_strip,
    samples_as_sent,
)


def test_the_samples_are_sent_without_their_pictures() -> None:
    one, other = samples_as_sent("cat"), samples_as_sent("barn")
    assert len(json.dumps(one)) < 5000
    assert one | {"selected": "barn"} == other
    assert one["file"].endswith(".webp")


def test_a_visitors_pictures_are_in_no_file_of_the_site() -> None:
    header, body = unpack(pack_strip([("a", "mine", open_sample("cat"))], "a"))
    assert "file" not in header
    assert body[8:12] == b"WEBP"


def test_the_thumbnails_that_ship_are_those_of_the_samples() -> None:
    header, sheet = samples_as_sent("cat"), SHEET.read_bytes()
    names = [item["id"] for group in header["groups"] for item in group["items"]]
    assert sorted(names) == sorted(samples())
    shipped, drawn = (
        np.asarray(Image.open(io.BytesIO(each)).convert("RGB"), float)
        for each in (sheet, draw_samples())
    )
    words = "renew them by `python -m tests.prepare`"
    assert shipped.shape == drawn.shape, words
    # Another version of a library may decode a photograph, or pack the thumbnails, a bit otherwise.
    apart = abs(shipped - drawn).mean(2)
    for number, name in enumerate(names):
        row, column = divmod(number, THUMBNAIL_COLUMNS)
        down, right = row * THUMBNAIL_PX, column * THUMBNAIL_PX
        tile = apart[down : down + THUMBNAIL_PX, right : right + THUMBNAIL_PX]
        assert tile.mean() < 4, f"{name}: {words}"
