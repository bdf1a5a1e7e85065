"""A network gets what it was trained on."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torchvision.transforms import v2

import ali5
from ali5.known.inputs import IMAGENET_COLOURS
from ali5.known.records import Preprocessing
from ali5.pictures.preparation import fit_picture, prepare_pixels
from ali5.pictures.samples import open_sample


@pytest.mark.parametrize("name", ["astronaut", "photographer"])
def test_a_square_picture_is_prepared_as_by_torchvision(name: str) -> None:
    picture = open_sample(name)
    assert picture.size == (512, 512)
    ours = torch.from_numpy(prepare_pixels(picture, Preprocessing(224, 256, *IMAGENET_COLOURS)))
    reference = v2.Compose(
        [
            v2.Resize(256, antialias=True),
            v2.CenterCrop(224),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(*map(list, IMAGENET_COLOURS)),
        ]
    )(picture)
    difference = (ours - reference)[:, 1:-1, 1:-1].abs()
    # Half-way values may round the other way: at most one grey level of 255.
    assert difference.max() <= 1.01 / 255 / 0.224
    assert difference.mean() < 1e-3


def test_an_oblong_picture_loses_only_its_ends() -> None:
    picture = Image.new("RGB", (300, 100), "blue")
    picture.paste("red", (100, 0, 200, 100))
    fitted = np.asarray(fit_picture(picture, Preprocessing(64, 64, *IMAGENET_COLOURS)))
    assert (fitted[:, 2:-2] == (255, 0, 0)).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (3, 2)])
def test_any_size_can_be_prepared(size: tuple[int, int]) -> None:
    network = ali5.load("resnet18")
    prepared = network.prepare(Image.new("RGB", size, "orange"))
    assert prepared.shape == (1, 3, 64, 64)
    mean, std = (torch.tensor(part)[:, None, None] for part in IMAGENET_COLOURS)
    colours = (prepared[0] * std + mean) * 255
    assert torch.allclose(colours[:, 30, 30], torch.tensor([255.0, 165.0, 0.0]), atol=0.01)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "CMYK"])
def test_pictures_of_other_modes_are_converted(mode: str) -> None:
    picture = Image.new("RGB", (80, 80), (255, 255, 255))
    for name in ("lenet5", "resnet18"):
        network = ali5.load(name)
        assert torch.equal(network.prepare(picture.convert(mode)), network.prepare(picture))


def test_normalisation_by_hand() -> None:
    prepared = prepare_pixels(
        Image.new("RGB", (8, 8), (255, 0, 51)), Preprocessing(4, 4, *IMAGENET_COLOURS)
    )
    expected = [(1 - 0.485) / 0.229, (0 - 0.456) / 0.224, (0.2 - 0.406) / 0.225]
    assert np.allclose(prepared[:, 2, 2], expected, atol=1e-6)
    assert prepared.dtype == np.float32


def test_lenet_sees_28_pixels_in_a_black_frame(digit: Image.Image) -> None:
    network = ali5.load("lenet5")
    fitted = np.asarray(fit_picture(digit, network.edition.preprocessing))
    assert fitted.shape == (32, 32)
    assert not fitted[[0, 1, -2, -1]].any()
    assert not fitted[:, [0, 1, -2, -1]].any()


def test_dark_digits_on_light_paper_are_inverted(digit: Image.Image) -> None:
    network = ali5.load("lenet5")
    paper = ImageOps.invert(digit)
    # Shrinking rounds to whole grey levels: one of 255 may differ.
    level = 1.01 / 255 / network.edition.preprocessing.std[0]
    assert torch.allclose(network.prepare(paper), network.prepare(digit), atol=level)
    assert ali5.trace(network, paper).predictions(1)[0].label == "3"
