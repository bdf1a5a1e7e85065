"""What is packed comes out again, and what was written before is put in as it is."""

from __future__ import annotations

import json

import pytest

from ali5.site.app.canvas.packing import pack, unpack, written

HEADER = {"words": 'a "quoted" ü', "numbers": [1, 2.5, None], "inner": {"of": [True, {}]}}


def test_what_is_packed_comes_out_again() -> None:
    for body in (b"", b"12345"):
        packed = pack(HEADER, body)
        assert unpack(packed) == (HEADER, body)
        assert (len(packed) - len(body)) % 4 == 0
    assert unpack(pack({})) == ({}, b"")


def test_what_is_written_already_is_sent_as_if_it_were_not() -> None:
    ready = HEADER | {"inner": written(HEADER["inner"]), "words": written(HEADER["words"])}
    assert pack(ready, b"body") == pack(HEADER, b"body")
    assert json.dumps(HEADER, separators=(",", ":")).encode() in pack(ready)


def test_what_json_does_not_know_is_not_sent() -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="Out of range"):
            pack({"value": [value]})
        with pytest.raises(ValueError, match="Out of range"):
            written(value)
