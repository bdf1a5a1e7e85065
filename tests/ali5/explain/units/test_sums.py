"""Numbers that are sums, by hand."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

import ali5
from ali5.explain import effective_field, unit
from tests.ali5.explain.units.made import trace_of


def test_a_convolution_by_hand() -> None:
    conv = nn.Conv2d(3, 2, 3, padding=1)
    conv.weight.data = torch.arange(54.0).reshape(2, 3, 3, 3)
    conv.bias.data = torch.tensor([0.5, -1.0])
    module = nn.Sequential(conv, nn.Flatten(), nn.Linear(18, 2))
    trace = trace_of(module, torch.arange(27.0).reshape(1, 3, 3, 3), size=3)
    found = unit(trace, "0", 1, 0, 2)
    term = found.terms[0]
    assert (term.source, term.channel) == ("input", 0)
    assert (term.rows, term.columns) == ((-1, 0, 1), (1, 2, 3))
    assert term.patch.tolist() == [[0, 0, 0], [1, 2, 0], [4, 5, 0]]
    assert term.weights is not None
    assert term.weights.tolist() == [[27, 28, 29], [30, 31, 32], [33, 34, 35]]
    assert term.contribution == 30 + 62 + 132 + 170
    assert found.bias == -1
    # The second channel holds 9 more and has weights larger by 9, the third 18.
    others = [10 * 39 + 11 * 40 + 13 * 42 + 14 * 43, 19 * 48 + 20 * 49 + 22 * 51 + 23 * 52]
    assert found.total == found.value == 394 + sum(others) - 1
    assert [term.channel for term in found.ranked()] == [2, 1, 0]
    assert found.running(found.ranked()) == (others[1], sum(others), sum(others) + 394, found.total)
    assert found.receptive_field == (-1, 1, 2, 4)
    assert found.seen == (0, 1, 2, 3)


def test_a_fully_connected_layer_over_maps_has_a_term_for_each_map(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("alexnet", "compact", device="cpu"), cat)
    found = unit(trace, "fc6", 5)
    assert (len(found.terms), found.terms[0].source) == (192, "pool5")
    assert found.terms[7].channel == 7
    assert found.terms[7].patch.tolist() == trace["pool5"].output[0, 7].tolist()
    later = unit(trace, "fc7", 5)
    assert (len(later.terms), later.terms[0].source) == (640, "dropout7")
    assert later.terms[9].patch.shape == (1, 1)


def test_a_sum_of_branches_shows_both(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("resnet18", device="cpu"), cat)
    found = unit(trace, "layer2.1.add", 3, 2, 5)
    assert [term.source for term in found.terms] == ["layer2.1.bn2", "layer2.0.relu_2"]
    assert sum(term.contribution for term in found.terms) == pytest.approx(found.value, abs=1e-6)
    assert found.bias is None


def test_a_concatenation_tells_the_branch(cat: Image.Image) -> None:
    trace = ali5.trace(ali5.load("googlenet", "compact", device="cpu"), cat)
    found = unit(trace, "inception3a.cat", 40 + 3, 1, 2)  # 64 · 5/8 channels of the 1 × 1 branch
    assert (found.terms[0].source, found.terms[0].channel) == ("inception3a.relu3x3", 3)
    one, three = (unit(trace, "inception3a.cat", channel, 1, 2) for channel in (39, 43))
    assert three.receptive_field.width == one.receptive_field.width + 8  # one pixel more each side


class Standardised(nn.Conv2d):
    """A convolution that does more than its weights say."""

    def forward(self, maps: Tensor) -> Tensor:
        weight = self.weight - self.weight.mean((1, 2, 3), keepdim=True)
        return F.conv2d(maps, weight * 3, self.bias)


class Cut(nn.Module):
    """Buffers and parameters that are added, what is unknown, and a gradient that is cut off."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = Standardised(3, 4, 3)
        self.offset = nn.Parameter(torch.randn(4, 1, 1))
        self.register_buffer("shift", torch.randn(1, 4, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        maps = self.conv(image)
        maps = torch.add(maps + self.offset, 3, alpha=2)
        maps = maps + self.shift
        maps = maps * 2
        maps = torch.add(maps, maps.detach(), alpha=0.5)
        return maps.detach().mean((2, 3))


def test_what_a_network_makes_of_its_weights_is_explained() -> None:
    trace = trace_of(Cut())
    module = trace.network.module
    found = unit(trace, "conv.conv2d", 1, 2, 3)
    weight = module.conv.weight[1]
    assert found.weights is not None
    assert torch.allclose(found.weights.float(), (weight - weight.mean()) * 3, atol=1e-6)
    assert found.kind == "sum"
    added = {"add": module.offset[1], "add_2": 6.0, "add_3": module.shift[0, 1]}
    written = ali5.trace(replace(trace.network, readable=False), trace.image.clone())
    for way in (trace, written):
        for name, value in added.items():
            sum_ = unit(way, name, 1, 2, 3)
            assert (sum_.kind, sum_.bias) == ("sum", pytest.approx(float(value)))
    twice = unit(trace, "add_4", 1, 2, 3).weights
    assert twice is not None
    assert twice.flatten().tolist() == [1.0, 0.5]
    assert unit(trace, "mean", 1).kind == "average"
    with pytest.raises(ali5.Ali5Error, match="No gradient comes back from step 'mean'"):
        effective_field(trace, "mean", 1)
