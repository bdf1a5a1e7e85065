"""The sample pictures to choose from."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from ali5.pictures.samples import samples
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.choose.sent import (
    THUMBNAIL_COLUMNS,
    THUMBNAIL_PX,
    draw_samples,
    pack_samples,
)


def test_the_thumbnails_that_ship_are_those_of_the_samples() -> None:
    header, sheet = unpack(pack_samples("cat"))
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
