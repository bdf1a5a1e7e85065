"""The convolution lab without a browser: its settings in the address, its questions, its code."""

from dataclasses import replace

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from ali5.labs.kernels import KERNELS
from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.convolution import tasks
from ali5.site.app.labs.convolution import view as lab
from ali5.site.app.labs.convolution.numbers import convolved, photo_of, planes_of, weights_of
from ali5.site.app.labs.convolution.settings import (
    EXAMPLES,
    SENT,
    Settings,
    made_possible,
    settings_as_sent,
)
from tests.pages import heard, open_page, sent_to

CAT = Picture("cat", open_sample("cat"), "digest", "the cat")


def open_lab(**choices: str) -> AppTest:
    return open_page("convolution", **choices)


def sent(at: AppTest) -> dict:
    return sent_to(at, "convolution")[0]


def result_of(chosen: Settings):
    photo = photo_of(CAT)
    return convolved(chosen, planes_of(chosen, photo), weights_of(chosen))


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
    chosen = made_possible(chosen)
    result = result_of(chosen)
    code = tasks.code_of(chosen, CAT)
    assert 3 <= len([line for line in code.splitlines() if line]) <= 10
    names: dict = {}
    exec(code, names)
    assert names["output"].shape == result.output.shape
    assert torch.allclose(names["output"], result.output, atol=1e-4)


@settings(max_examples=150, deadline=None)
@given(SETTINGS)
@example(Settings(size=3, preset="box", stride=4, padding="same", mode="reflect", dilation=3))
def test_questions_have_one_right_answer(chosen: Settings) -> None:
    chosen = made_possible(chosen)
    result = result_of(chosen)
    questions = tasks.questions_of(chosen, CAT)
    assert len(questions) == 3
    for question in questions:
        assert len(question.options) >= 3
        assert question.options.count(question.answer) == 1
    other = replace(chosen, stride=chosen.stride % 4 + 1)
    if made_possible(other) == other:
        assert questions[0].answer == f"{result_of(other).output.shape[1]:,}"
    assert int(questions[1].answer.replace(",", "")) == (
        result.output[0].numel() * result.kernel[0].numel()
    )


@settings(max_examples=100, deadline=None)
@given(
    SETTINGS, st.dictionaries(st.sampled_from(["0,0,0", "2,4,1"]), st.integers(-9, 9).map(float))
)
def test_settings_survive_the_way_through_the_address(chosen: Settings, cells: dict) -> None:
    chosen = made_possible(replace(chosen, cells=cells))
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab.address, "write", lambda **choices: address.update(choices))
        lab.write_settings(heard(SENT, settings_as_sent(chosen)))
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
    assert made_possible(EXAMPLES[name]) == EXAMPLES[name]
    assert result_of(EXAMPLES[name]).output.shape == (1, rows, rows)


@pytest.mark.parametrize("size", [(4000, 8), (8, 4000), (1600, 40), (1, 1)])
def test_thin_pictures_open_too(size: tuple[int, int]) -> None:
    at = open_page("convolution", Image.new("RGB", size, "teal"), input="photo", kernel="8")
    assert not at.error
    assert len(at.radio) == 3
