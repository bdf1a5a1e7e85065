"""The convolution lab computes in the browser what PyTorch does, and allows what Python accepts."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from ali5.errors import Ali5Error
from ali5.graph.geometry import move_along
from ali5.labs.arithmetic import Convolution, convolve
from ali5.labs.kernels import KERNELS
from ali5.site.app.canvas.packing import unpack
from ali5.site.app.engine import Picture
from ali5.site.app.labs.convolution.numbers import planes_of, weights_of
from ali5.site.app.labs.convolution.sent import pack_convolution
from ali5.site.app.labs.convolution.settings import (
    MODES,
    PADDINGS,
    RANGES,
    WORDS,
    Settings,
    fits,
    made_possible,
    settings_as_sent,
)
from tests.browser.arithmetic.together import Built, Law, Question, for_any, in_browser

Sent = dict[str, Any]

SUMS, POSSIBLE, STRIDE = (f"labs/convolution/{name}.js" for name in ("sums", "possible", "stride"))
RESULT, AXIS = in_browser(SUMS, "resultOf"), in_browser(SUMS, "axisOf")
SETTLE = in_browser(POSSIBLE, "settle")

SIDES = st.integers(1, 14)
SEEDS = st.integers(0, 2**32 - 1)
PLACES = st.integers(0, 3 * 16 * 16 - 1).map(
    lambda place: "{},{},{}".format(*np.unravel_index(place, (3, 16, 16)))
)
CELLS = st.dictionaries(PLACES, st.floats(-1e6, 1e6, width=32), max_size=4)
SETTINGS = Built(
    Settings,
    {
        "bias": st.integers(-20, 20).map(lambda half: half / 2),
        "cells": CELLS,
        "preset": st.sampled_from([*KERNELS, "layer0", "layer1"]),
        **{name: st.integers(*RANGES[name]) for name in RANGES},
        **{name: st.sampled_from(WORDS[name]) for name in ("input", "padding", "mode")},
    },
)
"""Each within its own range; they may contradict one another."""

BORDERS = st.sampled_from(
    [{"padding": each} for each in PADDINGS] + [{"mode": each} for each in MODES]
)

LENGTHS = ("size", "kernel", "stride", "dilation", "border")
"""What the browser works out a range for."""


@pytest.fixture(scope="module")
def header() -> Sent:
    picture = Picture("black", Image.new("RGB", (1, 1)), "", "")
    return unpack(pack_convolution(Settings(), picture, "glow"))[0]


def with_photo(header: Sent, height: int, width: int) -> Sent:
    """What the browser needs of a header to tell what is possible: none of the kernels' numbers."""
    kernels = {name: {"least": kernel["least"]} for name, kernel in header["kernels"].items()}
    layers = [layer | {"filters": [0] * len(layer["filters"])} for layer in header["layers"]]
    photo = {"height": height, "width": width}
    return {"limits": header["limits"], "kernels": kernels, "layers": layers, "photo": photo}


def only(header: Sent, chosen: Settings) -> Sent:
    """The header with the numbers of the chosen kernel alone: all of them are many."""
    kernels = {
        name: {"tables": [t if n == chosen.kernel else None for n, t in enumerate(tables, 1)]}
        for name in ("identity", chosen.preset)
        if (tables := header["kernels"].get(name, {}).get("tables"))
    }
    layers = [
        {"filters": [f if n == chosen.filter else [] for n, f in enumerate(layer["filters"])]}
        for layer in header["layers"]
    ]
    return {"kernels": kernels, "layers": layers}


def numbers(seed: int, *shape: int) -> NDArray[np.float64]:
    """Small whole numbers: their sums are exact, in whichever order they are added."""
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(float)


