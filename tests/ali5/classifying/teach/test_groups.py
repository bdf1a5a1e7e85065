"""Groups of pictures, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ali5.classifying.teach.groups import faults_of
from ali5.pictures.batches import in_folders, read_batch


def fault(*groups: tuple[str, Sequence[str]]) -> str:
    (only,) = faults_of(groups)
    return only


def test_each_fault_is_one_sentence() -> None:
    good = ("cats", ["1", "2", "3"])
    assert "at least two groups" in fault(good)
    assert fault(good, ("dogs", ["4", "5"])).startswith("“dogs” has 2 pictures: bring at least 3")
    assert "has no pictures" in fault(good, ("dogs", []))
    assert "Two groups are called “cats”" in fault(good, (" CATS ", ["4", "5", "6"]))
    assert fault(good, ("  ", ["4", "5", "6"])) == "Group 2 has no name. Give it one."
    assert "longer than 40 letters" in fault(good, ("x" * 41, ["4", "5", "6"]))
    assert "“dogs” holds one picture twice" in fault(good, ("dogs", ["4", "5", "6", "6"]))
    shared = fault(good, ("dogs", ["4", "5", "1"]))
    assert shared.startswith("One picture is both in “cats” and in “dogs”.")
    assert fault(good, ("dogs", ["3", "2", "1"])).startswith("3 pictures are both in")
    many = [(f"g{n}", [f"{n}-{i}" for i in range(3)]) for n in range(11)]
    assert "11 groups are too many: at most 10" in fault(*many)
    assert "201 pictures are too many" in fault(good, ("d", [f"d{n}" for n in range(198)]))
    assert faults_of([good, ("dogs", ["4", "5", "6"])]) == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["cats/1.png", "cats/2.png", "dogs/1.png"], {"cats": 2, "dogs": 1}),
        (["mine/cats/1.png", "mine/dogs/old/1.png"], {"cats": 1, "dogs": 1}),
        (["cats\\1.png", "dogs\\1.png"], {"cats": 1, "dogs": 1}),
        (["1.png", "cats/1.png"], {"": 1, "cats": 1}),
        (["cats/1.png", "cats/2.png"], {"cats": 2}),
        ([], {}),
    ],
)
def test_every_folder_of_an_archive_is_a_group(names: list[str], expected: dict[str, int]) -> None:
    found = in_folders(read_batch([(name, b"x") for name in names]))
    assert {name: len(members) for name, members in found.items()} == expected
