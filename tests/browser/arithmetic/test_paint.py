"""Paint over a picture: the browser covers the pixels that the engine covers, in its colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from PIL import Image

import ali5
from ali5.pictures.edits import Edits, Mark, edit
from ali5.site.app.classify.what_if.in_address import write_paint
from tests.browser.arithmetic.test_changes import MARKS, PAINT, READ_MARKS
from tests.browser.arithmetic.together import Law, for_any, in_browser


@for_any(paint=PAINT, size=st.integers(2, 24), grey=st.booleans(), seed=st.integers(0, 9))
def test_paint_covers_the_same_pixels_in_the_same_colours(
    paint: tuple[Mark, ...], size: int, grey: bool, seed: int
) -> Law:
    levels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)
    if grey:
        levels[:] = levels[..., :1]
    usual = ali5.catalog()["lenet5" if grey else "resnet18"].edition("compact").preprocessing
    seen = replace(usual, size=size, resize=size, border=0, light_on_dark=False)
    photo = edit(Image.fromarray(levels), seen, Edits(paint=paint))
    expected = (photo * 255).round().byte().permute(1, 2, 0).numpy()
    expected = np.broadcast_to(expected, levels.shape)

    marks = yield READ_MARKS(write_paint(paint))
    drawn = yield in_browser(MARKS, "paintOver")(levels.flatten().tolist(), size, marks, grey)
    found = np.array(drawn).reshape(levels.shape)
    # A grey level is rounded once here and twice there.
    assert np.abs(found.astype(int) - expected).max() <= int(grey)
    covered = np.zeros((size, size), bool)
    for mark in paint:
        covered |= mark.covers(size)
    assert (found == levels)[~covered].all()
