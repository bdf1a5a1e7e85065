"""The labs without a browser: settings in the address, questions marked by the engine, code."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from streamlit.testing.v1 import AppTest

import ali5
from ali5.labs.kernels import KERNELS, named_kernel
from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.convolution import view as lab
from ali5.site.app.labs.convolution.view import EXAMPLES, Settings
from ali5.site.app.labs.pooling import view
from ali5.site.app.labs.questions import options_around
from tests.pages import open_page, sent_to

CAT = Picture("cat", open_sample("cat"), "digest", "the cat")


def open_lab(**choices: str) -> AppTest:
    return open_page("convolution", **choices)


def sent(at: AppTest) -> dict:
    return sent_to(at, "convolution")[0]


def result_of(chosen: Settings):
    photo = lab.photo_of(CAT)
    layers = lab.trained_layers() if chosen.preset.startswith("layer") else []
    return lab.convolved(chosen, lab.planes_of(chosen, photo), lab.weights_of(chosen, layers))


SETTINGS = st.builds(
    Settings,
    input=st.sampled_from(["toy", "toy", "toy", "photo"]),
    size=st.integers(3, 16),
    channels=st.integers(1, 3),
    preset=st.sampled_from(sorted(KERNELS)),
    kernel=st.integers(1, 11),
    stride=st.integers(1, 4),
    padding=st.sampled_from(["valid", "same", "full", "number"]),
    border=st.integers(0, 10),
    mode=st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    dilation=st.integers(1, 3),
    bias=st.integers(-20, 20).map(lambda half: half / 2),
)


@settings(max_examples=150, deadline=None)
@given(SETTINGS)
def test_the_code_on_the_page_gives_what_is_on_the_screen(chosen: Settings) -> None:
    chosen = lab.made_possible(chosen)
    result = result_of(chosen)
    code = lab.code_of(chosen, result, CAT)
    assert 3 <= len([line for line in code.splitlines() if line]) <= 10
    names: dict = {}
    exec(code, names)
    assert names["output"].shape == result.output.shape
    assert torch.allclose(names["output"], result.output, atol=1e-4)


@settings(max_examples=150, deadline=None)
@given(SETTINGS)
def test_questions_have_one_right_answer(chosen: Settings) -> None:
    chosen = lab.made_possible(chosen)
    result = result_of(chosen)
    questions = lab.questions_of(chosen, result)
    assert len(questions) == 3
    for question in questions:
        assert len(question.options) >= 3
        assert question.options.count(question.answer) == 1
    other = replace(chosen, stride=chosen.stride % 4 + 1)
    if lab.made_possible(other) == other:
        assert questions[0].answer == f"{result_of(other).output.shape[1]:,}"
    assert int(questions[1].answer.replace(",", "")) == (
        result.output[0].numel() * result.kernel[0].numel()
    )


@settings(max_examples=100, deadline=None)
@given(
    SETTINGS, st.dictionaries(st.sampled_from(["0,0,0", "2,4,1"]), st.integers(-9, 9).map(float))
)
def test_settings_survive_the_way_through_the_address(chosen: Settings, cells: dict) -> None:
    chosen = lab.made_possible(replace(chosen, cells=cells))
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab.address, "write", lambda **choices: address.update(choices))
        lab.write_settings(json.dumps(lab.settings_as_sent(chosen)))
        kept = {name: value for name, value in address.items() if value is not None}
        patch.setattr(lab.address.st, "query_params", kept)
        assert lab.read_settings() == chosen


@pytest.mark.parametrize(
    "choices",
    [
        {"size": "99", "kernel": "0", "stride": "x", "dilation": "-1"},
        {"padding": "half", "mode": "<b>", "preset": "nothing", "bias": "nan"},
        {"cells": "0.0:1,9.9.9:1,::,0.0.0:inf", "weights": "1,2", "preset": "custom"},
        {"kernel": "11", "size": "3"},
        {"kernel": "2", "preset": "edge"},
        {"preset": "layer0", "filter": "31", "kernel": "1", "channels": "1", "size": "4"},
        {"mode": "reflect", "padding": "number", "border": "10"},
    ],
)
def test_an_impossible_address_opens_the_lab(choices: dict[str, str]) -> None:
    at = open_lab(**choices)
    assert sent(at)["layers"][0]["title"] == "conv1 of ResNet-18"


def test_the_lab_opens_on_five_by_five_and_three_by_three() -> None:
    at = open_lab()
    assert at.title[0].value == "Convolution"
    header = sent(at)
    assert (header["settings"]["size"], header["settings"]["kernel"]) == (5, 3)
    assert header["settings"]["channels"] == 1
    assert header["settings"]["padding"] == "valid"
    assert len(at.radio) == 3


def test_a_right_and_a_wrong_answer_are_told_apart() -> None:
    at = open_lab()
    radio = at.radio[1]
    assert "multiplications" in radio.label
    radio.set_value("81").run()
    assert "Right." in at.success[0].value
    at.radio[1].set_value("9").run()
    assert "It is 81" in at.warning[0].value


def test_a_published_example_is_put_into_the_address() -> None:
    at = open_lab()
    at.selectbox[0].set_value("Half padding").run()
    assert at.query_params["padding"] == "same"
    assert sent(at)["settings"]["padding"] == "same"


@pytest.mark.parametrize(
    ("name", "rows"),
    [  # Dumoulin & Visin 2016, figures 2.1 to 2.7 and 5.1.
        *(("No padding", 2), ("Arbitrary padding", 6), ("Half padding", 5), ("Full padding", 7)),
        *(("Strides", 2), ("Padding and strides", 3), ("Strides, one column unused", 3)),
        ("Dilation", 3),
    ],
)
def test_published_examples_have_their_published_sizes(name: str, rows: int) -> None:
    assert lab.made_possible(EXAMPLES[name]) == EXAMPLES[name]
    assert result_of(EXAMPLES[name]).output.shape == (1, rows, rows)


@pytest.mark.parametrize("name", KERNELS)
def test_named_kernels_do_what_they_say(name: str) -> None:
    core = KERNELS[name].core
    least = 1 if core is None else 3
    for size in range(1, 12):
        if size < least:
            with pytest.raises(ali5.Ali5Error, match="at least 3 x 3"):
                named_kernel(name, size)
            continue
        kernel = torch.from_numpy(named_kernel(name, size))
        assert kernel.shape == (size, size)
        flat = {"identity": 1, "box": 1, "gaussian": 1, "sharpen": 1, "emboss": 1}.get(name, 0)
        assert float(kernel.sum()) == pytest.approx(flat, abs=1e-5)
    ramp = torch.arange(9.0).repeat(9, 1)[None, None]  # brighter to the right
    kernel = torch.from_numpy(named_kernel(name, 3))[None, None]
    seen = F.conv2d(ramp, kernel)
    if name == "sobel-x":
        assert bool((seen == 8).all())
    if name in ("sobel-y", "laplacian", "edge"):
        assert not seen.any()
    if name in ("identity", "box", "gaussian", "sharpen"):
        assert torch.allclose(seen, ramp[:, :, 1:-1, 1:-1], atol=1e-5)


def test_options_have_no_repeats_and_hold_the_answer() -> None:
    assert options_around(3, 3, 2, -1) == ("2", "3", "4")
    assert options_around(1000, 5, 7, 9, 11) == ("5", "7", "9", "1,000")


def test_toy_cells_are_small_whole_numbers() -> None:
    cells = lab.toy_cells()
    assert cells.shape == (3, 16, 16)
    assert cells.min() == 0
    assert cells.max() == 9
    assert len(np.unique(cells[0, :5, :5])) >= 5


POOLINGS = st.builds(
    view.Settings,
    input=st.sampled_from(["toy", "toy", "photo"]),
    size=st.integers(3, 16),
    kind=st.sampled_from(["max", "average", "l2"]),
    windows=st.sampled_from(["moving", "adaptive"]),
    bins=st.integers(1, 8),
    kernel=st.integers(1, 8),
    stride=st.integers(1, 8),
    padding=st.integers(0, 4),
    ceil=st.sampled_from(["floor", "ceil"]),
    noise=st.sampled_from(["none", "pepper", "salt", "gauss"]),
    amount=st.integers(1, 50),
    shift=st.integers(0, 8),
)


@settings(max_examples=100, deadline=None)
@given(POOLINGS)
def test_the_code_of_the_pooling_lab_gives_what_is_on_the_screen(chosen) -> None:
    chosen = view.made_possible(chosen)
    clean = view.clean_of(chosen, view.photo_of(CAT))
    names: dict = {}
    exec(view.code_of(chosen, CAT), names)
    assert torch.allclose(names["output"], view.pooled(chosen, clean).output, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(POOLINGS)
def test_questions_about_pooling_have_one_right_answer(chosen) -> None:
    chosen = view.made_possible(chosen)
    clean = view.clean_of(chosen, view.photo_of(CAT))
    result = view.pooled(chosen, clean)
    for question in view.questions_of(chosen, clean, result):
        assert question.options.count(question.answer) == 1
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view.address, "write", lambda **choices: address.update(choices))
        view.write_settings(json.dumps(view.settings_as_sent(chosen)))
        kept = {name: value for name, value in address.items() if value is not None}
        patch.setattr(view.address.st, "query_params", kept)
        assert view.read_settings() == chosen


def test_noise_and_shift_by_hand() -> None:
    clean = np.full((40, 40), 0.5, np.float32)
    chosen = view.Settings(amount=20)
    pepper = view.changed_of(replace(chosen, noise="pepper"), clean)
    assert float((pepper == 0).mean()) == pytest.approx(0.2, abs=0.03)
    assert float((pepper == 0.5).mean()) == pytest.approx(0.8, abs=0.03)
    salt = view.changed_of(replace(chosen, noise="salt"), clean)
    assert float((salt == 0).mean()) == pytest.approx(0.1, abs=0.03)
    assert float((salt == 1).mean()) == pytest.approx(0.1, abs=0.03)
    gauss = view.changed_of(replace(chosen, noise="gauss"), clean) - clean
    assert float(gauss.mean()) == pytest.approx(0, abs=0.02)
    assert float(gauss.std()) == pytest.approx(0.2, abs=0.02)
    ramp = np.arange(16, dtype=np.float32).reshape(2, 8)
    moved = view.changed_of(replace(chosen, shift=3), ramp)
    assert moved[0].tolist() == [0, 0, 0, 0, 1, 2, 3, 4]
    # Maxima drop pepper in an even picture altogether, and carry salt on.
    errors = view.errors_of(replace(chosen, noise="pepper", kernel=4, stride=4), clean)
    assert errors["max"] == 0
    assert errors["average"] > 0
    errors = view.errors_of(replace(chosen, noise="salt", kernel=2), clean)
    assert errors["max"] > errors["picture"] > errors["average"]


def test_the_pooling_lab_opens_and_survives_an_impossible_address() -> None:
    for choices in ({}, {"kernel": "8", "size": "3", "padding": "4"}, {"kind": "median"}):
        at = open_page("pooling", **choices)
        assert at.title[0].value == "Pooling"


@pytest.mark.parametrize("size", [(4000, 8), (8, 4000), (1600, 40), (1, 1)])
@pytest.mark.parametrize("page", ["convolution", "pooling"])
def test_thin_pictures_open_too(page: str, size: tuple[int, int]) -> None:
    at = open_page(page, Image.new("RGB", size, "teal"), input="photo", kernel="8")
    assert not at.error
    assert len(at.radio) == 3
