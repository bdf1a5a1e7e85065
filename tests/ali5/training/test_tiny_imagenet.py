"""Tiny ImageNet-200 is read from its official folder, and nothing else is."""

from pathlib import Path

import pytest
from PIL import Image

from ali5.errors import DataError
from ali5.training import tiny_imagenet
from ali5.training.tiny_imagenet import read_tiny_imagenet


def test_tiny_imagenet_is_read_in_the_order_of_its_classes(tiny: Path) -> None:
    counts: list[tuple[int, int]] = []
    pictures = read_tiny_imagenet(tiny.parent, "train", lambda *count: counts.append(count))
    assert pictures.images.shape == (8, 3, 64, 64)
    assert pictures.labels.tolist() == [0] * 4 + [1] * 4
    assert pictures.images[0, :, 5, 5].tolist() == pytest.approx([0, 0, 254], abs=3)  # n01...
    assert counts[-1] == (8, 8)
    assert read_tiny_imagenet(tiny, "val").labels.tolist() == [0, 1]


def test_what_is_not_tiny_imagenet_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="is missing"):
        read_tiny_imagenet(tmp_path, "train")
    (tmp_path / "wnids.txt").write_text("n01000000\n")
    monkeypatch.setattr(tiny_imagenet, "CLASSES", 200)
    with pytest.raises(DataError, match="names 1 classes, not 200"):
        read_tiny_imagenet(tmp_path, "train")
    monkeypatch.setattr(tiny_imagenet, "CLASSES", 1)
    with pytest.raises(DataError, match=r"no pictures\. Unpack the archive again"):
        read_tiny_imagenet(tmp_path, "train")
    home = tmp_path / "train" / "n01000000" / "images"
    home.mkdir(parents=True)
    Image.new("RGB", (32, 32)).save(home / "small.JPEG")
    with pytest.raises(DataError, match="not 64 x 64"):
        read_tiny_imagenet(tmp_path, "train")
    (home / "small.JPEG").write_bytes(b"no picture")
    with pytest.raises(DataError, match="not a picture"):
        read_tiny_imagenet(tmp_path, "train")
