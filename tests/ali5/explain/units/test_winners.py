"""The largest numbers, back to where they were made."""

import math
import random

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

import ali5
from ali5.explain import effective_field, path_of_winners, unit
from ali5.graph.kinds import Operation
from tests.ali5.explain.units.made import random_place, trace_of
from tests.conftest import COMPACT


@pytest.mark.parametrize("name", COMPACT)
def test_winners_lead_back_to_where_the_number_was_made(name: str, cat: Image.Image) -> None:
    trace, seed = ali5.trace(ali5.load(name, "compact", device="cpu"), cat), random.Random(name)
    for step in trace.steps:
        if step.operation is not Operation.MAX_POOLING:
            continue
        channel, row, column = random_place(step, seed)
        path = path_of_winners(trace, step.name, channel, row, column)
        source = trace[path[1].step].output
        settings = {**step.settings, "return_indices": True}
        _, index = F.max_pool2d(source, **settings)
        assert path[1].row * source.shape[3] + path[1].column == index[0, channel, row, column]
        assert path[1].value == path[0].value
        assert trace[path[-1].step].operation is Operation.CONVOLUTION
        for place in path:
            assert place.value == float(trace[place.step].output[(0, *place[1:4])])


def test_the_first_of_equal_numbers_wins() -> None:
    image = torch.zeros(1, 3, 4, 4)
    image[0, 1, 0, 1] = image[0, 1, 1, 0] = 2.0
    module = nn.Sequential(nn.MaxPool2d(3, 2, padding=1), nn.Flatten(), nn.Linear(12, 2))
    found = unit(trace_of(module, image, size=4), "0", 1, 0, 0)
    assert found.winner == (0, 1)
    assert found.terms[0].patch[0].tolist() == [-math.inf] * 3
    assert effective_field(trace_of(module, image, size=4), "0", 1).nonzero().tolist() == [[0, 1]]