def computed(
    chosen: Settings, pixels: NDArray[Any], kernels: NDArray[Any]
) -> Generator[Question, Sent, tuple[Sent, Convolution]]:
    """The result by the browser, and by the engine."""
    ours = yield RESULT(
        [plane.ravel().tolist() for plane in pixels],
        pixels.shape[1:],
        kernels.tolist(),
        settings_as_sent(chosen),
    )
    theirs = convolve(
        torch.from_numpy(pixels),
        torch.from_numpy(kernels)[None],
        torch.tensor([chosen.bias]),
        stride=chosen.stride,
        padding=chosen.border_wanted,
        dilation=chosen.dilation,
        padding_mode=chosen.mode,
    )
    return ours, theirs


@for_any(chosen=SETTINGS)
def test_a_window_moves_along_an_axis_as_in_the_engine(chosen: Settings) -> Law:
    sent, sizes = settings_as_sent(replace(chosen, cells={})), range(1, 41)
    all_found = yield [AXIS(size, sent) for size in sizes]
    how = (chosen.kernel, chosen.stride, chosen.dilation, chosen.border_wanted, chosen.mode)
    for size, found in zip(sizes, all_found, strict=True):
        try:
            axis = move_along("H", size, *how)
        except Ali5Error:
            assert found["why"]
            continue
        assert found["why"] is None
        assert (found["before"], found["after"]) == (axis.window.padding, axis.after)
        assert (found["extent"], found["count"]) == (axis.window.extent, axis.count)


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES, seed=SEEDS)
def test_the_browser_convolves_as_pytorch_does(
    chosen: Settings, height: int, width: int, seed: int
) -> Law:
    chosen = made_possible(replace(chosen, input="photo"), (height, width))
    pixels = numbers(seed, chosen.channels, height, width)
    kernels = numbers(seed + 1, chosen.channels, chosen.kernel, chosen.kernel)
    ours, theirs = yield from computed(chosen, pixels, kernels)
    assert ours["output"] == theirs.output.ravel().tolist()
    for border, plane in zip(ours["borders"], theirs.padded, strict=True):
        assert (border["height"], border["width"]) == plane.shape
        assert border["values"] == plane.ravel().tolist()
    assert (np.sum(ours["parts"], axis=0) + chosen.bias).tolist() == ours["output"]


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES, seed=SEEDS)
def test_the_browser_takes_the_same_numbers(
    header: Sent, chosen: Settings, height: int, width: int, seed: int
) -> Law:
    photo = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    chosen = made_possible(chosen, photo.shape[:2])
    sent = settings_as_sent(chosen)
    if chosen.input == "toy":
        planes = yield in_browser(POSSIBLE, "toyPlanes")(
            sent, {name: header[name] for name in ("toy", "limits")}
        )
    else:
        about = {"photo": {"height": height, "width": width}, "brightness": header["brightness"]}
        planes = yield in_browser(POSSIBLE, "photoPlanes")(
            photo.ravel().tolist(), chosen.channels, about
        )
    expected = planes_of(chosen, photo)
    np.testing.assert_allclose(planes, expected.reshape(len(expected), -1), rtol=1e-6)
    weights = yield in_browser(POSSIBLE, "weightsOf")(sent, only(header, chosen))
    np.testing.assert_allclose(weights, weights_of(chosen), atol=1e-6)


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES)
def test_settings_are_brought_in_line_alike(
    header: Sent, chosen: Settings, height: int, width: int
) -> Law:
    found = yield SETTLE(settings_as_sent(chosen), with_photo(header, height, width))
    assert found == settings_as_sent(made_possible(chosen, (height, width)))


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES, name=st.sampled_from(LENGTHS), pick=SEEDS)
def test_what_the_browser_allows_python_accepts_unchanged(
    header: Sent, chosen: Settings, height: int, width: int, name: str, pick: int
) -> Law:
    photo = (height, width)
    chosen = made_possible(chosen, photo)
    about = with_photo(header, *photo)
    found = yield in_browser(POSSIBLE, "rangeOf")(settings_as_sent(chosen), about, name)
    low, high = RANGES[name]
    assert low <= found["min"] <= getattr(chosen, name) <= found["max"] <= high

    def possible(value: int) -> bool:
        other = replace(chosen, **{name: value})
        return all(fits(other, edge) for edge in ([other.size] if other.input == "toy" else photo))

    assert all(possible(value) for value in range(found["min"], found["max"] + 1))
    beyond = [found["min"] - 1, found["max"] + 1]
    assert not any(possible(value) for value in beyond if low <= value <= high)
    assert bool(found["why"]) == (found["min"] > low or found["max"] < high)
    offered = range(found["min"], found["max"] + 1)
    dragged = replace(chosen, **{name: offered[pick % len(offered)]})
    let_go = yield SETTLE(settings_as_sent(dragged), about)
    accepted = replace(Settings(**let_go), cells=chosen.cells)
    assert made_possible(accepted, photo) == accepted


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES, change=BORDERS)
def test_both_refuse_the_same_borders(
    header: Sent, chosen: Settings, height: int, width: int, change: dict[str, str]
) -> Law:
    chosen = made_possible(chosen, (height, width))
    why = yield in_browser(POSSIBLE, "whyNot")(
        settings_as_sent(chosen), with_photo(header, height, width), change
    )
    other = replace(chosen, **change)
    edges = [chosen.size] if chosen.input == "toy" else [height, width]
    assert (why is None) == all(fits(other, edge) for edge in edges)


