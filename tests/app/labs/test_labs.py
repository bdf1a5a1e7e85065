"""What the labs share: the toy picture, and what can be answered to a question."""

import numpy as np

from ali5.site.app.labs.questions import options_around
from ali5.site.app.labs.toy import toy_cells


def test_options_have_no_repeats_and_hold_the_answer() -> None:
    assert options_around(3, 3, 2, -1) == ("2", "3", "4")
    assert options_around(1000, 5, 7, 9, 11) == ("5", "7", "9", "1,000")


def test_toy_cells_are_small_whole_numbers() -> None:
    cells = toy_cells()
    assert cells.shape == (3, 16, 16)
    assert cells.min() == 0
    assert cells.max() == 9
    assert len(np.unique(cells[0, :5, :5])) >= 5
