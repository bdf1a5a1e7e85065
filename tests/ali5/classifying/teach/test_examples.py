"""Pictures for those who have none."""

from __future__ import annotations

import itertools

import pytest

from ali5.classifying.teach.examples import example_groups
from ali5.classifying.teach.groups import faults_of
from ali5.pictures.images import digest_of


@pytest.mark.parametrize("name", ["shapes", "digits", "photographs"])
def test_the_examples_can_be_taught(name: str) -> None:
    groups = example_groups(name)
    assert (
        faults_of([(each, [digest_of(i) for i in images]) for each, images in groups.items()]) == ()
    )


def test_no_two_pictures_of_an_example_are_the_same() -> None:
    for name in ("shapes", "digits", "photographs"):
        digests = [digest_of(image) for image in itertools.chain(*example_groups(name).values())]
        assert len(set(digests)) == len(digests)
