"""What several tests share."""

from __future__ import annotations

import functools
import math
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image

import ali5
from ali5.networks import devices
from ali5.pictures.samples import open_sample
from ali5.site import exploring
from ali5.training import steps
from tests import thorough
from tests.filled import filled_quickly as filled_quickly

ROOT = Path(__file__).resolve().parent.parent

EDITIONS = [(name, edition) for name, known in ali5.catalog().items() for edition in known.editions]
"""Every network in every edition."""

COMPACT = [name for name, edition in EDITIONS if edition == "compact"]

_DEEPER = {
    ("vgg11", "paper"),
    ("vgg11", "torchvision"),
    ("vgg16", "paper"),
    ("vgg19", "torchvision"),
}

OF_EACH_KIND = [each for each in EDITIONS if each not in _DEEPER]
"""Every edition but four of the six large VGGs, which differ in how often a layer is repeated: for
laws of whole forward passes. One is left as its paper has it, and one as torchvision does."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser and what is thorough; what needs a cluster comes first.

    `pytest -m "not browser and not thorough"` is the quick loop. A process that tests takes the
    first ones itself, and gives only later ones to another: one cluster is enough.
    """
    items.sort(key=lambda item: item.get_closest_marker("cluster") is None)
    for item in items:
        if ROOT / "tests" / "browser" in item.path.parents:
            item.add_marker("browser")
        path = item.path.relative_to(ROOT).as_posix()
        if getattr(item, "originalname", "") in thorough.TESTS or path in thorough.FILES:
            item.add_marker("thorough")


@pytest.fixture
def cat() -> Image.Image:
    return open_sample("cat")


@pytest.fixture
def digit() -> Image.Image:
    return open_sample("digit-3")


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where memory is full there is nothing to let go of; a 1 for each time that it was tried.

    Else all that the tests before have left would be looked through each time.
    """
    asked: list[int] = []
    monkeypatch.setattr(devices, "_made_room_at", -math.inf)
    monkeypatch.setattr(devices, "_makers_of_room", [lambda: asked.append(1)])
    return asked


@pytest.fixture
def rough_muon(monkeypatch: pytest.MonkeyPatch, passes: int) -> None:
    """Muon brings singular values together in few passes: its five take most of a short training.

    How near they come is said of all five, in `tests/ali5/training/test_steps.py`.
    """
    monkeypatch.setattr(steps, "Muon", functools.partial(steps.Muon, ns_steps=passes))


@pytest.fixture
def passes() -> int:
    """How often Muon brings singular values nearer; once is enough to see where it computes."""
    return 1


@pytest.fixture
def explored() -> Iterator[None]:
    """What `ali5.explore` or `exploring.show` shows in a test is gone after it."""
    yield
    exploring.close()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with the training data; a test that needs it says so when it is not given."""
    folder = os.environ.get("ALI5_DATA", "")
    if not folder:
        pytest.skip("ALI5_DATA does not name a folder with data: accuracy was not measured again")
    return Path(folder)


@pytest.fixture(scope="session")
def photographs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Tiny ImageNet-200, or its validation part unpacked from the archive."""
    found = photographs_in(data, tmp_path_factory.mktemp("photographs"))
    if found is None:
        pytest.skip(f"There is no Tiny ImageNet in {data}: accuracy was not measured again")
    return found


def photographs_in(data: Path, folder: Path) -> Path | None:
    """Find Tiny ImageNet-200, or unpack its validation part into a folder; None without either."""
    if (data / "tiny-imagenet-200").is_dir():
        return data
    archive = data / "tiny-imagenet-200.tar.xz"
    if not archive.is_file():
        return None
    others = ["--exclude=*/train/*", "--exclude=*/test/*"]
    # 100,000 headers take Python's own module far longer than the pictures themselves.
    subprocess.run(["tar", "-xf", archive, "-C", folder, *others], check=True)
    return folder


def on_meta(name: str, edition: str) -> ali5.Network:
    """Build a network without memory for its weights: for shapes and counts only."""
    from ali5.networks.networks import Network, outline, step_names

    known = ali5.catalog()[name]
    chosen = known.edition(edition)
    with torch.device("meta"):
        module = outline(chosen).eval()
    return Network(
        known, chosen, module, (), torch.device("meta"), "untrained", names=step_names(chosen)
    )


@functools.cache
def _loaded(name: str, edition: str) -> ali5.Network:
    return ali5.load(name, edition, device="cpu")


def loaded(name: str, edition: str = "compact") -> ali5.Network:
    """Load a small network with the weights that ship, once for all tests that only read it."""
    found = _loaded(name, edition)
    assert not found.module.training, "a test has changed what all share: it needs one of its own"
    return found


def meta_input(network: ali5.Network) -> torch.Tensor:
    size = network.edition.preprocessing.size
    return torch.empty(1, network.edition.preprocessing.channels, size, size, device="meta")


@pytest.fixture(scope="session", autouse=True)
def _no_downloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Do not see what somebody has downloaded on this computer before."""
    before = os.environ.get("TORCH_HOME")
    os.environ["TORCH_HOME"] = str(tmp_path_factory.mktemp("torch"))
    yield
    os.environ.pop("TORCH_HOME")
    if before is not None:
        os.environ["TORCH_HOME"] = before


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until it holds; fail if it does not for two minutes."""
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)