@for_any(size=st.integers(1, 11), channels=st.integers(1, 3), was=st.integers(1, 11), seed=SEEDS)
def test_a_kernel_of_ones_own_keeps_what_fits(
    header: Sent, size: int, channels: int, was: int, seed: int
) -> Law:
    old = numbers(seed, 3, was, was)
    chosen = Settings(size=16, preset="custom", kernel=size, channels=channels)
    sent = settings_as_sent(replace(chosen, weights=old.tolist()))
    settled = yield SETTLE(sent, with_photo(header, 1, 1))
    kept = min(size, was)
    expected = np.zeros((channels, size, size))
    expected[:, :kept, :kept] = old[:channels, :kept, :kept]
    assert settled["weights"] == expected.tolist()


@for_any(chosen=SETTINGS, height=SIDES, width=SIDES, seed=SEEDS)
def test_stride_two_keeps_every_second_number_of_stride_one(
    chosen: Settings, height: int, width: int, seed: int
) -> Law:
    chosen = made_possible(replace(chosen, input="photo"), (height, width))
    pixels = numbers(seed, chosen.channels, height, width)
    kernels = numbers(seed + 1, chosen.channels, chosen.kernel, chosen.kernel)
    ours, theirs = yield from computed(chosen, pixels, kernels)
    story = yield in_browser(STRIDE, "storyOf")(ours, settings_as_sent(chosen))
    bias, dilation = torch.tensor([chosen.bias]).double(), chosen.dilation
    dense, computed_ = (
        F.conv2d(theirs.padded[None], theirs.kernel, bias, stride, 0, dilation)[0, 0].numpy()
        for stride in (1, 2)
    )
    for name, expected in (
        ("dense", dense),
        ("computed", computed_),
        ("kept", dense[::2, ::2]),
        ("shown", dense[::2, chosen.moved :: 2]),
    ):
        assert (story[name]["rows"], story[name]["columns"]) == expected.shape
        assert story[name]["values"] == expected.ravel().tolist()
    assert (yield in_browser(STRIDE, "differenceOf")(story)) == 0
    left, right = dense[::2, 0 : dense.shape[1] // 2 * 2 : 2], dense[::2, 1::2]
    whole = float((left**2).sum())
    change = 100 * np.sqrt(((right - left) ** 2).sum() / whole) if whole else 0
    found = yield in_browser(STRIDE, "changeOf")(story)
    assert found == pytest.approx(change, rel=1e-6)
