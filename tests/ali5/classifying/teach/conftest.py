"""Networks that are taught, and one that was."""

from __future__ import annotations

import pytest

import ali5
from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.teaching import Taught, teach


@pytest.fixture(scope="session")
def resnet() -> ali5.Network:
    return ali5.load("resnet18", device="cpu")


@pytest.fixture(scope="session")
def lenet() -> ali5.Network:
    return ali5.load("lenet5", "colour", device="cpu")


@pytest.fixture(scope="session")
def taught(lenet: ali5.Network) -> Taught:
    return teach(lenet, example_groups("shapes"))
