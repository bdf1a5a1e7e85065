"""What the pickers of pictures are sent."""

from __future__ import annotations

import json

from ali5.pictures.samples import open_sample
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.choose.sent import pack_strip, samples_as_sent


def test_the_samples_are_sent_without_their_pictures() -> None:
    one, other = samples_as_sent("cat"), samples_as_sent("barn")
    assert len(json.dumps(one)) < 5000
    assert one | {"selected": "barn"} == other
    assert one["file"].endswith(".webp")


def test_a_visitors_pictures_are_in_no_file_of_the_site() -> None:
    header, body = unpack(pack_strip([("a", "mine", open_sample("cat"))], "a"))
    assert "file" not in header
    assert body[8:12] == b"WEBP"
