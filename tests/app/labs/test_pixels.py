"""The lab "A picture is numbers" without a browser."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as within
from hypothesis import strategies as st
from PIL import Image
from streamlit.testing.v1 import AppTest
from torch import nn

import ali5
from ali5.known.catalog import catalog
from ali5.labs.weighing import convolution_cost, fully_connected_cost
from ali5.pictures.images import lying_as_stored
from ali5.pictures.preparation import fit_picture, prepare_in_rungs, prepare_pixels
from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.pixels import tasks
from ali5.site.app.labs.pixels import view as lab
from ali5.site.app.labs.pixels.costs import in_bytes
from ali5.site.app.labs.pixels.numbers import patch_of, photo_of, rungs_of
from ali5.site.app.labs.pixels.sent import rungs_as_sent
from ali5.site.app.labs.pixels.settings import (
    SENT,
    Settings,
    Weighing,
    made_possible,
    settings_as_sent,
)
from tests.pages import heard, open_page, sent_to

COFFEE = Picture("coffee", open_sample("coffee"), "digest", "the coffee")
PHOTO = photo_of(COFFEE)
COLOURS = ali5.load("resnet18").edition.preprocessing
EDITIONS = [
    edition for architecture in catalog().values() for edition in architecture.editions.values()
]

SETTINGS = st.builds(
    Settings,
    row=st.integers(-1, 255),
    column=st.integers(-1, 255),
    patch=st.integers(4, 12),
    units=st.sampled_from(["bytes", "shares", "normalised"]),
    light=st.sampled_from(["all", "red", "green", "blue"]),
    cells=st.dictionaries(
        st.builds("{},{},{}".format, st.integers(0, 170), st.integers(0, 255), st.integers(0, 2)),
        st.integers(0, 255),
        max_size=4,
    ).map(lambda cells: tuple(cells.items())),
).map(lambda chosen: made_possible(chosen, PHOTO.shape))


def open_lab(**choices: str) -> AppTest:
    return open_page("pixels", **choices)


def sent(at: AppTest, name: str) -> dict:
    return sent_to(at, name)[0]


@within(max_examples=40, deadline=None)
@given(SETTINGS)
def test_the_code_on_the_page_gives_the_numbers_of_the_patch(chosen: Settings) -> None:
    names: dict = {}
    code = tasks.code_of(chosen, COFFEE, COLOURS)
    assert 3 <= len([line for line in code.splitlines() if line]) <= 10 + len(chosen.cells)
    exec(code, names)
    patch = patch_of(chosen, PHOTO, COLOURS)
    assert patch.shape == (3, chosen.patch, chosen.patch)
    assert names["output"].numpy() == pytest.approx(patch, abs=1e-5)


@within(max_examples=100, deadline=None)
@given(SETTINGS)
def test_settings_survive_the_way_through_the_address(chosen: Settings) -> None:
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab.address, "write", lambda **choices: address.update(choices))
        lab.write_settings(heard(SENT, settings_as_sent(chosen)))
        kept = {name: value for name, value in address.items() if value is not None}
        patch.setattr(lab.address.st, "query_params", kept)
        assert lab.read_settings(PHOTO.shape) == chosen


@within(max_examples=100, deadline=None)
@given(SETTINGS)
def test_questions_have_one_right_answer(chosen: Settings) -> None:
    numbers, seen, weights = tasks.questions_of(chosen, COFFEE, "ResNet-18", COLOURS)
    for question in (numbers, seen, weights):
        assert len(question.options) >= 3
        assert question.options.count(question.answer) == 1
    assert int(numbers.answer.replace(",", "")) == PHOTO.size
    first = patch_of(replace(chosen, units="normalised"), PHOTO, COLOURS)[0, 0, 0]
    assert float(seen.answer.replace("−", "-")) == pytest.approx(first, abs=0.006)
    assert weights.answer == "16"


@pytest.mark.parametrize(
    "choices",
    [
        {"row": "999", "column": "-3", "patch": "0"},
        {"units": "miles", "light": "<b>", "into": "nothing"},
        {"cells": "0.0:1,9999.9.9:1,::,0.0.0:256,0.0.1:x"},
        {"edge": "0", "maps": "1000"},
        {"picture": "digit-3", "row": "255"},
    ],
)
def test_an_impossible_address_opens_the_lab(choices: dict[str, str]) -> None:
    at = open_lab(**choices)
    settings = sent(at, "pixels")["settings"]
    assert settings["patch"] == 4
    assert settings["cells"] == {}


def test_the_lab_opens_on_four_by_four_pixels_of_the_picture() -> None:
    at = open_lab()
    assert at.title[0].value == "A picture is numbers"
    header = sent(at, "pixels")
    assert header["settings"]["patch"] == 4
    row, column = header["start"]
    blocks = [
        PHOTO[y : y + 4, x : x + 4].astype(float).std(axis=(0, 1)).sum()
        for y in range(0, PHOTO.shape[0] - 3, 4)
        for x in range(0, PHOTO.shape[1] - 3, 4)
    ]
    chosen = PHOTO[row : row + 4, column : column + 4].astype(float).std(axis=(0, 1)).sum()
    assert chosen == pytest.approx(max(blocks), rel=1e-4)
    assert len(at.radio) == 3


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 300)])
def test_a_picture_smaller_than_the_patch_is_all_of_it(size: tuple[int, int]) -> None:
    photo = photo_of(Picture("own", Image.new("RGB", size, "orange"), "", ""))
    chosen = made_possible(Settings(patch=12, row=200, column=200), photo.shape)
    patch = patch_of(chosen, photo, COLOURS)
    assert patch.shape == (3, chosen.patch, chosen.patch)
    assert (patch == np.array([255, 165, 0])[:, None, None]).all()
    assert patch_of(replace(chosen, row=-1, column=-1), photo, COLOURS).shape == patch.shape


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.builder)
@pytest.mark.parametrize("name", ["coffee", "digit-3"])
def test_the_way_into_a_network_ends_with_what_it_is_given(edition, name: str) -> None:
    image, preprocessing = open_sample(name), edition.preprocessing
    rungs = prepare_in_rungs(image, preprocessing)
    *_, scaled, last = rungs
    assert (last.name, scaled.name) == ("normalised", "scaled")
    assert (last.values == prepare_pixels(image, preprocessing)).all()
    pictures = [rung for rung in rungs if rung.picture is not None]
    fitted = np.asarray(fit_picture(image, preprocessing))
    assert (np.asarray(pictures[-1].picture) == fitted).all()
    planes = fitted[None] if fitted.ndim == 2 else fitted.transpose(2, 0, 1)
    np.testing.assert_allclose(scaled.values, planes / 255, rtol=1e-6, atol=1e-12)
    mean, std = (np.array(each)[:, None, None] for each in (preprocessing.mean, preprocessing.std))
    np.testing.assert_allclose(last.values, (planes / 255 - mean) / std, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("edition", EDITIONS[:3], ids=lambda edition: edition.builder)
def test_every_rung_is_sent_with_its_pixels(edition) -> None:
    rungs = rungs_of(COFFEE, edition.preprocessing)
    about, body = rungs_as_sent(rungs, edition.preprocessing)
    pictures = [each for each in about if each["kind"] == "picture"]
    assert len(body) == sum(3 * each["height"] * each["width"] for each in pictures)
    assert all(each["words"] and each["title"] for each in about)
    assert sum(each["box"] is not None for each in about) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_also_shown_as_its_file_holds_it(orientation: int, tmp_path) -> None:
    stored = open_sample("coffee").resize((60, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "photo.png", exif=exif)
    image = ali5.open_image(tmp_path / "photo.png")
    lying = lying_as_stored(image)
    names = [rung.name for rung in rungs_of(Picture("own", image, "", ""), COLOURS)]
    if orientation == 1:
        assert lying is None
        assert names[0] == "opened"
    else:
        assert lying is not None
        assert (np.asarray(lying) == np.asarray(stored)).all()
        assert names[:2] == ["stored", "opened"]


@within(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 4), st.integers(1, 16))
def test_costs_are_those_of_pytorchs_layers(height: int, width: int, channels: int, maps: int):
    with torch.device("meta"):
        linear = nn.Linear(height * width * channels, height * width * maps)
        convolution = nn.Conv2d(channels, maps, 3, padding=1)
        output = convolution(torch.empty(1, channels, height, width))
    full = fully_connected_cost(height, width, channels, maps)
    local = convolution_cost(height, width, channels, maps)
    for cost, layer in ((full, linear), (local, convolution)):
        assert cost.weights == layer.weight.numel()
        assert cost.biases == layer.bias.numel()
        assert cost.parameter_bytes == sum(p.nbytes for p in layer.parameters())
    assert full.multiply_adds == linear.weight.numel()
    assert local.multiply_adds == output.numel() * convolution.weight[0].numel()


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (999, "999 bytes"),
        (1000, "1 KB"),
        (1.61e9, "1.61 GB"),
        (2.5e17, "250 PB"),
        (3e18, "3e+03 PB"),
    ],
)
def test_bytes_are_said_with_a_unit(count: float, words: str) -> None:
    assert in_bytes(count) == words


def test_the_chart_shows_what_the_engine_counts() -> None:
    figure = lab.draw_costs(Weighing(maps=5))
    assert len(figure.data) == 4
    for line in figure.data:
        layer = fully_connected_cost if "fully" in line.name else convolution_cost
        what = "weights" if "weights" in line.name else "multiply_adds"
        assert list(line.y) == [getattr(layer(e, e, 3, 5), what) for e in line.x]
