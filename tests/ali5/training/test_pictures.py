"""How pictures are changed for learning, and made the input of a network."""

from dataclasses import replace

import numpy as np
import torch
from PIL import Image

import ali5
from ali5.training.pictures import augment, to_input
from ali5.training.recipe import Recipe


def test_augmentation_by_hand() -> None:
    still = Recipe("mnist", 1, 1, "adamw", 1e-3, 0)
    images = torch.randint(0, 256, (6, 3, 16, 16), dtype=torch.uint8)
    random = torch.Generator().manual_seed(0)
    assert torch.allclose(augment(images, still, random), images.float(), atol=1e-2)
    flipped = augment(images, replace(still, flip=True), random)
    pairs = list(zip(flipped, images.float(), strict=True))
    mirrored = [torch.allclose(new, old.flip(-1), atol=1e-2) for new, old in pairs]
    same = [torch.allclose(new, old, atol=1e-2) for new, old in pairs]
    assert [a != b for a, b in zip(mirrored, same, strict=True)] == [True] * 6
    assert any(mirrored)
    assert any(same)
    sharp = replace(still, shift=0.2, rotation_degrees=9, scaling=0.1, sharp=1.0)
    for picture, source in zip(augment(images, sharp, random), images.float(), strict=True):
        found = (
            (picture[:, 4:12, 4:12] - source.unfold(1, 8, 1).unfold(2, 8, 1).permute(1, 2, 0, 3, 4))
            .abs()
            .amax((2, 3, 4))
        )
        assert float(found.min()) < 1e-2  # the middle is somewhere in the picture, untouched
    moved = augment(images, replace(still, shift=0.2, rotation_degrees=9, scaling=0.1), random)
    assert moved.shape == images.shape
    assert 0 <= moved.min() <= moved.max() <= 255
    assert not torch.allclose(moved, images.float(), atol=1)


def test_pixels_are_prepared_as_for_showing() -> None:
    network = ali5.load("resnet18")
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    batch = torch.from_numpy(pixels.transpose(2, 0, 1).copy())[None]
    ours = to_input(batch, network.edition.preprocessing)
    assert torch.allclose(ours, network.prepare(Image.fromarray(pixels)), atol=1e-5)
