"""What the browser is told of a unit's way back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import ali5
from ali5.explain.deconvolution.deconvolution import deconvolve
from ali5.pictures.samples import open_sample
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.explore.deconvolution import sent
from ali5.tracing.walls import Scale, maps_of


def _page(name: str, sample: str, step: str, channel: int, row: int | None) -> None:
    from ali5.pictures.images import digest_of
    from ali5.pictures.samples import open_sample
    from ali5.site.app import address, engine
    from ali5.site.app.explore.deconvolution.view import show_deconvolution

    address.follow("page")
    image = open_sample(sample)
    picture = engine.Picture(sample, image, digest_of(image), sample)
    weights = "bundled" if name == "lenet5" else "untrained"
    passage = engine.look(engine.Subject(engine.Chosen(name, "compact", weights), picture))
    show_deconvolution(passage, passage[step], channel, row, row)


def page(*unit: Any, **choices: str) -> AppTest:
    at = AppTest.from_function(_page, default_timeout=60, args=unit)
    for key, value in choices.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("name", "step", "row"),
    [("zfnet", "conv5", None), ("zfnet", "fc8", None), ("resnet18", "fc", 0)],
)
def test_what_is_shown_of_every_stage_is_its_signal(name: str, step: str, row: int | None) -> None:
    at = page(name, "cat", step, 7, row, deconvolution="open")
    (node,) = at.get("bidi_component")
    header, body = unpack(node.proto.bytes)
    network = ali5.load(name, weights="untrained", device="cpu")
    found = deconvolve(ali5.trace(network, open_sample("cat")), step, 7, row, row)
    unit = header["unit"]
    assert (unit["row"], unit["column"], unit["value"]) == (found.row, found.column, found.value)
    assert header["strongest"] == (row is None)
    for told, stage in zip(header["stages"], found.stages, strict=True):
        assert (told["step"], told["kind"]) == (stage.step, stage.kind)
        assert [header["stages"][each]["step"] for each in told["from"]] == list(stage.undone)
        top, left, bottom, right = told["seen"]
        signal = stage.signal[:, 0, 0] if told["cells"] else stage.signal[told["channels"]]
        part = maps_of(signal[None]) if told["cells"] else signal[:, top:bottom, left:right]
        at_byte, *shape = told["tile"]
        codes = np.frombuffer(body, np.uint8, part.numel(), at_byte).reshape(shape)
        scale = Scale(*told["scale"])
        values = torch.from_numpy(scale.decode(codes))
        level = (scale.high - scale.low) / 252
        assert torch.allclose(values, part, atol=level, rtol=0, equal_nan=True)
        assert told["values"] == int((stage.signal != 0).sum())
        if told["switches"] is not None:
            won = np.frombuffer(body, np.uint8, part.numel(), told["switches"]).reshape(part.shape)
            assert not part[torch.from_numpy(won.copy()) == 0].any()
            assert won.any()
    top, left, bottom, right = header["crop"]
    crop = found.reconstruction[:, top:bottom, left:right]
    painted = np.frombuffer(body, np.uint8, crop.numel(), header["painted"]["at"])
    shares = torch.from_numpy(painted.reshape(*crop.shape[1:], 3).copy()).permute(2, 0, 1)
    high = header["painted"]["high"]
    assert high == float(crop.abs().max())
    assert torch.allclose((shares - 127.5) / 127.5 * high, crop, atol=high / 250)


def test_a_way_back_is_packed_without_a_page_and_walked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = open_sample("digit-3")
    trace = ali5.trace(ali5.load("zfnet", weights="untrained", device="cpu"), image)
    given = sent.pack_stages(trace, "conv2", 1, None, None, image, "grey")
    header, body = unpack(given)
    unit = header["unit"]
    place = (unit["row"], unit["column"])

    def fail(*_: object) -> None:
        raise AssertionError("walked back again")

    monkeypatch.setattr(sent, "_draw", fail)
    again, same = unpack(sent.pack_stages(trace, "conv2", 1, *place, image, "glow"))
    assert again == header | {"strongest": False, "colours": "glow"}
    assert same == body


def test_the_channels_stay_while_a_step_leaves_them_apart() -> None:
    (node,) = page("zfnet", "cat", "conv5", 7, None, deconvolution="open").get("bidi_component")
    stages = unpack(node.proto.bytes)[0]["stages"]
    for stage in stages:
        if stage["kind"] in ("unpool", "rectify", "skip"):
            assert stage["channels"] == stages[stage["from"][0]]["channels"]


def test_a_network_without_a_way_back_says_so_and_nothing_is_computed_while_folded() -> None:
    at = page("lenet5", "digit-3", "S2", 0, None, deconvolution="open")
    assert "step 'tanh1'" in at.info[0].value
    assert not at.get("bidi_component")
    folded = page("zfnet", "cat", "conv5", 7, None)
    assert folded.expander[0].label == "Back to the picture: deconvolution"
    assert not folded.get("bidi_component")
