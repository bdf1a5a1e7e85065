"""Laws of editing a picture: what is not edited stays as it is, bit for bit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import ali5
from ali5.pictures.edits import (
    MAX_MARKS,
    MAX_POINTS,
    RANGES,
    STRIDES,
    Edits,
    Rectangle,
    Stroke,
    edit,
    prepare_edited,
    prepare_many,
    sweep,
)
from ali5.pictures.preparation import fit_picture, prepare_pixels
from ali5.pictures.samples import open_sample
from tests.conftest import EDITIONS

GREY = (128, 128, 128)

PERCENT = st.integers(0, 100)
COLOUR = st.tuples(*[st.integers(0, 255)] * 3)
MARKS = st.builds(Rectangle, PERCENT, PERCENT, PERCENT, PERCENT, COLOUR) | st.builds(
    Stroke,
    st.lists(st.tuples(PERCENT, PERCENT), min_size=1, max_size=6).map(tuple),
    PERCENT,
    COLOUR,
)
RESNET = ali5.catalog()["resnet18"].edition("compact").preprocessing
LENET = ali5.catalog()["lenet5"].edition("compact").preprocessing


@pytest.mark.parametrize(("name", "edition"), EDITIONS)
def test_without_edits_a_network_sees_what_it_sees_otherwise(name: str, edition: str) -> None:
    preprocessing = ali5.catalog()[name].edition(edition).preprocessing
    for sample in ("cat", "digit-3"):
        image = open_sample(sample)
        prepared = prepare_edited(image, preprocessing, Edits())
        expected = torch.from_numpy(prepare_pixels(image, preprocessing)[None])
        assert torch.equal(prepared, expected)


@settings(max_examples=40, deadline=None)
@given(marks=st.lists(MARKS, max_size=4).map(tuple), grey=st.booleans())
def test_paint_covers_what_it_covers_and_nothing_else(marks: tuple, grey: bool) -> None:
    preprocessing = LENET if grey else RESNET
    image = open_sample("cat")
    size = preprocessing.size
    plain, painted = (edit(image, preprocessing, each) for each in (Edits(), Edits(paint=marks)))
    covered = np.zeros((size, size), bool)
    for mark in marks:
        covered |= mark.covers(size)
    free = torch.from_numpy(~covered)
    assert torch.equal(painted[:, free], plain[:, free])
    if marks:
        top = torch.from_numpy(marks[-1].covers(size))
        levels = torch.tensor(marks[-1].colour) / 255
        if grey:
            levels = (levels * torch.tensor([0.299, 0.587, 0.114])).sum()[None]
        expected = levels[:, None].expand(-1, int(top.sum()))
        torch.testing.assert_close(painted[:, top], expected)


def test_a_rectangle_covers_the_pixels_whose_middles_lie_in_it() -> None:
    covered = Rectangle(25, 50, 50, 25, GREY).covers(4)
    assert covered.tolist() == [[False] * 4, [False] * 4, [False, True, True, False], [False] * 4]
    assert Rectangle(0, 0, 100, 100, GREY).covers(64).all()
    assert not Rectangle(30, 30, 0, 100, GREY).covers(64).any()


def test_a_stroke_covers_what_is_no_farther_from_it_than_its_radius() -> None:
    dot = Stroke(((50, 50),), 25, GREY).covers(4)  # middles at 12.5, 37.5, 62.5 and 87.5
    assert dot.tolist() == [
        [False, False, False, False],
        [False, True, True, False],
        [False, True, True, False],
        [False, False, False, False],
    ]
    line = Stroke(((0, 12.5), (100, 12.5)), 1, GREY).covers(4)
    assert line[0].all()
    assert not line[1:].any()
    short = Stroke(((37.5, 12.5), (62.5, 12.5)), 1, GREY).covers(4)
    assert short[0].tolist() == [False, True, True, False]  # it ends where it ends


@settings(max_examples=25, deadline=None)
@given(right=st.integers(-50, 50), down=st.integers(-50, 50))
def test_a_shift_moves_whole_pixels(right: int, down: int) -> None:
    image = open_sample("cat")
    size = RESNET.size
    plain = edit(image, RESNET, Edits())
    moved = edit(image, RESNET, Edits(right=right, down=down))
    x, y = round(right * size / 100), round(down * size / 100)
    rows = (torch.arange(size) - y).clamp(0, size - 1)
    columns = (torch.arange(size) - x).clamp(0, size - 1)
    assert torch.equal(moved, plain[:, rows][:, :, columns])


def test_four_quarter_turns_are_none() -> None:
    image = open_sample("cat")
    plain = edit(image, RESNET, Edits())
    for turn in (90, 180, -90):
        assert torch.equal(
            edit(image, RESNET, Edits(turn=turn)), torch.rot90(plain, turn // 90, (1, 2))
        )


def test_grey_has_one_level_and_blur_evens_out() -> None:
    image = open_sample("cat")
    plain = edit(image, RESNET, Edits())
    grey = edit(image, RESNET, Edits(grey=True))
    assert torch.equal(grey[0], grey[1])
    assert torch.equal(grey[0], grey[2])
    spreads = [float(edit(image, RESNET, Edits(blur=blur)).std()) for blur in (1, 3, 10)]
    assert float(plain.std()) > spreads[0] > spreads[1] > spreads[2]


def test_a_crop_is_resized_from_the_picture_s_own_pixels() -> None:
    fine = Image.fromarray(np.tile(np.indices((256, 256)).sum(0) % 2 * 255, (1, 1)).astype("u1"))
    image = fine.convert("RGB")  # a checkerboard too fine to be seen at 64 pixels
    whole = edit(image, RESNET, Edits())
    assert float(whole.std()) < 0.02
    quarter = edit(image, RESNET, Edits(crop=25, crop_right=0, crop_down=0))
    assert torch.equal(quarter, edit(image.crop((0, 0, 64, 64)), RESNET, Edits()))
    assert float(quarter.std()) > 0.4


def test_whether_ground_is_light_does_not_depend_on_the_crop() -> None:
    paper = Image.new("RGB", (280, 280), "white")
    paper.paste((0, 0, 0), (100, 100, 180, 180))
    whole, inside = (
        np.asarray(fit_picture(paper, LENET, Edits(crop=crop).part)) for crop in (100, 20)
    )
    assert whole[16, 16] == inside[16, 16] == 255  # the ink is light in both


def test_the_same_edits_fit_every_size() -> None:
    larger = replace(RESNET, size=128, resize=128)
    edits = Edits(right=25, down=-50, paint=(Rectangle(25, 25, 50, 50, GREY),))
    assert edits.change(64).right * 2 == edits.change(128).right == 32
    assert edits.paint[0].covers(128)[::2, ::2].tolist() == edits.paint[0].covers(64).tolist()
    assert edit(open_sample("cat"), larger, edits).shape == (3, 128, 128)


@pytest.mark.parametrize("name", RANGES)
def test_a_sweep_goes_through_the_whole_range(name: str) -> None:
    low, high, step = RANGES[name]
    for stride in STRIDES[name]:
        stops = list(sweep(Edits(grey=True), name, stride))
        values = [value for value, _ in stops]
        assert (values[0], values[-1]) == (low, high)
        assert values == sorted(set(values))
        assert all(math.isclose(value / step, round(value / step)) for value in values)
        assert getattr(Edits(), name) in values
        assert all(getattr(each, name) == value and each.grey for value, each in stops)
    together = prepare_many(open_sample("cat"), RESNET, [each for _, each in stops[:3]])
    assert torch.equal(together[1], prepare_edited(open_sample("cat"), RESNET, stops[1][1])[0])


def test_to_place_a_crop_that_keeps_all_is_no_edit() -> None:
    assert Edits().is_none
    assert Edits(crop_right=0, crop_down=100).is_none
    for edits in (Edits(crop=99), Edits(turn=1), Edits(grey=True), Edits(right=1)):
        assert not edits.is_none


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Edits(turn=181), "turn goes from -180 to 180; 181 is outside"),
        (lambda: Edits(crop=0), "crop goes from 20 to 100"),
        (lambda: Edits(blur=math.nan), "blur goes from 0 to 10"),
        (lambda: Edits(paint=(Rectangle(0, 0, 101, 1, GREY),)), "from 0 to 100"),
        (lambda: Edits(paint=(Rectangle(0, 0, 1, 1, (0, 0, 256)),)), "from 0 to 255"),
        (lambda: Edits(paint=(Stroke((), 1, GREY),)), "1 to"),
        (lambda: Edits(paint=(Stroke(((1, 1),) * (MAX_POINTS + 1), 1, GREY),)), "points"),
        (lambda: Edits(paint=(Rectangle(0, 0, 1, 1, GREY),) * (MAX_MARKS + 1)), "too many"),
        (lambda: sweep(Edits(), "twist", 1), "no number of the edits 'twist'"),
    ],
)
def test_what_is_out_of_range_is_refused_with_a_sentence(wrong: object, words: str) -> None:
    with pytest.raises(ali5.Ali5Error, match=words):
        wrong()  # type: ignore[operator]
