"""The pictures that are always there."""

import json

import numpy as np
import pytest

import ali5
from ali5.paths import ASSETS
from ali5.pictures.samples import DIGIT_EDGE, open_sample, samples


@pytest.fixture(scope="module")
def lenet() -> ali5.Network:
    return ali5.load("lenet5")


@pytest.mark.parametrize("name", samples())
def test_samples_open(name: str) -> None:
    picture = open_sample(name)
    assert picture.mode == "RGB"
    assert min(picture.size) >= 200
    assert np.asarray(picture).std() > 10


@pytest.mark.parametrize("name", [s.id for s in samples().values() if s.kind == "digit"])
def test_drawn_digits_are_read_by_the_trained_lenet(name: str, lenet: ali5.Network) -> None:
    prediction = ali5.trace(lenet, open_sample(name)).predictions(1)[0]
    assert prediction.label == samples()[name].title
    assert prediction.probability > 0.9


def test_drawn_digits_are_centred_as_in_mnist() -> None:
    for name, sample in samples().items():
        if sample.kind == "digit":
            ink = np.asarray(open_sample(name).convert("L"), float)
            for axis in (0, 1):
                places = np.arange(DIGIT_EDGE)
                centre = (ink.sum(1 - axis) * places).sum() / ink.sum()
                assert abs(centre - (DIGIT_EDGE - 1) / 2) < 1.5


def test_photographs_say_where_they_come_from() -> None:
    sources = json.loads((ASSETS / "photographs" / "sources.json").read_text("utf-8"))
    files = {path.stem for path in (ASSETS / "photographs").glob("*.jpg")}
    assert files == sources.keys()
    assert 4 <= len(files) <= 8
    for record in sources.values():
        assert record["licence"] in ("CC0 1.0", "public domain")
        assert record["author"]
        assert record["source"].startswith("https://")


def test_an_unknown_sample_offers_the_nearest() -> None:
    with pytest.raises(ali5.UnknownName, match="Did you mean 'coffee'"):
        open_sample("cofee")
