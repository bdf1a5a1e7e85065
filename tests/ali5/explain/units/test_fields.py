"""What a number sees is what has a gradient, and nothing else."""

import itertools
import random
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.explain import Box, effective_field, growth, unit
from ali5.graph.kinds import Operation
from tests.ali5.explain.units.made import (
    Everything,
    bounds,
    check_tight,
    even_padding,
    random_place,
    trace_of,
)
from tests.ali5.graph.test_geometry import open_up
from tests.conftest import COMPACT, loaded


@pytest.mark.parametrize("name", COMPACT)
def test_the_gradient_is_zero_outside_what_is_seen(name: str, cat: Image.Image) -> None:
    trace, seed = ali5.trace(loaded(name), cat), random.Random(name)
    nonzero = 0
    for step in [trace.steps[0], *seed.sample(trace.steps[1:], 8)]:
        found = unit(trace, step.name, *random_place(step, seed))
        field = effective_field(trace, step.name, found.channel, found.row, found.column)
        nonzero += int(field.count_nonzero())
        top, left, bottom, right = found.seen
        field[top:bottom, left:right] = 0
        assert not field.any(), found
    assert nonzero > 100


@pytest.mark.parametrize("name", COMPACT)
def test_the_box_is_tight_where_every_path_is_open(name: str) -> None:
    network = ali5.load(name, "compact", weights="untrained", device="cpu")
    open_up(network.module.double())
    network.module.eval()
    size, channels = network.edition.preprocessing.size, network.edition.preprocessing.channels
    torch.manual_seed(1)
    image = torch.rand(1, channels, size, size, dtype=torch.double)
    trace, seed = ali5.trace(network, image), random.Random(name)
    joins = [step for step in trace.steps if step.operation is Operation.CONCATENATION]
    for step in [*seed.sample(trace.steps[:-1], 8), *joins[:2], trace["flatten"]]:
        check_tight(trace, step, seed)


@even_padding
def test_the_box_is_tight_for_windows_of_every_kind() -> None:
    network = ali5.wrap(Everything(), size=17, device="cpu")
    open_up(network.module.double())
    network.module.norm = nn.Identity()  # its statistics look at all of the map
    network.module.largest = nn.AdaptiveAvgPool2d((3, 2))
    network.module.eval()
    image, seed = torch.rand(1, 3, 17, 13, dtype=torch.double), random.Random(4)
    trace = ali5.trace(network, image)
    for step in trace.steps[:-1]:  # the softmax saturates
        for _ in range(12):
            check_tight(trace, step, seed)


@pytest.mark.parametrize("name", COMPACT)
def test_fields_grow_from_one_pixel_to_the_receptive_field(name: str, cat: Image.Image) -> None:
    trace, seed = ali5.trace(loaded(name), cat), random.Random(name)
    for step in seed.sample(trace.steps, 6):
        channel, row, column = (*random_place(step, seed), 0, 0)[:3]
        way = growth(trace, step.name, row, column, channel)
        assert (way[0].step, way[-1].step) == ("input", step.name)
        assert (way[0].field.height, way[0].field.width) == (1, 1)
        assert way[-1].field == unit(trace, step.name, channel, row, column).receptive_field
        assert way[-1].box == Box(row, column, row + 1, column + 1)
        for earlier, later in itertools.pairwise(way):
            assert earlier.step in trace[later.step].inputs
            assert later.field.around(earlier.field) == later.field


class Exchanged(nn.Module):
    """Two halves of different sight, exchanged before they are joined."""

    def __init__(self) -> None:
        super().__init__()
        self.near, self.far = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 5, padding=2)

    def forward(self, image: Tensor) -> Tensor:
        maps = torch.cat((self.near(image), self.far(image)), 1)
        one, two = maps.chunk(2, 1)
        maps = torch.cat((two, one), 1)
        return maps.mean((2, 3))


@pytest.mark.parametrize("readable", [True, False])
def test_branches_that_were_exchanged_are_not_mixed_up(readable: bool) -> None:
    trace = trace_of(Exchanged())
    trace = ali5.trace(replace(trace.network, readable=readable), trace.image.clone())
    assert unit(trace, "cat", 0, 4, 4).seen == (4, 4, 5, 5)
    assert unit(trace, "cat", 2, 4, 4).seen == (2, 2, 7, 7)
    for channel in range(4):
        found = unit(trace, "cat_2", channel, 4, 4)
        assert found.kind == ("copy" if readable else "other")
        field = bounds(effective_field(trace, "cat_2", channel, 4, 4))
        assert found.seen.around(field) == found.seen


class Halves(nn.Module):
    """Two branches of different sight that stay apart; writes into the picture it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.near, self.far = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 5, padding=2)
        self.apart = nn.Conv2d(4, 6, 3, padding=1, groups=2)
        self.norm = nn.LocalResponseNorm(3)

    def forward(self, image: Tensor) -> Tensor:
        image.relu_()
        maps = self.norm(self.apart(torch.cat((self.near(image), self.far(image)), 1)))
        return maps.mean((2, 3))


@pytest.mark.parametrize("readable", [True, False])
def test_a_group_sees_its_own_branch(readable: bool) -> None:
    trace = trace_of(Halves())
    trace = ali5.trace(replace(trace.network, readable=readable), trace.image.clone())
    widths = {
        "apart": [3, 3, 3, 7, 7, 7],
        "norm": [3, 3, 7, 7, 7, 7],
    }  # norm: a neighbour each side
    for name, expected in widths.items():
        for channel, width in enumerate(expected):
            found = unit(trace, name, channel, 5, 6)
            assert (found.seen.height, found.seen.width) == (width, width)
            assert bounds(effective_field(trace, name, channel, 5, 6)) == found.seen
