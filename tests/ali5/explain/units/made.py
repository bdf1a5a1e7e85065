"""Networks to take apart, and numbers of theirs."""

import random

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import ali5
from ali5.explain import Box, effective_field, unit


def trace_of(module: nn.Module, image: Tensor | None = None, size: int = 12) -> ali5.Trace:
    torch.manual_seed(7)
    network = ali5.wrap(module, size=size, device="cpu")
    return ali5.trace(network, torch.randn(1, 3, size, size) if image is None else image)


def random_place(step: ali5.Step, seed: random.Random) -> tuple[int, ...]:
    return tuple(seed.randrange(count) for count in step.shape[1:])


def check_tight(trace: ali5.Trace, step: ali5.Step, seed: random.Random) -> None:
    found = unit(trace, step.name, *random_place(step, seed))
    field = effective_field(trace, step.name, found.channel, found.row, found.column)
    assert bounds(field) == found.seen, found


def bounds(field: Tensor) -> Box:
    places = field.nonzero()
    if not len(places):
        return Box(0, 0, 0, 0)
    top, left = places.amin(0).tolist()
    bottom, right = (places.amax(0) + 1).tolist()
    return Box(top, left, bottom, right)


even_padding = pytest.mark.filterwarnings("ignore:Using padding='same'")


class Everything(nn.Module):
    """Windows of every kind: groups, dilation, even kernels, oblong ones, uneven shares, joins."""

    def __init__(self, mode: str = "zeros") -> None:
        super().__init__()
        self.oblong = nn.Conv2d(3, 6, (3, 5), stride=(1, 2), padding=(1, 2), bias=False)
        self.grouped = nn.Conv2d(6, 9, 3, padding=2, dilation=2, groups=3, padding_mode=mode)
        self.same = nn.Conv2d(9, 4, (4, 2), padding="same", dilation=(1, 2))
        self.ceil = nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False)
        self.wide = nn.Conv2d(6, 4, 2, stride=2, padding=1)
        self.shares = nn.AdaptiveAvgPool2d((4, 3))
        self.largest = nn.AdaptiveMaxPool2d((3, 2))
        self.pick = nn.MaxPool2d(2, 1, dilation=(1, 2))
        self.norm = nn.BatchNorm2d(8, track_running_stats=False)
        self.head = nn.Linear(8, 5)

    def forward(self, image: Tensor) -> Tensor:
        maps = self.oblong(image)
        one = self.shares(self.ceil(self.same(self.grouped(maps))))
        two = self.shares(self.wide(maps))
        maps = self.norm(torch.cat((one, two), dim=1))
        maps = self.largest(self.pick(maps) + 1.5)
        return self.head(F.silu(maps).mean((2, 3)))
