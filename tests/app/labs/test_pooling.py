"""The pooling lab without a browser: its settings in the address, its questions, its code."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ali5.pictures.samples import open_sample
from ali5.site.app.engine import Picture
from ali5.site.app.labs.pooling import tasks
from ali5.site.app.labs.pooling import view as lab
from ali5.site.app.labs.pooling.numbers import changed_of, clean_of, errors_of, photo_of, pooled
from ali5.site.app.labs.pooling.settings import SENT, Settings, made_possible, settings_as_sent
from tests.pages import heard, open_page

CAT = Picture("cat", open_sample("cat"), "digest", "the cat")

SETTINGS = st.builds(
    Settings,
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
@given(SETTINGS)
def test_the_code_of_the_pooling_lab_gives_what_is_on_the_screen(chosen) -> None:
    chosen = made_possible(chosen)
    clean = clean_of(chosen, photo_of(CAT))
    names: dict = {}
    exec(tasks.code_of(chosen, CAT), names)
    assert torch.allclose(names["output"], pooled(chosen, clean).output, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(SETTINGS)
def test_questions_about_pooling_have_one_right_answer(chosen) -> None:
    chosen = made_possible(chosen)
    for question in tasks.questions_of(chosen, CAT):
        assert question.options.count(question.answer) == 1
    address: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab.address, "write", lambda **choices: address.update(choices))
        lab.write_settings(heard(SENT, settings_as_sent(chosen)))
        kept = {name: value for name, value in address.items() if value is not None}
        patch.setattr(lab.address.st, "query_params", kept)
        assert lab.read_settings() == chosen


def test_noise_and_shift_by_hand() -> None:
    clean = np.full((40, 40), 0.5, np.float32)
    chosen = Settings(amount=20)
    pepper = changed_of(replace(chosen, noise="pepper"), clean)
    assert float((pepper == 0).mean()) == pytest.approx(0.2, abs=0.03)
    assert float((pepper == 0.5).mean()) == pytest.approx(0.8, abs=0.03)
    salt = changed_of(replace(chosen, noise="salt"), clean)
    assert float((salt == 0).mean()) == pytest.approx(0.1, abs=0.03)
    assert float((salt == 1).mean()) == pytest.approx(0.1, abs=0.03)
    gauss = changed_of(replace(chosen, noise="gauss"), clean) - clean
    assert float(gauss.mean()) == pytest.approx(0, abs=0.02)
    assert float(gauss.std()) == pytest.approx(0.2, abs=0.02)
    ramp = np.arange(16, dtype=np.float32).reshape(2, 8)
    moved = changed_of(replace(chosen, shift=3), ramp)
    assert moved[0].tolist() == [0, 0, 0, 0, 1, 2, 3, 4]
    # Maxima drop pepper in an even picture altogether, and carry salt on.
    errors = errors_of(replace(chosen, noise="pepper", kernel=4, stride=4), clean)
    assert errors["max"] == 0
    assert errors["average"] > 0
    errors = errors_of(replace(chosen, noise="salt", kernel=2), clean)
    assert errors["max"] > errors["picture"] > errors["average"]


def test_the_pooling_lab_opens_and_survives_an_impossible_address() -> None:
    for choices in ({}, {"kernel": "8", "size": "3", "padding": "4"}, {"kind": "median"}):
        at = open_page("pooling", **choices)
        assert at.title[0].value == "Pooling"


@pytest.mark.parametrize("size", [(4000, 8), (8, 4000), (1600, 40), (1, 1)])
def test_thin_pictures_open_too(size: tuple[int, int]) -> None:
    at = open_page("pooling", Image.new("RGB", size, "teal"), input="photo", kernel="8")
    assert not at.error
    assert len(at.radio) == 3
